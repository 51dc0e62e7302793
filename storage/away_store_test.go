package storage_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/action"
	"ella/bot/alert"
)

// Whoever may have answered in vain is found on the card that they would have pressed,
// once, and nobody else is.
func TestDoubts(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		ctx, store := t.Context(), w.Alerts()
		amina, bo, cyn, dee, eve := w.member("amina", w.home), w.member("bo", w.home), w.member("cyn", w.home), w.member("dee", w.home), w.member("eve", w.home)
		sent := w.sending("Come.", amina, bo, cyn, dee, eve)
		march := w.action(sent, "March")
		refs := map[bot.MemberID]bot.Ref{}
		for _, p := range []bot.Person{amina, bo, cyn, dee, eve} {
			refs[p.Member.ID] = bot.Ref("alert of " + p.Address.Chat)
		}
		w.arrived(sent, refs)
		w.do(w.reply(march, bo, action.Maybe, 0)) // before
		w.card(bo, march, "card of bo")
		again := w.sending("Come, all of you.", cyn)
		w.asks(again, march)
		w.clock.Advance(time.Minute)
		w.arrived(again, map[bot.MemberID]bot.Ref{cyn.Member.ID: "second of cyn"})
		w.clock.Advance(time.Hour)
		o := alert.Outage{Account: w.account, From: w.now()}
		w.clock.Advance(10 * time.Minute)
		w.do(w.reply(march, dee, action.Yes, 0)) // heard all the same
		w.do(func(ctx context.Context, tx bot.Tx) error {
			return w.Members().SetState(ctx, tx, eve.Member.ID, bot.Stopped)
		})
		w.clock.Advance(10 * time.Minute)
		o.To = w.now()
		long := o.From.Add(-14 * 24 * time.Hour)

		found := func(what string, o alert.Outage, since time.Time, cards, copies []string) (all []alert.Doubt) {
			t.Helper()
			gotCards, err := store.DoubtfulCards(ctx, o, since, 10)
			if err != nil {
				t.Fatal(err)
			}
			gotCopies, err := store.DoubtfulCopies(ctx, o, since, 10)
			if err != nil {
				t.Fatal(err)
			}
			refs := func(doubts []alert.Doubt) (refs []string) {
				for _, d := range doubts {
					refs = append(refs, string(d.Ref))
					if d.Action != march.ID || d.Account != w.account || d.Zone != "Europe/London" || d.Reader != (bot.Reader{Locale: "en"}) || d.Chat == "" {
						t.Errorf("%s: found is %+v", what, d)
					}
				}
				slices.Sort(refs)
				return refs
			}
			if got := refs(gotCards); !slices.Equal(got, cards) {
				t.Errorf("%s: the cards are %q, want %q", what, got, cards)
			}
			if got := refs(gotCopies); !slices.Equal(got, copies) {
				t.Errorf("%s: the copies are %q, want %q", what, got, copies)
			}
			return append(gotCards, gotCopies...)
		}
		all := found("all", o, long, []string{"card of bo"}, []string{"alert of chat of amina", "second of cyn"})
		found("none is so new", o, o.From, nil, nil)
		found("another account", alert.Outage{Account: "other", From: o.From, To: o.To}, long, nil, nil)
		found("before anything was sent", alert.Outage{Account: w.account, From: long, To: long.Add(time.Hour)}, long, nil, nil)

		// About to be said, they are found once more; said, no more; and after the next
		// outage again.
		mark := func(until time.Time, said bool) {
			for _, d := range all {
				w.do(func(ctx context.Context, tx bot.Tx) error { return store.MarkAway(ctx, tx, d, until, said) })
			}
		}
		speaks := func(p bot.Person, want int) {
			t.Helper()
			got, err := store.Away(ctx, march.ID, p.Member.ID)
			if err != nil || len(got) != want || want == 1 && (got[0].Ref != "alert of chat of amina" || got[0].Alert != sent.ID) {
				t.Errorf("%d copies speak of it: %+v, %v", len(got), got, err)
			}
		}
		speaks(amina, 0)
		mark(o.To, false)
		speaks(amina, 1)
		found("about to be said", o, long, []string{"card of bo"}, []string{"alert of chat of amina", "second of cyn"})
		mark(o.To, true)
		speaks(amina, 1)
		speaks(dee, 0)
		found("said", o, long, nil, nil)
		next := alert.Outage{Account: w.account, From: o.To.Add(time.Hour), To: o.To.Add(2 * time.Hour)}
		found("the next", next, long, []string{"card of bo"}, []string{"alert of chat of amina", "alert of chat of dee", "second of cyn"})
		mark(time.Time{}, false)
		speaks(amina, 0)

		// Nothing is left to ask once there is an answer, it is over, or they have stopped.
		settled := func(d alert.Doubt, want bool) {
			t.Helper()
			if got, err := store.Settled(ctx, d, o.From); err != nil || got != want {
				t.Errorf("settled is %v (%v), want %v", got, err, want)
			}
		}
		about := func(p bot.Person) alert.Doubt { return alert.Doubt{Action: march.ID, Member: p.Member.ID} }
		settled(about(amina), false)
		settled(about(bo), false)
		settled(about(dee), true)
		settled(about(eve), true)
		settled(alert.Doubt{Action: "nowhere", Member: amina.Member.ID}, true)
		w.Exec(t, `UPDATE actions SET state = 'over'`)
		settled(about(amina), true)
		found("over", next, long, nil, nil)
	})
}
