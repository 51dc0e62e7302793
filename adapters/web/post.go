package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"ella/bot"
)

// keepWithin is how long what a person did may take to be kept, once it is in.
const keepWithin = 5 * time.Second

// post is the body of every POST. Which fields count depends on the path.
type post struct {
	Key     string   `json:"key"`
	Hint    string   `json:"hint"`
	Text    string   `json:"text"`
	Data    string   `json:"data"`
	Message int64    `json:"message"`
	Lat     *float64 `json:"lat"`
	Lng     *float64 `json:"lng"`
	Blocked bool     `json:"blocked"`
}

// readPost reads and checks the part of a body that all have in common. Its
// error is a refusal.
func readPost(w http.ResponseWriter, r *http.Request) (post, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return post{}, errInput
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return post{}, errLong
	case err != nil || !utf8.Valid(body):
		return post{}, errInput
	}
	var p post
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if d.Decode(&p) != nil || d.More() || !isKey(p.Key) || !readable(p.Text) || !readable(p.Data) {
		return post{}, errInput
	}
	return p, nil
}

// update is what a POST asks to be taken in. Its error is a refusal.
func (p post) update(kind bot.UpdateKind, phone string, at int64) (update, error) {
	u := update{Version: updateVersion, Kind: kind, Phone: phone, Key: p.Key, At: at, Hint: languageTag(p.Hint)}
	switch kind {
	case bot.TextSent:
		if units(p.Text) > MaxTextUnits {
			return update{}, errLong
		}
		if strings.TrimSpace(p.Text) == "" {
			return update{}, errEmpty
		}
		u.Text = p.Text
	case bot.ButtonPressed:
		if p.Data == "" || len(p.Data) > MaxData || p.Message < 1 {
			return update{}, errInput
		}
		u.Data, u.Message = p.Data, p.Message
	case bot.LocationShared:
		if !onEarth(p.Lat, p.Lng) {
			return update{}, errInput
		}
		u.Lat, u.Lng = p.Lat, p.Lng
	}
	return u, nil
}

// posted answers the POSTs of a phone with one kind of update: 200 once it is
// durable, and otherwise a refusal. The same key may be sent again at any time.
func (a *Adapter) posted(kind bot.UpdateKind) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		seq, err := a.act(w, r, kind)
		if err != nil {
			refuse(w, err)
			return
		}
		writeJSON(w, http.StatusOK, Taken{Seq: seq})
	}
}

func (a *Adapter) act(w http.ResponseWriter, r *http.Request, kind bot.UpdateKind) (int64, error) {
	p, err := readPost(w, r)
	if err != nil {
		return 0, err
	}
	ctx := r.Context()
	if err := a.load(ctx); err != nil {
		a.log.Warn("web: the phones can't be read", "err", err)
		return 0, errBusy
	}
	a.mu.Lock()
	c := a.chat(r.PathValue("id"))
	blocked := c != nil && c.blocked
	a.mu.Unlock()
	if c == nil {
		return 0, errGone
	}
	if kind == bot.ChatBlocked && !p.Blocked {
		kind = bot.ChatUnblocked
	}
	u, err := p.update(kind, c.phone.ID, a.now())
	if err != nil {
		return 0, err
	}
	if blocked && kind != bot.ChatBlocked && kind != bot.ChatUnblocked {
		return 0, errBlocked
	}
	switch kind {
	case bot.ButtonPressed:
		return 0, a.press(ctx, c, u)
	case bot.ChatBlocked, bot.ChatUnblocked:
		return 0, a.block(ctx, c, u)
	}
	return a.say(ctx, c, u)
}

// say takes in what a person sent, and then shows it as their own item.
func (a *Adapter) say(ctx context.Context, c *chat, u update) (int64, error) {
	a.mu.Lock()
	seq, known := c.own(u.Key)
	if !known {
		// Numbered before it is in: the answer may be faster than this.
		seq = c.reserve()
	}
	a.mu.Unlock()
	if known {
		return seq, nil
	}
	if err := a.accept(ctx, u); err != nil {
		return 0, err
	}
	own, _ := updateOf(u.Kind)
	it := Item{Phone: c.phone.ID, Seq: seq, From: FromMe, At: u.At, Own: own, Text: u.Text, Key: u.Key}

	// It is in, whether or not whoever sent it still waits.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepWithin)
	defer cancel()
	if c.writing.enter(ctx) == nil {
		defer c.writing.leave()
	}
	a.mu.Lock()
	first, known := c.own(u.Key)
	a.mu.Unlock()
	if known {
		return first, nil
	}
	a.kept(a.keep(ctx, it, nil))
	a.show(c, it)
	return seq, nil
}

// press takes in the press of a button, and then marks it.
func (a *Adapter) press(ctx context.Context, c *chat, u update) error {
	revision := 0
	a.mu.Lock()
	if it := c.find(u.Message); it != nil {
		revision = it.revision
	}
	a.mu.Unlock()
	if err := a.accept(ctx, u); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepWithin)
	defer cancel()
	if c.writing.enter(ctx) == nil {
		defer c.writing.leave()
	}
	a.mu.Lock()
	it := c.find(u.Message)
	marked := it != nil && it.revision == revision && it.hasButton(u.Data)
	if marked {
		it.Pressed = u.Data
		a.journal.add(EventItem, it.Item)
	}
	a.mu.Unlock()
	if marked {
		key := itemKey(pressedShelf, c.phone.ID, u.Message)
		a.kept(a.shelf.Put(ctx, a.account, map[string][]byte{key: []byte(u.Data)}))
	}
	return nil
}

// block takes in that the person blocked Ella, or lifted it, and then does so.
func (a *Adapter) block(ctx context.Context, c *chat, u update) error {
	if err := a.accept(ctx, u); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepWithin)
	defer cancel()
	if c.writing.enter(ctx) == nil {
		defer c.writing.leave()
	}
	a.mu.Lock()
	c.blocked = u.Kind == bot.ChatBlocked
	r := phoneRecord{Role: c.phone.Role, Key: c.key, N: a.position(c), Blocked: c.blocked}
	a.journal.add(EventPhone, a.state(c, false))
	a.mu.Unlock()
	a.kept(a.keepPhone(ctx, c.phone.ID, r))
	return nil
}

// kept notes that the page shows something that the shelf does not keep. What
// the person did is in all the same.
func (a *Adapter) kept(err error) {
	if err != nil {
		a.log.Warn("web: what a phone shows can't be kept", "err", err)
	}
}

// position is where a phone stands. Call it with mu held.
func (a *Adapter) position(c *chat) int {
	for i, other := range a.chats {
		if other == c {
			return i
		}
	}
	return len(a.chats)
}

// addPhone answers POST /phones: one more member. The same key makes one phone.
func (a *Adapter) addPhone(w http.ResponseWriter, r *http.Request) {
	p, err := readPost(w, r)
	if err != nil {
		refuse(w, err)
		return
	}
	state, err := a.add(r.Context(), p.Key)
	if err != nil {
		refuse(w, err)
		return
	}
	writeJSON(w, http.StatusOK, state)
}

func (a *Adapter) add(ctx context.Context, key string) (PhoneState, error) {
	if a.load(ctx) != nil || a.adding.enter(ctx) != nil {
		return PhoneState{}, errBusy
	}
	defer a.adding.leave()
	a.mu.Lock()
	n := len(a.chats)
	for _, c := range a.chats {
		if c.key == key {
			defer a.mu.Unlock()
			return a.state(c, false), nil
		}
	}
	id := ""
	for i := 2; id == "" || a.chat(id) != nil; i++ {
		id = fmt.Sprintf("%s-%d", RoleMember, i)
	}
	a.mu.Unlock()
	if n >= MaxPhones {
		return PhoneState{}, errFull
	}
	c := newChat(Phone{ID: id, Role: RoleMember})
	c.key = key
	if a.onNewPhone != nil {
		if err := a.onNewPhone(ctx, c.phone); err != nil {
			a.log.Warn("web: a phone was not added", "err", err)
			return PhoneState{}, errBusy
		}
	}
	if err := a.keepPhone(ctx, id, phoneRecord{Role: c.phone.Role, Key: key, N: n}); err != nil {
		a.log.Warn("web: a phone can't be kept", "err", err)
		return PhoneState{}, errBusy
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.chats = append(a.chats, c)
	state := a.state(c, false)
	a.journal.add(EventPhone, state)
	return state, nil
}

// refuse answers with a refusal; what is none is a fault of ours.
func refuse(w http.ResponseWriter, err error) {
	var r refusal
	if !errors.As(err, &r) {
		r = errBusy
	}
	r.write(w)
}
