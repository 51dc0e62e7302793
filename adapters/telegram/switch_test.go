package telegram_test

import (
	"context"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ella/adapters/telegram"
	"ella/adapters/telegram/telegramtest"
	"ella/bot"
)

// TestSwitching between polling and webhook, there and back, loses nothing that waits.
func TestSwitching(t *testing.T) {
	// A webhook may be set once a second, and no test waits for that.
	var later atomic.Int64
	s := telegramtest.New(t, telegramtest.Options{Now: func() time.Time { return time.Now().Add(time.Duration(later.Load())) }})
	person := s.AddUser(telegramtest.User{FirstName: "Amina"})
	store := &shelf{}
	hook := httptest.NewUnstartedServer(nil)
	polls := func(o *telegram.Options) { o.Shelf = store }
	hooks := func(o *telegram.Options) {
		o.Shelf = store
		o.WebhookURL, o.WebhookSecret = "http://"+hook.Listener.Addr().String()+"/telegram", webhookSecret
	}
	hooked := faked(t, s, hooks)
	hook.Config.Handler = hooked.Handler()
	hook.Start()
	t.Cleanup(hook.Close)

	var want, got []string
	seen := map[string]bool{}
	for i, a := range []*telegram.Adapter{faked(t, s, polls), hooked, faked(t, s, polls), hooked} {
		later.Add(int64(10 * time.Second))
		words := []string{"while nobody hears", "and one more"}
		for _, w := range words {
			s.Say(person, w)
		}
		want = append(want, words...)
		inbox := &taken{}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		go func() {
			for len(s.Pending()) > 0 && ctx.Err() == nil {
				pass(time.Millisecond)
			}
			cancel()
		}()
		if err := a.Receive(ctx, inbox); err != nil {
			t.Errorf("receiver %d ends with %v", i, err)
		}
		for _, raw := range inbox.all {
			u, err := a.Decode(raw.Body)
			if err != nil || u.Kind != bot.TextSent || !strings.HasPrefix(raw.Key, "u") {
				t.Errorf("receiver %d takes %+v in, %v", i, u, err)
			}
			// One that was taken in when the end came may come again, under its key.
			if !seen[raw.Key] {
				got = append(got, u.Text)
			}
			seen[raw.Key] = true
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("taken in are %q", got)
	}
	if broken := s.Breaches(); len(broken) > 0 {
		t.Errorf("the rules are broken: %v", broken)
	}
}

// TestPollOnTheFake: what Telegram forgets, repeats and throws into disorder.
func TestPollOnTheFake(t *testing.T) {
	for name, far := range map[string]telegramtest.FarOffset{"deaf to a far offset": telegramtest.FarOffsetDeaf, "all for a far offset": telegramtest.FarOffsetAll} {
		t.Run(name, func(t *testing.T) {
			s := telegramtest.New(t, telegramtest.Options{FarOffset: far, Seed: 1})
			person := s.AddUser(telegramtest.User{FirstName: "Amina"})
			first := s.Say(person, "first").Update
			inbox := &taken{}
			stop := polling(t, faked(t, s), inbox)
			waitFor(t, func() bool { return s.Acknowledged(first) })
			s.Shuffle()
			s.Next("getUpdates", telegramtest.ResetAfter(), telegramtest.BadGateway())
			want := map[string]bool{"first": true}
			for _, text := range []string{"a", "b", "c", "d", "e"} {
				s.Redeliver(s.Say(person, text).Update)
				s.Redeliver(first)
				want[text] = true
			}
			s.Poison(person)
			waitFor(t, func() bool { return len(s.Pending()) == 0 })
			if err := stop(); err != nil {
				t.Error(err)
			}
			got, keys := map[string]bool{}, map[string]bool{}
			for _, raw := range inbox.all {
				if u, err := faked(t, s).Decode(raw.Body); err == nil && u.Kind == bot.TextSent {
					got[u.Text] = true
				}
				keys[raw.Key] = true
			}
			if len(got) != len(want) || len(keys) != len(want)+1 {
				t.Errorf("taken in are %v under %d keys", got, len(keys))
			}
			if broken := s.Breaches(); len(broken) > 0 {
				t.Errorf("the rules are broken: %v", broken)
			}
		})
	}
}

func waitFor(t *testing.T, ok func() bool) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for !ok() {
		select {
		case <-deadline:
			t.Fatal("waited in vain")
		case <-time.After(time.Millisecond):
		}
	}
}
