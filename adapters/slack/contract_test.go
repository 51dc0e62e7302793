package slack_test

import (
	"context"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ella/adapters/slack"
	"ella/adapters/slack/slacktest"
	"ella/bot"
	"ella/bot/bottest"
)

// TestContract holds the adapter against what every adapter must keep, on the fake
// Slack, both ways of receiving.
func TestContract(t *testing.T) {
	for name, overHTTP := range map[string]bool{"socket": false, "http": true} {
		t.Run(name, func(t *testing.T) {
			bottest.Contract(t, bottest.Subject{New: func(t *testing.T) bottest.Rig { return newRig(t, overHTTP) }})
		})
	}
}

// onFake is an adapter for a fake Slack.
func onFake(t *testing.T, s *slacktest.Server, change ...func(*slack.Options)) *slack.Adapter {
	t.Helper()
	o := slack.Options{
		Account: "one", BotToken: s.BotToken(), AppToken: s.AppToken(), APIURL: s.APIURL(), Shelf: &shelf{}, InChannel: []string{"connect"},
	}
	for _, c := range change {
		c(&o)
	}
	a, err := slack.Connect(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// overHTTP has an adapter take requests in place of opening connections.
func overHTTP(o *slack.Options) { o.AppToken, o.SigningSecret = "", signingSecret }

// addressed lets a fake bring what happens to an adapter's addresses.
func addressed(t *testing.T, s *slacktest.Server, a *slack.Adapter) {
	t.Helper()
	web := httptest.NewServer(a.Handler())
	t.Cleanup(web.Close)
	urls := slacktest.RequestURLs{Events: web.URL + slack.PathEvents, Interactions: web.URL + slack.PathInteractive, Commands: web.URL + slack.PathCommands}
	if err := s.UseRequestURLs(t.Context(), urls); err != nil {
		t.Fatal(err)
	}
}

func newRig(t *testing.T, http bool) bottest.Rig {
	t.Helper()
	// Pace and repetitions have tests of their own.
	s := slacktest.New(t, slacktest.Options{Limits: slacktest.Limits{Off: true}, Retries: -1})
	var people []string
	for _, name := range []string{"Amina", "<b>Bogdan</b>", "\u202eCelia"} {
		people = append(people, s.AddUser(slacktest.User{Name: name}))
	}
	var change []func(*slack.Options)
	if http {
		change = append(change, overHTTP)
	}
	a := onFake(t, s, change...)
	slack.Unpaced(a)
	if http {
		addressed(t, s, a)
	}
	o := &observed{Adapter: a}
	r := bottest.Rig{
		Adapter: o, Account: "one", Chats: people, NoChat: "U0NOBODY01", Secrets: []string{s.BotToken(), s.AppToken(), s.SigningSecret()},
		Ready: func() {
			await(t, "that she receives", func() bool { return http && slack.Takes(a) || s.Connections() == 2 })
		},
		Do: func(d bottest.Did) func() bool {
			if d.Kind == bot.LocationShared {
				t.Fatal("on Slack nobody can share a location, and its capabilities say so")
			}
			var payload string
			return func() bool {
				if payload != "" {
					return s.Deliver(o.receiving(), payload)
				}
				if d.OnPage {
					page, _ := s.Home(d.Chat)
					payload = s.PressIn(page, d.Button).ID
				} else if d.Kind == bot.ButtonPressed {
					payload = press(s, d, o)
				} else {
					payload = s.Say(d.Chat, d.Text).ID
				}
				return s.Settled(o.receiving(), payload)
			}
		},
		Shown: func(chat string) (all []bottest.Stands) {
			for _, sent := range o.sent(s, chat) {
				all = append(all, standing(sent))
			}
			return all
		},
		Throttle: func(wait time.Duration) { s.Next("chat.postMessage", slacktest.Throttled(wait)) },
		Cut:      s.Close,
		Page: func(chat string) bottest.Stands {
			page, _ := s.Home(chat)
			return viewed(page)
		},
		Window: func(chat string) (bottest.Stands, bool) {
			window, open := s.Modal(chat)
			return viewed(window), open
		},
		Close: func(chat string) {
			await(t, "that the window opens", func() bool { _, open := s.Modal(chat); return open })
			window, _ := s.Modal(chat)
			s.CloseModal(window)
		},
		Submit: func(chat string, fields map[string]string) func() bool {
			var payload string
			return func() bool {
				if payload != "" {
					return s.Deliver(o.receiving(), payload)
				}
				window, _ := s.Modal(chat)
				payload = s.Submit(window, fields).ID
				return s.Settled(o.receiving(), payload)
			}
		},
		ThrottleViews: func(wait time.Duration) {
			s.Next("views.publish", slacktest.Throttled(wait))
			s.Next("views.update", slacktest.Throttled(wait))
		},
	}
	for _, raw := range corpus(t) {
		r.Raws = append(r.Raws, raw)
	}
	t.Cleanup(func() {
		for _, b := range s.Breaches() {
			t.Errorf("a rule of Slack's is broken: %v", b)
		}
	})
	return r
}

// press presses a button of one of Ella's messages, which may be several of Slack's.
func press(s *slacktest.Server, d bottest.Did, o *observed) string {
	n := d.Button
	for _, m := range o.sent(s, d.Chat)[d.Message] {
		if n < len(m.Presses()) {
			return s.Press(d.Chat, m, n).ID
		}
		n -= len(m.Presses())
	}
	return ""
}

// viewed is a page or a window as a person sees it.
func viewed(v slacktest.View) bottest.Stands {
	s := bottest.Stands{Text: strings.TrimSpace(v.Title + "\n" + v.Text)}
	for _, b := range v.Presses() {
		s.Buttons = append(s.Buttons, b.Text)
	}
	return s
}

// standing is one message of Ella's.
func standing(parts []slacktest.Message) bottest.Stands {
	var texts []string
	s := bottest.Stands{Files: map[string][]byte{}}
	for _, m := range parts {
		texts = append(texts, m.Text)
		for _, b := range m.Presses() {
			s.Buttons = append(s.Buttons, b.Text)
		}
		for _, f := range m.Files {
			s.Files[f.Name] = f.Bytes
		}
	}
	s.Text = strings.Join(texts, "\n")
	return s
}

// observed is an adapter of which the test knows whether it receives, and which of
// Slack's messages it sent together.
type observed struct {
	*slack.Adapter

	mu   sync.Mutex
	run  context.Context // of the Receive under way
	refs []bot.Ref
}

// Receive implements bot.Adapter.
func (o *observed) Receive(ctx context.Context, inbox bot.Inbox) error {
	run, ended := context.WithCancel(context.WithoutCancel(ctx))
	defer ended()
	o.mu.Lock()
	o.run = run
	o.mu.Unlock()
	return o.Adapter.Receive(ctx, inbox)
}

// receiving ends when nobody receives any more.
func (o *observed) receiving() context.Context {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.run
}

// Send implements bot.Adapter.
func (o *observed) Send(ctx context.Context, out bot.Outgoing) (bot.Ref, error) {
	ref, err := o.Adapter.Send(ctx, out)
	o.mu.Lock()
	defer o.mu.Unlock()
	if ref != "" {
		o.refs = append(o.refs, ref)
	}
	return ref, err
}

// sent is what stands in a chat, with what was sent together in one.
func (o *observed) sent(s *slacktest.Server, chat string) (all [][]slacktest.Message) {
	o.mu.Lock()
	defer o.mu.Unlock()
	channel := s.DM(chat)
	place := map[string]int{} // by message or file, in all
	for _, m := range s.Shown(channel) {
		names := []string{m.TS}
		for _, f := range m.Files {
			names = append(names, f.ID)
		}
		at, ok := -1, false
		for _, name := range names {
			if at, ok = place[name]; ok {
				break
			}
		}
		if ok {
			all[at] = append(all[at], m)
			continue
		}
		for _, ref := range o.refs {
			if c, parts, _ := slack.RefNames(ref); c == channel && slices.ContainsFunc(names, func(name string) bool { return slices.Contains(parts, name) }) {
				for _, part := range parts {
					place[part] = len(all)
				}
			}
		}
		all = append(all, []slacktest.Message{m})
	}
	return all
}
