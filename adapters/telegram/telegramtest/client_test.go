package telegramtest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ella/adapters/telegram/telegramtest"
)

// clock is a server's clock that goes on only when told.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 9, 5, 15, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// reply is an answer of the API.
type reply struct {
	OK          bool            `json:"ok"`
	Result      json.RawMessage `json:"result"`
	Code        int             `json:"error_code"`
	Description string          `json:"description"`
	Parameters  struct {
		RetryAfter int   `json:"retry_after"`
		MigrateTo  int64 `json:"migrate_to_chat_id"`
	} `json:"parameters"`
	status int
	header http.Header
	err    error // when there was no answer at all
}

// said is the description of an error, or what is wrong about the answer.
func (r reply) said() string {
	switch {
	case r.err != nil:
		return "no answer: " + r.err.Error()
	case r.OK:
		return "ok"
	}
	return r.Description
}

// id is the message_id of a result.
func (r reply) id() int64 {
	var m struct {
		ID int64 `json:"message_id"`
	}
	_ = json.Unmarshal(r.Result, &m)
	return m.ID
}

// bot calls the server as plain HTTP, and holds each result against the table of
// what the method returns.
type bot struct {
	t    *testing.T
	s    *telegramtest.Server
	http *http.Client
}

// set is the parameters of a call.
type set map[string]any

func newBot(t *testing.T, o telegramtest.Options) (*telegramtest.Server, *bot) {
	t.Helper()
	s := telegramtest.New(t, o)
	return s, &bot{t, s, &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 50}}}
}

// unlimited is a server on which pace is not what is tested.
func unlimited(t *testing.T) (*telegramtest.Server, *bot) {
	t.Helper()
	return newBot(t, telegramtest.Options{Limits: telegramtest.Limits{Off: true}})
}

func (b *bot) call(method string, p set) reply {
	b.t.Helper()
	return b.callIn(context.Background(), method, p)
}

func (b *bot) callIn(ctx context.Context, method string, p set) reply {
	b.t.Helper()
	body, err := json.Marshal(p)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.post(ctx, method, "application/json", bytes.NewReader(body))
}

func (b *bot) post(ctx context.Context, method, kind string, body io.Reader) reply {
	b.t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, b.s.URL()+"/bot"+b.s.Token()+"/"+method, body)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	got := b.send(r)
	if got.OK && method != "getUpdates" {
		for _, wrong := range telegramtest.WireFaults(telegramtest.Returns(method), got.Result) {
			b.t.Errorf("the result of %s: %s: %s", method, wrong, got.Result)
		}
	}
	return got
}

func (b *bot) send(r *http.Request) (got reply) {
	w, err := b.http.Do(r)
	if err != nil {
		return reply{err: err}
	}
	defer w.Body.Close()
	raw, err := io.ReadAll(w.Body)
	if err == nil {
		err = json.Unmarshal(raw, &got)
	}
	got.err, got.status, got.header = err, w.StatusCode, w.Header
	return got
}

// want calls a method that must answer so: "ok", or the description of an error.
func (b *bot) want(answer, method string, p set) reply {
	b.t.Helper()
	got := b.call(method, p)
	if got.said() != answer {
		b.t.Errorf("%s of %.200s\nanswers %q\nand not %q", method, fmt.Sprint(p), got.said(), answer)
	}
	return got
}

// say sends a text that must arrive.
func (b *bot) say(chat int64, text string) reply {
	b.t.Helper()
	return b.want("ok", "sendMessage", set{"chat_id": chat, "text": text})
}

// breaches checks which rules were broken since the test began, and nothing else.
func (b *bot) breaches(want ...telegramtest.Rule) {
	b.t.Helper()
	var got []telegramtest.Rule
	for _, one := range b.s.Breaches() {
		got = append(got, one.Rule)
	}
	if !slices.Equal(got, want) {
		b.t.Errorf("the breaches are %q, want %q", b.s.Breaches(), want)
	}
}

// updates is one getUpdates. Each update is held against the table, but for those
// of the kinds that tests make up.
func (b *bot) updates(p set) []update {
	b.t.Helper()
	got := b.want("ok", "getUpdates", p)
	return b.read(got.Result)
}

func (b *bot) read(result json.RawMessage) (all []update) {
	b.t.Helper()
	var raws []json.RawMessage
	if err := json.Unmarshal(result, &raws); err != nil {
		b.t.Fatalf("no updates: %v", err)
	}
	for _, raw := range raws {
		all = append(all, readUpdate(b.t, raw))
	}
	return all
}

func readUpdate(t *testing.T, raw []byte) (u update) {
	t.Helper()
	if err := json.Unmarshal(raw, &u); err != nil {
		t.Fatalf("an update: %v", err)
	}
	u.raw = string(raw)
	for _, wrong := range telegramtest.WireFaults([]string{"Update"}, raw) {
		if !strings.Contains(u.raw, "made_up") {
			t.Errorf("an update: %s: %s", wrong, raw)
		}
	}
	return u
}

// update is one on the wire, as far as tests read it.
type update struct {
	ID           int64         `json:"update_id"`
	Message      *wireMessage  `json:"message"`
	Edited       *wireMessage  `json:"edited_message"`
	ChannelPost  *wireMessage  `json:"channel_post"`
	Query        *wireQuery    `json:"callback_query"`
	MyChatMember *memberChange `json:"my_chat_member"`
	raw          string
}

type person struct {
	ID        int64  `json:"id"`
	FirstName string `json:"first_name"`
	Username  string `json:"username"`
	Language  string `json:"language_code"`
	IsBot     bool   `json:"is_bot"`
}

type place struct {
	ID   int64  `json:"id"`
	Type string `json:"type"`
}

type wireMessage struct {
	ID         int64                 `json:"message_id"`
	Thread     int64                 `json:"message_thread_id"`
	IsTopic    bool                  `json:"is_topic_message"`
	Date       int64                 `json:"date"`
	From       *person               `json:"from"`
	SenderChat *place                `json:"sender_chat"`
	Chat       place                 `json:"chat"`
	Text       string                `json:"text"`
	Caption    string                `json:"caption"`
	Entities   []telegramtest.Entity `json:"entities"`
	ReplyTo    *wireMessage          `json:"reply_to_message"`
	Origin     *struct {
		Type string  `json:"type"`
		User *person `json:"sender_user"`
	} `json:"forward_origin"`
	Sticker, Voice, Contact, Photo, Document any
	Location                                 *struct {
		Lat float64 `json:"latitude"`
		Lng float64 `json:"longitude"`
	} `json:"location"`
	NewMembers  []person `json:"new_chat_members"`
	MigrateTo   int64    `json:"migrate_to_chat_id"`
	MigrateFrom int64    `json:"migrate_from_chat_id"`
	PaidMedia   any      `json:"paid_media"`
}

type wireQuery struct {
	ID      string       `json:"id"`
	From    person       `json:"from"`
	Message *wireMessage `json:"message"`
	Data    string       `json:"data"`
}

type memberChange struct {
	Chat     place  `json:"chat"`
	From     person `json:"from"`
	Old, New struct {
		Status string `json:"status"`
		User   person `json:"user"`
	}
}

func (m *memberChange) UnmarshalJSON(raw []byte) error {
	var w struct {
		Chat place           `json:"chat"`
		From person          `json:"from"`
		Old  json.RawMessage `json:"old_chat_member"`
		New  json.RawMessage `json:"new_chat_member"`
	}
	if err := json.Unmarshal(raw, &w); err != nil {
		return err
	}
	m.Chat, m.From = w.Chat, w.From
	if err := json.Unmarshal(w.Old, &m.Old); err != nil {
		return err
	}
	return json.Unmarshal(w.New, &m.New)
}

func ids(all []update) (ids []int64) {
	for _, u := range all {
		ids = append(ids, u.ID)
	}
	return ids
}
