package storage_test

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"ella/bot"
	"ella/bot/action"
	"ella/bot/alert"
)

func (w *world) action(a alert.Alert, title string) action.Action {
	w.t.Helper()
	made := action.Action{
		ID: bot.ActionID(w.ids.New()), Organisation: w.home.ID, Alert: a.ID,
		Titles: map[string]string{"en": title, "ar": "مسيرة"}, Original: "en",
	}
	w.do(func(ctx context.Context, tx bot.Tx) error { return w.Actions().Create(ctx, tx, made, w.now()) })
	w.asks(a, made)
	return made
}

// asks makes an alert one that asks people to come to an action.
func (w *world) asks(a alert.Alert, made action.Action) {
	w.t.Helper()
	w.Exec(w.t, `UPDATE alerts SET action_id = $1 WHERE id = $2`, string(made.ID), string(a.ID))
}

func (w *world) reply(a action.Action, p bot.Person, answer action.Answer, plus int) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error {
		return w.Actions().Reply(ctx, tx, a.ID, p.Member.ID, w.home.ID, action.RSVP{Answer: answer, Plus: plus}, w.now())
	}
}

func TestRSVP(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		amina, bo, cyn := w.member("amina"), w.member("bo"), w.member("cyn")
		a := w.action(w.sending("Come.", amina, bo, cyn), "March")
		if got, err := w.Actions().Action(ctx, a.ID); err != nil || !reflect.DeepEqual(got, a) {
			t.Errorf("action: %+v, %v", got, err)
		}
		if _, err := w.Actions().Action(ctx, "nowhere"); !errors.Is(err, bot.ErrNotFound) {
			t.Errorf("an action that is not there is %v", err)
		}
		if _, err := w.Actions().RSVP(ctx, a.ID, amina.Member.ID); !errors.Is(err, bot.ErrNotFound) {
			t.Errorf("no answer is %v", err)
		}
		counts := func(want action.Counts) {
			t.Helper()
			if got, err := w.Actions().Counts(ctx, a, w.home.ID); err != nil || got != want {
				t.Errorf("counts %+v (%v), want %+v", got, err, want)
			}
		}
		counts(action.Counts{})
		w.do(w.reply(a, amina, action.Yes, 3), w.reply(a, bo, action.Maybe, 0), w.reply(a, cyn, action.Yes, 1))
		w.Exec(t, `UPDATE deliveries SET state = 'sent' WHERE member_id <> $1`, string(cyn.Member.ID))
		counts(action.Counts{Yes: 2, Plus: 4, Maybe: 1, Asked: 2})
		// A change of mind is written over the answer before.
		w.do(w.reply(a, amina, action.No, 0), w.reply(a, bo, action.Yes, 2), w.reply(a, bo, action.Yes, 2))
		counts(action.Counts{Yes: 2, Plus: 3, No: 1, Asked: 2})
		if got, err := w.Actions().RSVP(ctx, a.ID, bo.Member.ID); err != nil || got != (action.RSVP{Answer: action.Yes, Plus: 2}) {
			t.Errorf("answer: %+v, %v", got, err)
		}
	})
}

// Asked is who has, or may have, a copy: nobody else's button counts.
func TestAskedAndOpen(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p, other := w.member("amina"), w.member("other")
		sent := w.sending("Come.", p)
		a := w.action(sent, "March")
		by := func(p bot.Person, a action.Action, want bot.OrganisationID) {
			t.Helper()
			var missing error
			if want == "" {
				missing = bot.ErrNotFound
			}
			if got, err := w.Actions().AskedBy(ctx, a.ID, p.Member.ID); got != want || !errors.Is(err, missing) {
				t.Errorf("asked by %q (%v), want %q", got, err, want)
			}
		}
		// asked: may answer. open: is listed for them.
		for state, want := range map[string]struct{ asked, open bool }{
			"planned": {true, false}, "attempting": {true, false}, "sent": {true, true}, "unknown": {true, true},
			"refused": {}, "skipped": {}, "cancelled": {}, "held": {},
		} {
			w.Exec(t, `UPDATE deliveries SET state = $1`, state)
			if want.asked {
				by(p, a, w.home.ID)
			} else {
				by(p, a, "")
			}
			got, err := w.Actions().Open(ctx, p.Member.ID, 5)
			if err != nil || len(got) == 1 != want.open {
				t.Errorf("%s: open %+v, %v", state, got, err)
			}
		}
		w.Exec(t, `UPDATE deliveries SET state = 'sent'`)
		by(other, a, "")
		if got, err := w.Actions().Open(ctx, other.Member.ID, 5); err != nil || len(got) > 0 {
			t.Errorf("open for somebody without a copy: %+v, %v", got, err)
		}

		later := w.action(w.sending("Come again.", p), "Vigil")
		w.Exec(t, `UPDATE deliveries SET state = 'sent'`)
		if got, err := w.Actions().Open(ctx, p.Member.ID, 5); err != nil || !reflect.DeepEqual(got, []action.Action{later, a}) {
			t.Errorf("newest first: %+v, %v", got, err)
		}
		if got, err := w.Actions().Open(ctx, p.Member.ID, 1); err != nil || !reflect.DeepEqual(got, []action.Action{later}) {
			t.Errorf("the newest: %+v, %v", got, err)
		}
		w.Exec(t, `UPDATE actions SET state = 'over' WHERE id = $1`, string(later.ID))
		if got, err := w.Actions().Open(ctx, p.Member.ID, 5); err != nil || !reflect.DeepEqual(got, []action.Action{a}) {
			t.Errorf("without what is over: %+v, %v", got, err)
		}
		later.Over = true
		if got, err := w.Actions().Called(ctx, w.home.ID, 5); err != nil || !reflect.DeepEqual(got, []action.Action{later, a}) {
			t.Errorf("called: %+v, %v", got, err)
		}
		if got, err := w.Actions().Called(ctx, "another", 5); err != nil || len(got) > 0 {
			t.Errorf("called by another: %+v, %v", got, err)
		}
	})
}

// An action that is over is no longer among those open to a member, and is again
// when it was not over after all.
func TestSetOver(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		amina := w.member("amina")
		a := w.action(w.sending("Come.", amina), "March")
		w.Exec(t, `UPDATE deliveries SET state = 'sent'`)
		for _, over := range []bool{true, true, false} {
			w.do(func(ctx context.Context, tx bot.Tx) error { return w.Actions().SetOver(ctx, tx, a.ID, over) })
			if got, err := w.Actions().Action(t.Context(), a.ID); err != nil || got.Over != over {
				t.Errorf("over: %v, want %v (%v)", got.Over, over, err)
			}
			if open, err := w.Actions().Open(t.Context(), amina.Member.ID, 5); err != nil || (len(open) == 0) != over {
				t.Errorf("over: %v, and %d are open (%v)", over, len(open), err)
			}
		}
	})
}
