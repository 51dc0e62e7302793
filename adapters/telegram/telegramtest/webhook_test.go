package telegramtest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ella/adapters/telegram/telegramtest"
)

// ear is a bot's end of a webhook. It answers what answer says, by default 200.
type ear struct {
	t      *testing.T
	server *httptest.Server
	heard  chan update

	mu     sync.Mutex
	answer func(u update, w http.ResponseWriter)
	secret string
}

func newEar(t *testing.T) *ear {
	t.Helper()
	e := &ear{t: t, heard: make(chan update, 1000), answer: func(update, http.ResponseWriter) {}}
	e.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s with %q: %v", r.Method, r.Header.Get("Content-Type"), err)
		}
		e.mu.Lock()
		answer := e.answer
		e.secret = r.Header.Get("X-Telegram-Bot-Api-Secret-Token")
		e.mu.Unlock()
		u := readUpdate(t, raw)
		answer(u, w)
		e.heard <- u
	}))
	t.Cleanup(e.server.Close)
	return e
}

func (e *ear) answers(f func(u update, w http.ResponseWriter)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.answer = f
}

func TestWebhook(t *testing.T) {
	s, b := unlimited(t)
	e := newEar(t)
	user := s.AddUser(telegramtest.User{FirstName: "x", Started: true})
	before := s.Say(user, "before").Update
	b.want("ok", "setWebhook", set{"url": e.server.URL + "/hook", "secret_token": "Secret_-1", "max_connections": 7, "allowed_updates": []string{"message", "callback_query"}})
	if got := await(t, e.heard, "what waited"); got.ID != before || e.secret != "Secret_-1" {
		t.Errorf("there comes %d with %q", got.ID, e.secret)
	}
	after := s.Say(user, "after").Update
	if got := await(t, e.heard, "what is new"); got.ID != after {
		t.Errorf("there comes %d", got.ID)
	}
	waitFor(t, func() bool { return len(s.Pending()) == 0 && s.Acknowledged(after) })
	if got := b.want("ok", "getWebhookInfo", nil); !strings.Contains(string(got.Result), `"url":"`+e.server.URL+`/hook"`) ||
		!strings.Contains(string(got.Result), `"max_connections":7`) || !strings.Contains(string(got.Result), `"allowed_updates":["message","callback_query"]`) {
		t.Errorf("the webhook is %s", got.Result)
	}
	if got := b.want("Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first", "getUpdates", nil); got.Code != 409 {
		t.Errorf("it is refused with %d", got.Code)
	}
	if s.Block(user).Update != 0 {
		t.Error("an update comes that was not asked for")
	}
	s.Unblock(user)
	b.breaches()
}

func TestWebhookRetries(t *testing.T) {
	s, b := newBot(t, telegramtest.Options{Limits: telegramtest.Limits{Off: true}, Backoff: 0.001})
	e := newEar(t)
	user := s.AddUser(telegramtest.User{FirstName: "x", Started: true})
	other := s.AddUser(telegramtest.User{FirstName: "y", Started: true})
	tries := map[int64]int{}
	e.answers(func(u update, w http.ResponseWriter) {
		if u.Message.Chat.ID == user && u.Message.Text == "first" {
			if tries[u.ID]++; tries[u.ID] < 4 {
				w.WriteHeader(http.StatusInternalServerError)
			}
		}
	})
	b.want("ok", "setWebhook", set{"url": e.server.URL, "max_connections": 1})
	first, second := s.Say(user, "first").Update, s.Say(user, "second").Update
	elsewhere := s.Say(other, "of somebody else").Update
	var got []int64
	for range 6 {
		got = append(got, await(t, e.heard, "a delivery").ID)
	}
	// The second of the same chat waits for the first, that of another does not.
	i, j := slices.Index(got, second), slices.Index(got, elsewhere)
	if n := len(slices.DeleteFunc(slices.Clone(got), func(id int64) bool { return id != first })); n != 4 || i != 5 || j < 0 || j > 4 {
		t.Errorf("%d, %d and %d come as %d", first, second, elsewhere, got)
	}
	if info := b.want("ok", "getWebhookInfo", nil); !strings.Contains(string(info.Result), `"last_error_message":"Wrong response from the webhook: 500 Internal Server Error"`) {
		t.Errorf("the webhook is %s", info.Result)
	}
	// Out of reach.
	waitFor(t, func() bool { return len(s.Pending()) == 0 })
	e.server.Close()
	id := s.Say(user, "lost").Update
	waitFor(t, func() bool {
		return strings.Contains(string(b.want("ok", "getWebhookInfo", nil).Result), `"last_error_message":"Webhook connection closed"`)
	})
	if info := b.want("ok", "getWebhookInfo", nil); !strings.Contains(string(info.Result), `"pending_update_count":1`) || s.Acknowledged(id) {
		t.Errorf("the webhook is %s", info.Result)
	}
}

func TestWebhookRetryAfter(t *testing.T) {
	s, b := newBot(t, telegramtest.Options{Limits: telegramtest.Limits{Off: true}, Backoff: 0.001})
	e := newEar(t)
	user := s.AddUser(telegramtest.User{FirstName: "x"})
	var times []time.Time
	e.answers(func(_ update, w http.ResponseWriter) {
		if times = append(times, time.Now()); len(times) < 3 {
			w.Header().Set("Retry-After", "100")
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	b.want("ok", "setWebhook", set{"url": e.server.URL})
	s.Say(user, "x")
	for range 3 {
		await(t, e.heard, "a try")
	}
	for i := range 2 {
		if waited := times[i+1].Sub(times[i]); waited < 100*time.Millisecond {
			t.Errorf("it came again after %v, and 100 s were asked for, at a thousandth", waited)
		}
	}
}

func TestWebhookLanes(t *testing.T) {
	s, b := unlimited(t)
	e := newEar(t)
	user := s.AddUser(telegramtest.User{FirstName: "x", Started: true})
	m := b.choice(user)
	hold := make(chan struct{})
	e.answers(func(u update, _ http.ResponseWriter) {
		if u.Message != nil {
			<-hold
		}
	})
	b.want("ok", "setWebhook", set{"url": e.server.URL})
	// A text, a press and a block of the same person stand in three queues.
	text := s.Say(user, "slow").Update
	press := s.Press(user, m, 0).Update
	block := s.Block(user).Update
	got := []int64{await(t, e.heard, "a press or block").ID, await(t, e.heard, "the other").ID}
	slices.Sort(got)
	if !slices.Equal(got, []int64{press, block}) {
		t.Errorf("there come %d", got)
	}
	close(hold)
	if got := await(t, e.heard, "the text"); got.ID != text {
		t.Errorf("there comes %d", got.ID)
	}
}

func TestWebhookDuplicates(t *testing.T) {
	s, b := unlimited(t)
	e := newEar(t)
	user := s.AddUser(telegramtest.User{FirstName: "x"})
	b.want("ok", "setWebhook", set{"url": e.server.URL})
	s.DeliverTwice(true)
	id := s.Say(user, "x").Update
	if got := []int64{await(t, e.heard, "it").ID, await(t, e.heard, "it again").ID}; !slices.Equal(got, []int64{id, id}) {
		t.Errorf("there come %d", got)
	}
	s.DeliverTwice(false)
	waitFor(t, func() bool { return s.Acknowledged(id) })
	if !s.Deliver(t.Context(), id) || await(t, e.heard, "a third time").ID != id {
		t.Error("it did not come once more")
	}
	e.answers(func(_ update, w http.ResponseWriter) { w.WriteHeader(http.StatusUnauthorized) })
	if s.Deliver(t.Context(), s.Say(user, "y").Update) {
		t.Error("a 401 acknowledges")
	}
}

// TestWebhookAndBack switches between both ways to receive: nothing is lost.
func TestWebhookAndBack(t *testing.T) {
	s, b := unlimited(t)
	e := newEar(t)
	user := s.AddUser(telegramtest.User{FirstName: "x"})
	e.answers(func(_ update, w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) })
	polled := make(chan reply, 1)
	go func() { polled <- b.call("getUpdates", set{"timeout": 50}) }()
	waitFor(t, s.Polling)
	b.want("ok", "setWebhook", set{"url": e.server.URL})
	if got := await(t, polled, "the poll to end"); got.said() != "Conflict: terminated by setWebhook request" {
		t.Errorf("the poll under way is answered with %q", got.said())
	}
	id := s.Say(user, "x").Update
	await(t, e.heard, "a try")
	b.want("ok", "deleteWebhook", set{"drop_pending_updates": false})
	if got := ids(b.updates(nil)); !slices.Equal(got, []int64{id}) {
		t.Errorf("there come %d", got)
	}
	e.answers(func(update, http.ResponseWriter) {})
	b.want("ok", "setWebhook", set{"url": e.server.URL})
	waitFor(t, func() bool { return s.Acknowledged(id) })
	b.want("ok", "deleteWebhook", nil)
	s.Say(user, "y")
	b.want("ok", "deleteWebhook", set{"drop_pending_updates": true})
	if got := b.updates(nil); len(got) != 0 {
		t.Errorf("what was dropped comes: %+v", got)
	}
	if info := b.want("ok", "getWebhookInfo", nil); !strings.Contains(string(info.Result), `"url":""`) {
		t.Errorf("the webhook is %s", info.Result)
	}
	b.breaches()
}

func TestWebhookIsRefused(t *testing.T) {
	c := newClock()
	s, b := newBot(t, telegramtest.Options{Now: c.Now})
	const url = "https://ella.example.org/telegram"
	for _, refused := range []struct {
		want string
		p    set
	}{
		{"Bad Request: bad webhook: An HTTPS URL must be provided for webhook", set{"url": "http://example.org/"}},
		{"Bad Request: invalid webhook URL specified", set{"url": "nowhere"}},
		{"Bad Request: secret token contains unallowed characters", set{"url": url, "secret_token": "sécret!"}},
		{"Bad Request: wrong parameter secret_token in the request", set{"url": url, "secret_token": strings.Repeat("x", 257)}},
		{"Bad Request: max_connections must be between 1 and 100", set{"url": url, "max_connections": 101}},
	} {
		c.Add(time.Second)
		b.want(refused.want, "setWebhook", refused.p)
	}
	if n := len(s.Breaches(telegramtest.RuleParameter)); n != 5 {
		t.Errorf("%d breaches", n)
	}
	c.Add(time.Second)
	b.want("ok", "setWebhook", set{"url": url})
	b.want("Too Many Requests: retry after 1", "setWebhook", set{"url": url})
	b.want("ok", "setWebhook", set{"url": ""})
	b.updates(nil)
}

func TestManyOverWebhook(t *testing.T) {
	s, b := unlimited(t)
	e := newEar(t)
	s.Shuffle()
	b.want("ok", "setWebhook", set{"url": e.server.URL, "max_connections": 100})
	want := map[int64]int64{}
	for range 20 {
		user := s.AddUser(telegramtest.User{FirstName: "x"})
		for range 20 {
			want[s.Say(user, "x").Update] = user
		}
	}
	last := map[int64]int64{}
	for range 400 {
		u := await(t, e.heard, "an update")
		if user := want[u.ID]; user == 0 || last[user] >= u.ID {
			t.Errorf("%d comes after %d, or once too often", u.ID, last[user])
		}
		last[want[u.ID]] = u.ID
		delete(want, u.ID)
	}
	waitFor(t, func() bool { return len(s.Pending()) == 0 })
}
