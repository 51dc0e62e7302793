package storage_test

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/action"
	"ella/bot/alert"
	"ella/bot/delivery"
)

// arrived lets the copies of an alert arrive, each under the name that its reader's
// chat gives it.
func (w *world) arrived(a alert.Alert, refs map[bot.MemberID]bot.Ref) {
	w.t.Helper()
	copies, err := w.Delivery("me").Lease(w.t.Context(), a.ID, "me", w.now(), w.now().Add(time.Minute), 50)
	if err != nil {
		w.t.Fatal(err)
	}
	begun, err := w.Delivery("me").Begin(w.t.Context(), "me", w.now(), copies)
	if err != nil || len(begun) != len(refs) {
		w.t.Fatalf("%d copies are begun, want %d: %v", len(begun), len(refs), err)
	}
	for _, c := range begun {
		w.do(func(ctx context.Context, tx bot.Tx) error {
			return w.Delivery("me").Ended(ctx, tx, c, delivery.End{State: delivery.Sent, Ref: refs[c.Member], Locale: "en", Address: c.Address.ID}, w.now())
		})
	}
}

// card shows a member the card of an action, as the room does.
func (w *world) card(p bot.Person, a action.Action, ref bot.Ref) {
	w.t.Helper()
	r := say("You are coming.")
	r.Topic = "rsvp:" + string(a.ID)
	w.do(replyEnded(w, "me", w.queue("me", p, r)[0], delivery.End{State: delivery.Sent, Ref: ref}))
}

// A text that was written as an answer to a card is about that card's action, in the
// chat in which the card stands and in no other.
func TestAnswered(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		amina, bo := w.member("amina", w.home), w.member("bo", w.home)
		sent, later := w.sending("Come.", amina, bo), w.sending("Come too.", amina)
		march, vigil := w.action(sent, "March"), w.action(later, "Vigil")
		w.arrived(sent, map[bot.MemberID]bot.Ref{amina.Member.ID: "7", bo.Member.ID: "8"})
		w.arrived(later, map[bot.MemberID]bot.Ref{amina.Member.ID: "9"})
		w.card(amina, march, "10")
		for _, c := range []struct {
			who  bot.Person
			ref  bot.Ref
			want bot.ActionID
		}{
			{amina, "7", march.ID}, {amina, "9", vigil.ID}, {amina, "10", march.ID}, {amina, "8", ""}, {amina, "11", ""}, {amina, "", ""},
			{bo, "8", march.ID}, {bo, "7", ""}, {bo, "10", ""},
		} {
			var missing error
			if c.want == "" {
				missing = bot.ErrNotFound
			}
			if got, err := w.Actions().Answered(t.Context(), c.who.Address.ID, c.ref); got != c.want || !errors.Is(err, missing) {
				t.Errorf("%q is about %q (%v), want %q", c.ref, got, err, c.want)
			}
		}
	})
}

// What a word may be an answer to: sent, shown or answered lately, and open.
func TestInvited(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		amina, bo := w.member("amina", w.home), w.member("bo", w.home)
		sent := w.sending("Come.", amina)
		march := w.action(sent, "March")
		begun := w.now()
		invited := func(p bot.Person, since time.Time, want ...action.Action) {
			t.Helper()
			got, err := w.Actions().Invited(t.Context(), p, since, 5)
			if err != nil || len(got) != len(want) || len(want) > 0 && !reflect.DeepEqual(got, want) {
				t.Errorf("%+v (%v), want %+v", got, err, want)
			}
		}
		invited(amina, begun) // on its way: nobody has read it
		w.arrived(sent, map[bot.MemberID]bot.Ref{amina.Member.ID: "7"})
		invited(amina, begun, march)
		invited(amina, w.now().Add(time.Hour))
		invited(bo, begun)

		w.clock.Advance(time.Hour)
		vigil := w.action(w.sending("Come too.", amina), "Vigil")
		w.card(bo, march, "1")
		w.do(w.reply(vigil, bo, action.Yes, 0))
		invited(bo, begun, vigil, march)
		invited(bo, w.now().Add(time.Hour))
		w.Exec(t, `UPDATE actions SET state = 'over' WHERE id = $1`, string(vigil.ID))
		invited(bo, begun, march)
		if got, err := w.Actions().Open(t.Context(), bo.Member.ID, 5); err != nil || len(got) > 0 {
			t.Errorf("open for somebody who only saw it: %+v, %v", got, err)
		}
		w.do(w.reply(march, bo, action.No, 0))
		if got, err := w.Actions().Open(t.Context(), bo.Member.ID, 5); err != nil || !reflect.DeepEqual(got, []action.Action{march}) {
			t.Errorf("open for somebody who answered: %+v, %v", got, err)
		}
	})
}

// What stands below an invitation and its card, and is about something else, is known
// where its ref is kept.
func TestLastAsked(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		amina, bo := w.member("amina", w.home), w.member("bo", w.home)
		sent := w.sending("Come.", amina, bo)
		march := w.action(sent, "March")
		is := func(what string, p bot.Person, want bool) {
			t.Helper()
			w.clock.Advance(time.Second)
			if got, err := w.Actions().LastAsked(t.Context(), march.ID, p); got != want || err != nil {
				t.Errorf("%s it is %v (%v), want %v", what, got, err, want)
			}
		}
		w.stands("me", w.queue("me", amina, say("hello"))[0], "1")
		is("before anything", amina, true)
		w.arrived(sent, map[bot.MemberID]bot.Ref{amina.Member.ID: "2", bo.Member.ID: "2"})
		is("right after the invitation", amina, true)
		q := w.queue("me", amina, say("How are you?"))
		is("while something else is on its way", amina, true)
		w.stands("me", q[0], "3")
		is("after something else", amina, false)
		is("somebody else, who heard nothing else", bo, true)
		w.card(amina, march, "4")
		is("after the card", amina, true)
		w.do(func(ctx context.Context, tx bot.Tx) error {
			_, err := w.Delivery("me").Queue(ctx, tx, amina.Address, []bot.Reply{{TakeBack: "5"}})
			return err
		})
		is("after something was taken away", amina, true)
		other := w.sending("The office is closed.", amina)
		is("while another alert is on its way", amina, true)
		w.arrived(other, map[bot.MemberID]bot.Ref{amina.Member.ID: "6"})
		is("after another alert", amina, false)
	})
}
