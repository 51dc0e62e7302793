package storage_test

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/action"
	"ella/bot/alert"
)

func (w *world) share(a action.Action, o bot.Organisation, from, to action.Sharing) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error {
		return w.Actions().Share(ctx, tx, a.ID, o.ID, from, to, w.now())
	}
}

// asking is an alert of another organisation on its way, which asks people to come.
func (w *world) asking(o bot.Organisation, a action.Action, to ...bot.Person) alert.Alert {
	w.t.Helper()
	sent := w.sending("Come too.", to...)
	w.Exec(w.t, `UPDATE alerts SET organisation_id = $1 WHERE id = $2`, string(o.ID), string(sent.ID))
	w.asks(sent, a)
	return sent
}

// An organisation's part goes from state to state, each step once.
func TestShare(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		a := w.action(w.sending("Come."), "March")
		luton, paused := w.organisation("Luton Roma Trust"), w.organisation("Paused")
		w.Exec(t, `UPDATE organisations SET state = 'paused' WHERE id = $1`, string(paused.ID))
		stands := func(want action.Sharing, wrote bool) {
			t.Helper()
			got, err := w.Actions().Partners(t.Context(), a)
			if expected := []action.Partner{{Organisation: luton, Sharing: want, Wrote: wrote}}; err != nil || !reflect.DeepEqual(got, expected) {
				t.Errorf("partners %+v (%v), want %+v", got, err, expected)
			}
		}
		called := func(want ...action.Action) {
			t.Helper()
			if got, err := w.Actions().Called(t.Context(), luton.ID, 5); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("called: %+v (%v), want %+v", got, err, want)
			}
		}
		stands(action.Unasked, false)
		w.conflicts("answer what was not asked", w.share(a, luton, action.Asked, action.Accepted))
		w.do(w.share(a, luton, action.Unasked, action.Asked))
		w.conflicts("ask twice", w.share(a, luton, action.Unasked, action.Asked))
		called()
		w.do(w.share(a, luton, action.Asked, action.Declined), w.share(a, luton, action.Declined, action.Asked), w.share(a, luton, action.Asked, action.Accepted))
		w.conflicts("decide twice", w.share(a, luton, action.Asked, action.Declined))
		stands(action.Accepted, false)
		called(a)
		draft := w.draft("Come with us.")
		w.Exec(t, `UPDATE alerts SET organisation_id = $1 WHERE id = $2`, string(luton.ID), string(draft.ID))
		w.asks(draft, a)
		stands(action.Accepted, false) // a draft has asked nobody
		w.do(w.share(a, luton, action.Accepted, action.Ended))
		called()
		w.do(w.share(a, luton, action.Ended, action.Asked), w.share(a, luton, action.Asked, action.Accepted))
		w.asking(luton, a)
		stands(action.Accepted, true)
		w.do(w.share(a, luton, action.Accepted, action.Ended))
		stands(action.Ended, true)
		called(a) // their own people's answers stay theirs to see
	})
}

// Of those who decide at once one decides.
func TestShareAtOnce(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		a, luton := w.action(w.sending("Come."), "March"), w.organisation("Luton Roma Trust")
		w.do(w.share(a, luton, action.Unasked, action.Asked))
		errs := make([]error, 10)
		var race sync.WaitGroup
		for i := range errs {
			to := action.Accepted
			if i%2 == 0 {
				to = action.Declined
			}
			race.Go(func() { errs[i] = w.try(w.share(a, luton, action.Asked, to)) })
		}
		race.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if !errors.Is(err, bot.ErrConflict) {
				t.Error(err)
			}
		}
		if won != 1 {
			t.Errorf("%d decided", won)
		}
	})
}

// Each organisation counts its own people, whoever else asked them too: an answer
// belongs to whoever asked first.
func TestCountsAreOnesOwn(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		amina, bo, cyn := w.member("amina"), w.member("bo"), w.member("cyn")
		luton := w.organisation("Luton Roma Trust")
		a := w.action(w.sending("Come.", amina, bo), "March")
		w.clock.Advance(time.Second)
		w.asking(luton, a, bo, cyn)
		w.Exec(t, `UPDATE deliveries SET state = 'sent'`)
		answer := func(p bot.Person, answer action.Answer, plus int) {
			t.Helper()
			by, err := w.Actions().AskedBy(ctx, a.ID, p.Member.ID)
			if err != nil {
				t.Fatal(err)
			}
			w.do(func(ctx context.Context, tx bot.Tx) error {
				return w.Actions().Reply(ctx, tx, a.ID, p.Member.ID, by, action.RSVP{Answer: answer, Plus: plus}, w.now())
			})
		}
		answer(amina, action.Yes, 1)
		answer(bo, action.Yes, 2)
		answer(cyn, action.Yes, 4)
		counts := func(o bot.Organisation, want action.Counts) {
			t.Helper()
			if got, err := w.Actions().Counts(ctx, a, o.ID); err != nil || got != want {
				t.Errorf("%s counts %+v (%v), want %+v", o.Name, got, err, want)
			}
		}
		counts(w.home, action.Counts{Yes: 2, Plus: 3, Asked: 2})
		counts(luton, action.Counts{Yes: 1, Plus: 4, Asked: 2})
		counts(w.organisation("Amare"), action.Counts{})
		// Somebody who changes their mind stays with whoever asked first.
		w.do(func(ctx context.Context, tx bot.Tx) error {
			return w.Actions().Reply(ctx, tx, a.ID, cyn.Member.ID, w.home.ID, action.RSVP{Answer: action.No}, w.now())
		})
		counts(w.home, action.Counts{Yes: 2, Plus: 3, Asked: 2})
		counts(luton, action.Counts{No: 1, Asked: 2})
		// Answers of the release before name no organisation.
		w.Exec(t, `UPDATE rsvps SET organisation_id = '' WHERE organisation_id = $1`, string(w.home.ID))
		counts(w.home, action.Counts{Yes: 2, Plus: 3, Asked: 2})
		counts(luton, action.Counts{No: 1, Asked: 2})
		for _, p := range []bot.Person{bo, cyn} {
			if open, err := w.Actions().Open(ctx, p.Member.ID, 5); err != nil || !reflect.DeepEqual(open, []action.Action{a}) {
				t.Errorf("open: %+v, %v", open, err)
			}
		}
	})
}

// An alert may ask people to come to an action of another organisation only while
// that is shared, whatever was true when its author pressed the button.
func TestSubmitForAnother(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		a, luton := w.action(w.sending("Come."), "March"), w.organisation("Luton Roma Trust")
		w.do(w.grant(w.author, bot.Role{Kind: bot.Organiser, Organisation: luton.ID}))
		draft := func() alert.Alert {
			d := w.draft("Come with us.")
			w.Exec(t, `UPDATE alerts SET organisation_id = $1 WHERE id = $2`, string(luton.ID), string(d.ID))
			w.asks(d, a)
			return w.alert(d.ID)
		}
		call := func(want alert.Call) {
			t.Helper()
			want.Title = alert.Variant{Locale: "en", Text: "March"}
			if got, err := w.Alerts().Call(t.Context(), a.ID); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("call: %+v (%v), want %+v", got, err, want)
			}
		}
		if _, err := w.Alerts().Call(t.Context(), "nowhere"); !errors.Is(err, bot.ErrNotFound) {
			t.Errorf("an action that is not there is %v", err)
		}
		call(alert.Call{Organisation: w.home.ID, Alert: a.Alert})
		w.conflicts("not asked", w.submit(draft()))
		w.do(w.share(a, luton, action.Unasked, action.Asked))
		w.conflicts("not decided", w.submit(draft()))
		call(alert.Call{Organisation: w.home.ID, Alert: a.Alert})
		w.do(w.share(a, luton, action.Asked, action.Accepted))
		call(alert.Call{Organisation: w.home.ID, Alert: a.Alert, Partners: []bot.OrganisationID{luton.ID}})
		w.do(w.submit(draft()))
		over := func(is bool) {
			w.do(func(ctx context.Context, tx bot.Tx) error { return w.Actions().SetOver(ctx, tx, a.ID, is) })
		}
		over(true)
		call(alert.Call{Organisation: w.home.ID, Alert: a.Alert, Partners: []bot.OrganisationID{luton.ID}, Over: true})
		w.conflicts("over", w.submit(draft()))
		over(false)
		w.do(w.share(a, luton, action.Accepted, action.Ended))
		w.conflicts("no longer shared", w.submit(draft()))

		begun, err := w.Alerts().DraftFor(t.Context(), a.ID, luton.ID)
		if err != nil || begun.State != alert.Draft || begun.Action != a.ID || begun.Organisation != luton.ID {
			t.Errorf("the draft is %+v, %v", begun, err)
		}
		if _, err := w.Alerts().DraftFor(t.Context(), a.ID, w.home.ID); !errors.Is(err, bot.ErrNotFound) {
			t.Errorf("another's draft is %v", err)
		}
	})
}

// Who organises now is told: no leader, nobody suspended or stopped, nobody of a
// paused organisation.
func TestOrganisers(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		organises := bot.Role{Kind: bot.Organiser, Organisation: w.home.ID}
		grace, stopped, gone, leader := w.member("grace"), w.member("stopped"), w.member("gone"), w.member("leader")
		w.do(w.grant(grace, organises), w.grant(stopped, organises), w.grant(gone, organises),
			w.grant(leader, bot.Role{Kind: bot.Leader, Organisation: w.home.ID, Group: w.group("crmc").ID}),
			w.grant(leader, bot.Role{Kind: bot.Organiser, Organisation: w.organisation("Amare").ID}))
		w.do(func(ctx context.Context, tx bot.Tx) error {
			return w.Members().SetState(ctx, tx, stopped.Member.ID, bot.Stopped)
		})
		w.Exec(t, `UPDATE roles SET state = 'suspended' WHERE member_id = $1`, string(gone.Member.ID))
		are := func(want ...bot.MemberID) {
			t.Helper()
			got, err := w.Actions().Organisers(t.Context(), w.home.ID)
			var ids []bot.MemberID
			for _, m := range got {
				ids = append(ids, m.ID)
			}
			if err != nil || !reflect.DeepEqual(ids, want) {
				t.Errorf("organisers %v (%v), want %v", ids, err, want)
			}
		}
		are(grace.Member.ID)
		w.Exec(t, `UPDATE organisations SET state = 'paused' WHERE id = $1`, string(w.home.ID))
		are()
	})
}

// What a removed organisation has called, and others take part in, goes to whoever
// was the first to say so; those who answered to the others have answered still.
func TestRemovedOrganisationsActions(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		luton, amare, leeds := w.organisation("Luton Roma Trust"), w.organisation("Amare"), w.organisation("Leeds")
		owner := w.organisation("Another Roof")
		ours, theirs, thirds := w.member("amina", owner), w.member("bo", luton), w.member("cyn", leeds)
		begun := w.asking(owner, action.Action{}, ours)
		march := w.action(begun, "March")
		alone := w.action(begun, "Meeting")
		w.Exec(t, `UPDATE actions SET organisation_id = $1`, string(owner.ID))
		w.asks(begun, march)
		take := func(a action.Action, o bot.Organisation) {
			t.Helper()
			w.clock.Advance(time.Second)
			w.do(w.share(a, o, action.Unasked, action.Asked), w.share(a, o, action.Asked, action.Accepted))
		}
		w.do(w.share(march, amare, action.Unasked, action.Asked), w.share(alone, amare, action.Unasked, action.Asked))
		take(march, luton)
		take(march, leeds)
		sent := w.asking(luton, march, theirs)
		w.asking(leeds, march, thirds)
		w.Exec(t, `UPDATE deliveries SET state = 'sent'`)
		// One answer is of the release before, and names no organisation.
		earlier := w.member("dee", owner)
		for who, by := range map[bot.MemberID]bot.OrganisationID{
			ours.Member.ID: owner.ID, theirs.Member.ID: luton.ID, thirds.Member.ID: leeds.ID, earlier.Member.ID: "",
		} {
			w.do(func(ctx context.Context, tx bot.Tx) error {
				return w.Actions().Reply(ctx, tx, march.ID, who, by, action.RSVP{Answer: action.Yes}, w.now())
			})
		}
		for _, by := range []bot.OrganisationID{"", owner.ID, luton.ID} {
			w.Exec(t, `INSERT INTO rsvp_counts (action_id, organisation_id, answer, people, plus) VALUES ($1, $2, 'no', 6, 0)`, string(march.ID), string(by))
		}
		if err := w.Members().RemoveOrganisation(ctx, owner.ID); err != nil {
			t.Fatal(err)
		}
		got, err := w.Actions().Action(ctx, march.ID)
		if want := (action.Action{ID: march.ID, Organisation: luton.ID, Alert: sent.ID, Titles: march.Titles, Original: march.Original}); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("the action is %+v (%v), want %+v", got, err, want)
		}
		for o, want := range map[bot.OrganisationID]action.Counts{luton.ID: {Yes: 1, No: 6, Asked: 1}, leeds.ID: {Yes: 1, Asked: 1}} {
			if counts, err := w.Actions().Counts(ctx, got, o); err != nil || counts != want {
				t.Errorf("counted %+v (%v), want %+v", counts, err, want)
			}
		}
		w.rows("who takes part", 2, `SELECT organisation_id, state FROM action_shares ORDER BY state`, nil, string(leeds.ID)+" accepted", string(amare.ID)+" asked")
		w.rows("actions that are left", 1, `SELECT id FROM actions`, nil, string(march.ID))
		w.rows("organisations that are left", 1, `SELECT count(*) FROM organisations WHERE id = $1`, []any{string(owner.ID)}, "0")

		// The next is Leeds. Amare has only been asked.
		for _, step := range []struct {
			gone bot.Organisation
			left []string
		}{{luton, []string{string(leeds.ID)}}, {leeds, nil}} {
			if err := w.Members().RemoveOrganisation(ctx, step.gone.ID); err != nil {
				t.Fatal(err)
			}
			w.rows("whose it is", 1, `SELECT organisation_id FROM actions`, nil, step.left...)
		}
	})
}

// Whoever has left an action keeps what its people answered, when nobody else takes
// part. One that has no words of its own begins with none.
func TestRemovedOrganisationsActionsGoToWhoeverWrote(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		luton, amare, owner := w.organisation("Luton Roma Trust"), w.organisation("Amare"), w.organisation("Another Roof")
		left, taken := w.action(w.sending("Come."), "March"), w.action(w.sending("Come."), "Meeting")
		w.Exec(t, `UPDATE actions SET organisation_id = $1`, string(owner.ID))
		for a, o := range map[bot.ActionID]bot.Organisation{left.ID: luton, taken.ID: amare} {
			w.do(w.share(action.Action{ID: a}, o, action.Unasked, action.Asked), w.share(action.Action{ID: a}, o, action.Asked, action.Accepted))
		}
		sent := w.asking(luton, left)
		w.do(w.share(left, luton, action.Accepted, action.Ended))
		if err := w.Members().RemoveOrganisation(t.Context(), owner.ID); err != nil {
			t.Fatal(err)
		}
		for _, want := range []action.Action{
			{ID: left.ID, Organisation: luton.ID, Alert: sent.ID, Titles: left.Titles, Original: left.Original},
			{ID: taken.ID, Organisation: amare.ID, Titles: taken.Titles, Original: taken.Original},
		} {
			if got, err := w.Actions().Action(t.Context(), want.ID); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("the action is %+v (%v), want %+v", got, err, want)
			}
		}
		call, err := w.Alerts().Call(t.Context(), taken.ID)
		if err != nil || call.Title.Text != "Meeting" || call.Organisation != amare.ID {
			t.Errorf("the call is %+v, %v", call, err)
		}
	})
}

// While the organisation that has called an action is paused, that is known.
func TestPausedOwner(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		a := w.action(w.sending("Come."), "March")
		for _, pause := range []bool{true, false} {
			if err := w.Members().Pause(t.Context(), w.home.ID, pause); err != nil {
				t.Fatal(err)
			}
			got, err := w.Actions().Action(t.Context(), a.ID)
			if err != nil || got.Paused != pause {
				t.Errorf("paused %v: %+v, %v", pause, got, err)
			}
			call, err := w.Alerts().Call(t.Context(), a.ID)
			if err != nil || call.Paused != pause {
				t.Errorf("paused %v: %+v, %v", pause, call, err)
			}
		}
	})
}
