package delivery_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ella/bot"
	"ella/bot/message"
)

// showing are calls for pages and windows that end as a test tells.
type showing struct {
	mu    sync.Mutex
	ends  []error // of the calls to come; nil from then on
	pages []string
	calls []time.Time
}

func (s *showing) call(page string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, time.Now())
	if len(s.ends) > 0 {
		err := s.ends[0]
		s.ends = s.ends[1:]
		if err != nil {
			return err
		}
	}
	s.pages = append(s.pages, page)
	return nil
}

// gallery is the platform of a post, with pages and windows.
type gallery struct {
	*platform
	*showing
}

func (g gallery) Publish(_ context.Context, _ string, page message.Message) error {
	return g.call(page.Text())
}

func (g gallery) Fill(_ context.Context, _, window string, _ message.Form) error {
	return g.call(window)
}

// TestWindowInVain: instead of a window that can't be filled something is said, once,
// unless the window may be filled after all.
func TestWindowInVain(t *testing.T) {
	bubble(t, func(p *post) {
		g := gallery{p.platform, &showing{}}
		p.Adapters.Put(p.account, g)
		p.member("amina")
		for _, c := range []struct {
			name    string
			ends    []error
			instead message.Message
			want    []string
		}{
			{"filled", nil, plain("instead"), nil},
			{"gone", []error{fails(bot.Gone)}, plain("instead"), []string{"instead"}},
			{"not in time", []error{fails(bot.NotSent)}, plain("instead"), []string{"instead"}},
			{"refused", []error{fails(bot.Invalid)}, plain("instead"), []string{"instead"}},
			{"unclear", []error{fails(bot.Unclear)}, plain("instead"), nil},
			{"gone, and nothing to say", []error{fails(bot.Gone)}, message.Message{}, nil},
			{"throttled at first", []error{&bot.SendError{Kind: bot.Throttled, RetryAfter: time.Second}}, plain("instead"), nil},
			{"throttled, then gone", []error{&bot.SendError{Kind: bot.Throttled, RetryAfter: time.Second}, fails(bot.Gone)}, plain("instead"), []string{"instead"}},
			{"throttled for long", []error{&bot.SendError{Kind: bot.Throttled, RetryAfter: time.Hour}}, plain("instead"), []string{"instead"}},
		} {
			p.platform.answers(nil)
			g.ends = c.ends
			p.Window(p.account, "amina", c.name, message.Form{}, c.instead)
			sleep(time.Minute)
			var said []string
			for _, s := range p.platform.to("amina") {
				said = append(said, s.text)
			}
			p.expect(c.name, said, c.want...)
		}
		p.Stop()
		p.Window(p.account, "amina", "late", message.Form{}, plain("instead"))
		synctest.Wait()
	})
}

// TestPageWaits: a throttled page is shown when the platform allows it, and the last of
// several stays.
func TestPageWaits(t *testing.T) {
	bubble(t, func(p *post) {
		g := gallery{p.platform, &showing{ends: []error{&bot.SendError{Kind: bot.Throttled, RetryAfter: 3 * time.Second}}}}
		p.Adapters.Put(p.account, g)
		began := time.Now()
		p.Page(p.account, "amina", plain("one"))
		p.Page(p.account, "amina", plain("two"))
		sleep(time.Minute)
		p.expect("shown", g.pages, "one", "two")
		if at := g.showing.calls; len(at) != 3 || at[1].Sub(began) != 3*time.Second {
			p.t.Errorf("called at %v, begun at %v", at, began)
		}
	})
}
