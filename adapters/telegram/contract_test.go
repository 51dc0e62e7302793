package telegram_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"ella/adapters/telegram"
	"ella/adapters/telegram/telegramtest"
	"ella/bot"
	"ella/bot/bottest"
	form "ella/bot/message"
)

// TestContract holds the adapter against what every adapter must keep, on the fake
// Bot API, both ways of receiving.
func TestContract(t *testing.T) {
	for name, webhook := range map[string]bool{"polling": false, "webhook": true} {
		t.Run(name, func(t *testing.T) {
			bottest.Contract(t, bottest.Subject{New: func(t *testing.T) bottest.Rig { return newRig(t, webhook) }})
		})
	}
}

func newRig(t *testing.T, webhook bool) bottest.Rig {
	t.Helper()
	// Pace has tests of its own: a rule that sends hundreds would take minutes.
	s := telegramtest.New(t, telegramtest.Options{Limits: telegramtest.Limits{Off: true}})
	var chats []string
	var people []int64
	for _, name := range []string{"Amina", "<b>Bogdan</b>", "\u202eCelia"} {
		person := s.AddUser(telegramtest.User{FirstName: name, Language: "ar"})
		s.Start(person, "")
		people, chats = append(people, person), append(chats, strconv.FormatInt(person, 10))
	}
	confirmAll(t, s)
	hook := httptest.NewUnstartedServer(nil)
	a := faked(t, s, func(o *telegram.Options) {
		if webhook {
			o.WebhookURL, o.WebhookSecret = "http://"+hook.Listener.Addr().String()+"/telegram", webhookSecret
		}
	})
	telegram.Unpaced(a)
	if webhook {
		hook.Config.Handler = a.Handler()
		hook.Start()
		t.Cleanup(hook.Close)
	} else {
		_ = hook.Listener.Close()
	}
	o := &observed{Adapter: a}
	r := bottest.Rig{
		Adapter: o, Account: "one", Chats: chats, NoChat: "7999999999", Secrets: []string{s.Token(), webhookSecret},
		Ready: func() {
			ready := s.Polling
			if webhook {
				ready = func() bool { return s.Calls("setWebhook") > 0 }
			}
			for !ready() {
				runtime.Gosched()
			}
		},
		Do: func(d bottest.Did) func() bool {
			var update int64
			return func() bool {
				if update != 0 {
					return s.Deliver(o.receiving(), update)
				}
				update = do(s, people[slices.Index(chats, d.Chat)], d, o)
				return o.took(s, update)
			}
		},
		Shown: func(chat string) (all []bottest.Stands) {
			for _, sent := range o.sent(s, chat) {
				all = append(all, standing(sent))
			}
			return all
		},
		Block: func(chat string, on bool) {
			if person := people[slices.Index(chats, chat)]; on {
				s.Block(person)
			} else {
				s.Unblock(person)
			}
		},
		Throttle: func(wait time.Duration) { s.Next("sendMessage", telegramtest.Throttled(wait)) },
		Cut:      s.Close,
		Options:  true,
		Own:      func(chat string) int { return own(s, people[slices.Index(chats, chat)]) },
		Answered: func(string) (notice, link string) { return o.answered(s) },
		Menu: func(chat string) (items []bot.MenuItem) {
			for _, c := range s.Commands("chat:"+chat, "") {
				items = append(items, bot.MenuItem{Command: c.Command, About: c.Description})
			}
			return items
		},
	}
	for _, raw := range corpus(t) {
		r.Raws = append(r.Raws, raw)
	}
	t.Cleanup(func() {
		for _, b := range s.Breaches() {
			t.Errorf("a rule of Telegram's is broken: %v", b)
		}
	})
	return r
}

// confirmAll forgets what waits: that people have begun is no part of a rule.
func confirmAll(t *testing.T, s *telegramtest.Server) {
	t.Helper()
	w, err := http.Get(fmt.Sprintf("%s/bot%s/getUpdates?offset=%d", s.URL(), s.Token(), slices.Max(s.Pending())+1))
	if err != nil {
		t.Fatal(err)
	}
	w.Body.Close()
	if left := s.Pending(); len(left) > 0 {
		t.Fatalf("there still wait %d", left)
	}
}

// do has a person do something, and gives the update that comes of it.
func do(s *telegramtest.Server, person int64, d bottest.Did, o *observed) int64 {
	switch d.Kind {
	case bot.ButtonPressed:
		n := d.Button
		for _, m := range o.sent(s, d.Chat)[d.Message] {
			if n < len(m.Presses()) {
				pressed := s.Press(person, m, n)
				o.press(pressed.Query)
				return pressed.Update
			}
			n -= len(m.Presses())
		}
		return 0
	case bot.LocationShared:
		return s.Location(person, d.Lat, d.Lng).Update
	}
	return s.Say(person, d.Text).Update
}

// own is how many messages of a person's own stand in their chat.
func own(s *telegramtest.Server, person int64) (n int) {
	for _, m := range s.Said(person) {
		if m.Deleted.IsZero() {
			n++
		}
	}
	return n
}

// standing is one message of Ella's, which may be several of Telegram's.
func standing(parts []telegramtest.Message) bottest.Stands {
	var texts []string
	s := bottest.Stands{Files: map[string][]byte{}}
	for _, m := range parts {
		s.Options = form.Options{Silent: m.Silent, Protected: m.Protected, Preview: !m.Preview.Disabled}
		texts = append(texts, asWritten(m.Written, m.Text))
		for _, b := range m.Presses() {
			s.Buttons = append(s.Buttons, asWritten(b.Written, b.Text))
		}
		if m.Kind == telegramtest.Document {
			s.Files[m.File.Name] = m.File.Bytes
		}
	}
	s.Text = strings.Join(texts, "\n")
	return s
}

// asWritten puts back the characters that turn a line around, which Telegram itself
// takes out of every text: that they arrive nowhere is not the adapter's doing.
func asWritten(written, shown string) string {
	kept := strings.Map(func(r rune) rune {
		if r >= '\u2028' && r <= '\u202e' {
			return -1
		}
		return r
	}, written)
	if kept == shown {
		return written
	}
	return shown
}

// observed is an adapter of which the test knows whether it receives, and which of
// Telegram's messages it sent together.
type observed struct {
	*telegram.Adapter

	mu   sync.Mutex
	run  context.Context // of the Receive under way
	refs map[string][]bot.Ref
	last string // the press that was made at last
	// refused are the keys of the updates that the inbox did not take.
	refused map[string]bool
}

// took waits until it is sure what became of an update that was made just now, and
// reports whether it was acknowledged.
func (o *observed) took(s *telegramtest.Server, update int64) bool {
	run, key := o.receiving(), fmt.Sprintf("u%d", update)
	for !s.Acknowledged(update) {
		o.mu.Lock()
		refused := o.refused[key]
		o.mu.Unlock()
		if refused || run.Err() != nil {
			return s.Acknowledged(update)
		}
		runtime.Gosched()
	}
	return true
}

func (o *observed) press(query string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.last = query
}

// answered is what the last press was answered with.
func (o *observed) answered(s *telegramtest.Server) (notice, link string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if all := s.Answers(o.last); len(all) > 0 {
		return all[len(all)-1].Text, all[len(all)-1].URL
	}
	return "", ""
}

// Receive implements bot.Adapter.
func (o *observed) Receive(ctx context.Context, inbox bot.Inbox) error {
	run, ended := context.WithCancel(context.WithoutCancel(ctx))
	defer ended()
	o.mu.Lock()
	o.run, o.refused = run, map[string]bool{}
	o.mu.Unlock()
	return o.Adapter.Receive(ctx, acceptFunc(func(ctx context.Context, raw bot.Raw) error {
		err := inbox.Accept(ctx, raw)
		o.mu.Lock()
		defer o.mu.Unlock()
		o.refused[raw.Key] = err != nil
		return err
	}))
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
	if o.refs == nil {
		o.refs = map[string][]bot.Ref{}
	}
	o.refs[out.Chat] = append(o.refs[out.Chat], ref)
	return ref, err
}

// numbers are those of Telegram's messages in a Ref, beside what they are.
var numbers = regexp.MustCompile(`(?:^|\b)[0-9]+`)

// sent is what stands in a chat, with what was sent together in one.
func (o *observed) sent(s *telegramtest.Server, chat string) (all [][]telegramtest.Message) {
	o.mu.Lock()
	defer o.mu.Unlock()
	id, err := strconv.ParseInt(chat, 10, 64)
	if err != nil {
		return nil
	}
	place := map[string]int{} // by message, in all
	for _, m := range s.Shown(id) {
		name := strconv.FormatInt(m.ID, 10)
		if at, ok := place[name]; ok {
			all[at] = append(all[at], m)
			continue
		}
		for _, ref := range o.refs[chat] {
			parts := numbers.FindAllString(string(ref), -1)
			if slices.Contains(parts, name) {
				for _, part := range parts {
					place[part] = len(all)
				}
			}
		}
		all = append(all, []telegramtest.Message{m})
	}
	return all
}
