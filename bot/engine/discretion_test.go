package engine_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/bottest"
)

// A location is taken away once it is answered, where the platform lets Ella: of a
// newcomer's too, and when a room breaks down over it.
func TestLocationIsTakenBack(t *testing.T) {
	for _, c := range []struct {
		what string
		back time.Duration
		ref  bot.Ref
		kind bot.UpdateKind
		fail bool
		want []string
	}{
		{"where it can be", 48 * time.Hour, "m1", bot.LocationShared, false, []string{"answer", "take m1"}},
		{"where it can't", 0, "m1", bot.LocationShared, false, []string{"answer"}},
		{"without a name", 48 * time.Hour, "", bot.LocationShared, false, []string{"answer"}},
		{"words stay", 48 * time.Hour, "m1", bot.TextSent, false, []string{"answer"}},
		{"when a room breaks down", 48 * time.Hour, "m1", bot.LocationShared, true, []string{"answer", "take m1"}},
	} {
		t.Run(c.what, func(t *testing.T) {
			rooms := street()
			rooms[1].command = func(context.Context, bot.Turn, string, string) (bot.Outcome, error) {
				if c.fail {
					panic("no")
				}
				return says("near you"), nil
			}
			h := newHouse(t, options{rooms: rooms, adapter: func(p *bottest.Platform) bot.Adapter {
				p.Can.TakesBack = c.back
				return p
			}})
			h.accept(bot.Update{Kind: c.kind, Sender: "a", Chat: "a", Text: "/groups", Message: c.ref, Lat: 51, Lng: -3})
			h.Wait()
			var got []string
			for _, q := range h.outbox.sent {
				if q.TakeBack != "" {
					got = append(got, "take "+string(q.TakeBack))
				} else {
					got = append(got, "answer")
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("queued are %q, want %q", got, c.want)
			}
			// Nothing of it is kept, for a human to look at either.
			if left, parked := h.waiting(), h.parked(); len(left)+len(parked) > 0 {
				t.Errorf("%d wait, parked %v", len(left), parked)
			}
		})
	}
}

// plainAdapter is a platform without menus.
type plainAdapter struct{ bot.Adapter }

// Nobody is shown a menu where there are none, and on a platform with menus only who
// needs one of their own.
func TestMenuOfEach(t *testing.T) {
	for _, menus := range []bool{true, false} {
		h := newHouse(t, options{rooms: street(), adapter: func(p *bottest.Platform) bot.Adapter {
			if menus {
				return p
			}
			return plainAdapter{p}
		}})
		h.say("a", "hello")
		choose := func(locale, hint string) int {
			t.Helper()
			before := len(h.outbox.menus)
			p := h.person("a")
			err := h.db.Write(t.Context(), func(ctx context.Context, tx bot.Tx) error {
				return h.db.Members().SetLanguage(ctx, tx, p.Member.ID, locale, "")
			})
			if err != nil {
				t.Fatal(err)
			}
			u := text("a", "/help")
			u.LocaleHint = hint
			h.accept(u)
			h.Wait()
			return len(h.outbox.menus) - before
		}
		for _, c := range []struct {
			locale, hint string
			want         int
		}{{"en", "en", 0}, {"en", "", 0}, {"en", "en-GB", 0}, {"en", "xx", 0}, {"ar", "ar", 0}, {"ar", "ar-SY", 0}, {"ar", "en", 1}, {"ar", "", 1}, {"en", "uk", 1}} {
			if got := choose(c.locale, c.hint); menus && got != c.want || !menus && got != 0 {
				t.Errorf("menus %v: with %s in an app in %q somebody is shown %d, want %d", menus, c.locale, c.hint, got, c.want)
			}
		}
		if menus {
			last := h.outbox.menus[len(h.outbox.menus)-1]
			if last.address.Chat != "a" || len(last.address.Menu) != 16 || len(last.commands) != 3 {
				t.Errorf("shown is %+v", last)
			}
		}
	}
}

// Whoever is forgotten has a list of their own taken away even when it is not noted yet
// that they have one: it may still be on its way.
func TestMenuOfTheForgotten(t *testing.T) {
	rooms := street()
	h := newHouse(t, options{rooms: rooms})
	h.say("a", "hello")
	p := h.person("a")
	rooms[1].command = func(context.Context, bot.Turn, string, string) (bot.Outcome, error) {
		var out bot.Outcome
		out.Do(func(ctx context.Context, tx bot.Tx) error {
			return h.db.Privacy().Forget(ctx, tx, p.Member.ID, h.account, "a")
		})
		return out, nil
	}
	h.say("a", "/groups")
	if n := len(h.outbox.menus); n != 1 || h.outbox.menus[0].address.ID != p.Address.ID || h.outbox.menus[0].address.Menu != "" || len(h.outbox.menus[0].commands) > 0 {
		t.Errorf("shown are %d: %+v", n, h.outbox.menus)
	}
}
