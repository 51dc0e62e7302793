package slack_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ella/adapters/slack"
	"ella/adapters/slack/slacktest"
	"ella/bot"
)

// journal is a log that a test reads.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

func (j *journal) keep(o *slack.Options) { o.Log = slog.New(slog.NewTextHandler(j, nil)) }

// listening is an adapter on a fake Slack that receives over Socket Mode.
type listening struct {
	*slacktest.Server
	adapter *slack.Adapter
	inbox   *taken
	journal *journal
	amina   string
	stop    func() error
	ended   <-chan error
}

func listen(t *testing.T, o slacktest.Options, hurry time.Duration) *listening {
	t.Helper()
	s := slacktest.New(t, o)
	l := &listening{Server: s, inbox: &taken{}, journal: &journal{}, amina: s.AddUser(slacktest.User{Name: "Amina"})}
	l.adapter = onFake(t, s, l.journal.keep)
	if hurry > 0 {
		slack.Hasten(l.adapter, hurry)
	}
	l.stop, l.ended = receiving(t, l.adapter, l.inbox)
	l.both(t)
	t.Cleanup(func() {
		for _, b := range s.Breaches() {
			t.Errorf("a rule of Slack's is broken: %v", b)
		}
		for _, secret := range []string{s.BotToken(), s.AppToken(), "ticket", l.amina} {
			if told := l.journal.String(); strings.Contains(told, secret) {
				t.Errorf("the log tells %q:\n%s", secret, told)
			}
		}
	})
	return l
}

// both waits until both connections are there.
func (l *listening) both(t *testing.T) {
	t.Helper()
	await(t, "two connections", func() bool { return l.Connections() == 2 })
}

// texts are the words that were taken in, each update once.
func (l *listening) texts(t *testing.T) map[string]int {
	t.Helper()
	seen, texts := map[string]bool{}, map[string]int{}
	for _, raw := range l.inbox.all() {
		if u, err := l.adapter.Decode(raw.Body); err == nil && !seen[raw.Key] {
			seen[raw.Key] = true
			texts[u.Text]++
		}
	}
	return texts
}

// TestSocketsAreRolled: whatever becomes of connections, nothing is lost and nothing
// is another update when it comes again.
func TestSocketsAreRolled(t *testing.T) {
	l := listen(t, slacktest.Options{Seed: 3}, time.Second)
	const each = 40
	n := 0
	say := func() {
		for range each {
			n++
			l.Say(l.amina, fmt.Sprintf("message %d", n))
		}
	}
	for _, end := range []func(){
		func() { l.Disconnect(slacktest.Warning, false) },
		func() { l.Disconnect(slacktest.RefreshRequested, false) },
		func() { l.Disconnect(slacktest.Warning, true) },
		func() { l.Drop(false) },
		func() { l.Drop(true) },
	} {
		say()
		end()
		say()
		l.both(t)
	}
	await(t, "everything to be acknowledged", func() bool { return len(l.Pending()) == 0 })
	if lost := l.Lost(); len(lost) > 0 {
		t.Errorf("lost are %d", len(lost))
	}
	texts := l.texts(t)
	for i := range n {
		if got := texts[fmt.Sprintf("message %d", i+1)]; got != 1 {
			t.Errorf("message %d was taken in %d times", i+1, got)
		}
	}
	if err := l.stop(); err != nil {
		t.Error(err)
	}
}

// TestClicksSurviveADisconnect: nobody sends them again.
func TestClicksSurviveADisconnect(t *testing.T) {
	l := listen(t, slacktest.Options{}, time.Second)
	for i := range 30 {
		if i%10 == 5 {
			l.Disconnect(slacktest.Warning, false)
		}
		l.Command(l.amina, "", "/ella", fmt.Sprintf("groups %d", i))
	}
	await(t, "every command", func() bool { return len(l.Pending()) == 0 })
	if n := l.Warnings(l.amina); n > 0 || len(l.texts(t)) != 30 {
		t.Errorf("%d commands came, and %d warnings were shown", len(l.texts(t)), n)
	}
}

// TestSteadyConnections: pings are answered, so that Slack keeps the connections.
func TestSteadyConnections(t *testing.T) {
	l := listen(t, slacktest.Options{PingEvery: 10 * time.Millisecond}, 500*time.Millisecond)
	hold := make(chan struct{})
	l.inbox.refusing(func(context.Context, bot.Raw) error { <-hold; return nil })
	l.Say(l.amina, "slow") // while the database is slow, too
	after := time.NewTimer(300 * time.Millisecond)
	<-after.C
	close(hold)
	await(t, "the message", func() bool { return len(l.Pending()) == 0 })
	if n := l.Calls("apps.connections.open"); n != 2 {
		t.Errorf("%d connections were opened", n)
	}
}

// TestDeadConnections: one that says nothing any more is noticed.
func TestDeadConnections(t *testing.T) {
	l := listen(t, slacktest.Options{}, 200*time.Millisecond)
	l.Mute(true)
	await(t, "that others are opened", func() bool { return l.Calls("apps.connections.open") > 2 })
	l.Mute(false)
	l.Drop(true)
	l.both(t)
	l.Say(l.amina, "hello")
	await(t, "the message", func() bool { return l.texts(t)["hello"] == 1 && len(l.Pending()) == 0 })
}

// TestRefusedByTheInbox: what was not taken in is not acknowledged, and comes again.
func TestRefusedByTheInbox(t *testing.T) {
	l := listen(t, slacktest.Options{AckWindow: 300 * time.Millisecond}, 0)
	var tries int
	l.inbox.refusing(func(context.Context, bot.Raw) error {
		if tries++; tries < 3 {
			return errors.New("the disk is full")
		}
		return nil
	})
	id := l.Say(l.amina, "do not lose me").ID
	await(t, "the message", func() bool { return l.Acknowledged(id) })
	if n := l.Attempts(id); n != 3 || l.texts(t)["do not lose me"] != 1 {
		t.Errorf("after %d attempts %d were taken in", n, len(l.inbox.all()))
	}
	if !strings.Contains(l.journal.String(), "will be delivered again") {
		t.Errorf("the log says nothing of it: %s", l.journal)
	}
}

// TestBadFrames are acknowledged and kept; what has no id is kept all the same.
func TestBadFrames(t *testing.T) {
	l := listen(t, slacktest.Options{}, time.Second)
	for _, payload := range []string{`"text"`, `[]`, `null`, `{"type":7}`, `{"type":"event_callback","event_id":"EvBad","team_id":"` + l.Team() + `","event":{"type":"message","user":{}}}`} {
		before := len(l.inbox.all())
		id := l.Raw(slacktest.Events, payload).ID
		await(t, "an acknowledgement", func() bool { return l.Acknowledged(id) })
		got := l.inbox.all()[before:]
		if len(got) != 1 || got[0].Sender != "nobody" {
			t.Fatalf("%s was taken in as %+v", payload, got)
		}
		if _, err := l.adapter.Decode(got[0].Body); !errors.Is(err, bot.ErrUnreadable) {
			t.Errorf("%s is read", payload)
		}
	}
	before := len(l.inbox.all())
	for _, frame := range []string{`hello`, `{"envelope_id":"x-1","type":"events_api","payload":`, `{}`, `{"envelope_id":7}`} {
		l.SendFrame(frame)
	}
	await(t, "the frames", func() bool { return len(l.inbox.all()) == before+4 })
	// One that is too long ends its connection, and nothing else.
	l.SendFrame(`{"envelope_id":"x-2","type":"events_api","payload":"` + strings.Repeat("x", 1<<20) + `"}`)
	l.Say(l.amina, "hello")
	await(t, "another connection", func() bool { return l.Calls("apps.connections.open") == 3 })
	await(t, "the message", func() bool { return l.texts(t)["hello"] == 1 })
}

// TestAcknowledgesFrames also by an id in what is no JSON.
func TestAcknowledgesFrames(t *testing.T) {
	for frame, want := range map[string]string{
		`{"envelope_id":"a-1","type":"hello"}`:           "a-1",
		`{"envelope_id" : "a-1","type":"events_api",`:    "a-1",
		`{"payload":{"envelope_id":7},"envelope_id":"b"`: "b",
		`{"envelope_id":7}`:                              "",
		`{"envelope_id":"` + strings.Repeat("a", 101):    "",
		`hello`: "",
	} {
		if got := slack.IDOf([]byte(frame)); got != want {
			t.Errorf("%s has the id %q", frame, got)
		}
	}
}

// TestReceiveEndsForGood with an error that says what to do.
func TestReceiveEndsForGood(t *testing.T) {
	for name, c := range map[string]struct {
		happens func(l *listening)
		want    error
		says    string
	}{
		"Socket Mode off":                 {func(l *listening) { l.Disconnect(slacktest.LinkDisabled, false) }, slack.ErrSocketModeOff, "switch Socket Mode on"},
		"the app token revoked":           {func(l *listening) { l.InvalidateAppToken(); l.Drop(false) }, slack.ErrAppToken, "connections:write"},
		"uninstalled":                     {func(l *listening) { l.Uninstall(l.Team(), false) }, slack.ErrTakenOut, "install her again"},
		"uninstalled, told the other way": {func(l *listening) { l.Uninstall(l.Team(), true) }, slack.ErrTakenOut, "install her again"},
		"the bot token revoked":           {func(l *listening) { l.RevokeTokens(l.Team()) }, slack.ErrTakenOut, "Bot User OAuth Token"},
	} {
		t.Run(name, func(t *testing.T) {
			l := listen(t, slacktest.Options{}, time.Second)
			c.happens(l)
			err := <-l.ended
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("it ends with %v", err)
			}
			await(t, "that it is no longer connected", func() bool { return l.Connections() == 0 })
			if c.want != slack.ErrAppToken { //nolint:errorlint // which row it is
				return
			}
			// Called again it says the same: nothing is left half-way.
			if err := l.adapter.Receive(t.Context(), l.inbox); !errors.Is(err, c.want) {
				t.Errorf("once more it ends with %v", err)
			}
		})
	}
}

// TestOldNews: an event of long ago that Ella was taken out must not stop her when she
// was let in again.
func TestOldNews(t *testing.T) {
	l := listen(t, slacktest.Options{}, time.Second)
	for _, event := range []string{`{"type":"app_uninstalled"}`, `{"type":"tokens_revoked","tokens":{"oauth":[],"bot":["U0"]}}`} {
		l.Raw(slacktest.Events, `{"type":"event_callback","event_id":"Ev`+fmt.Sprint(len(event))+`","team_id":"`+l.Team()+`","event":`+event+`}`)
		asked := l.Calls("auth.test")
		await(t, "that it is looked into", func() bool { return l.Calls("auth.test") > asked })
	}
	// Of people's own tokens she has none.
	l.Raw(slacktest.Events, `{"type":"event_callback","event_id":"Ev9","team_id":"`+l.Team()+`","event":{"type":"tokens_revoked","tokens":{"oauth":["U0"],"bot":[]}}}`)
	l.Say(l.amina, "hello")
	await(t, "the message", func() bool { return l.texts(t)["hello"] == 1 && len(l.Pending()) == 0 })
	if err := l.stop(); err != nil {
		t.Error(err)
	}
}

// TestAnotherWorkspace: what is of one that this account does not serve is dropped, and
// not brought again and again.
func TestAnotherWorkspace(t *testing.T) {
	l := listen(t, slacktest.Options{}, time.Second)
	other := l.AddTeam("Elsewhere")
	bogdan := l.AddUser(slacktest.User{Name: "Bogdan", Team: other})
	id := l.Say(bogdan, "hello").ID
	await(t, "an acknowledgement", func() bool { return l.Acknowledged(id) })
	if got := l.inbox.all(); len(got) > 0 || !strings.Contains(l.journal.String(), "another workspace") {
		t.Errorf("it was taken in as %+v; the log says %s", got, l.journal)
	}
	if id, _ := l.Uninstall(other, false); id.ID == "" {
		t.Fatal("nobody was told")
	}
	l.Say(l.amina, "hello")
	await(t, "the message", func() bool { return l.texts(t)["hello"] == 1 && len(l.Pending()) == 0 })
}

// TestForgottenPrograms: what others with the same app token take is lost to Ella, so
// she says that there are such.
func TestForgottenPrograms(t *testing.T) {
	l := listen(t, slacktest.Options{}, time.Second)
	for range 2 {
		other := onFake(t, l.Server)
		receiving(t, other, &taken{})
	}
	await(t, "six connections", func() bool { return l.Connections() == 6 })
	l.Drop(false)
	await(t, "that the log says so", func() bool { return strings.Contains(l.journal.String(), "other programs are connected") })
}

// TestBackoff: while Slack is away it is asked less and less, and never more than once a
// second, nor less than twice a minute.
func TestBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var asked []time.Time
		a := known(t, func(o *slack.Options) {
			o.AppToken = appToken
			o.Transport = scripted{answer: func(method string, r *http.Request) (int, string) {
				if method != "apps.connections.open" {
					return 200, whoAmI
				}
				if got := r.Header.Get("Authorization"); got != "Bearer "+appToken {
					t.Errorf("the token comes as %q", got)
				}
				mu.Lock()
				defer mu.Unlock()
				asked = append(asked, time.Now())
				switch len(asked) % 3 {
				case 0:
					return 0, ""
				case 1:
					return 502, "<html>"
				}
				return 200, `{"ok":false,"error":"internal_error"}`
			}}
		})
		stop, _ := receiving(t, a, &taken{})
		<-time.After(10 * time.Minute)
		if err := stop(); err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		// Two lines, each at least every 30 s, at most once a second.
		if n := len(asked); n < 40 || n > 60 {
			t.Errorf("in ten minutes it was asked %d times", n)
		}
	})
}

// TestRetryAfter: Slack says when it may be asked again.
func TestRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var asked []time.Time
		a := known(t, func(o *slack.Options) {
			o.AppToken = appToken
			o.Transport = scripted{header: http.Header{"Retry-After": {"45"}}, answer: func(method string, _ *http.Request) (int, string) {
				if method != "apps.connections.open" {
					return 200, whoAmI
				}
				mu.Lock()
				defer mu.Unlock()
				asked = append(asked, time.Now())
				return 429, `{"ok":false,"error":"ratelimited"}`
			}}
		})
		stop, _ := receiving(t, a, &taken{})
		<-time.After(50 * time.Second)
		if err := stop(); err != nil {
			t.Error(err)
		}
		if len(asked) != 4 || asked[2].Sub(asked[0]) != 45*time.Second {
			t.Errorf("it was asked at %v", asked)
		}
	})
}
