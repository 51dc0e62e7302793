package storage_test

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/delivery"
	"ella/bot/engine"
	"ella/storage"
)

// What has served its time goes, what a human or a process still needs stays.
func TestTidy(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		const day = 24 * time.Hour
		p := w.member("amina", w.home)
		u := map[string]engine.Waiting{}
		for _, key := range []string{"done", "parked", "waiting"} {
			u[key], _ = w.accept(w.raw(key, "amina", key))
		}
		w.do(w.finish(u["done"].ID), w.failed(u["parked"].ID, engine.Panicked, true))
		topic := func(text string) bot.Reply { r := say(text); r.Topic = text; return r }
		q := w.queue("me", p, topic("sent"), topic("refused"), topic("unknown"), topic("sending"), topic("waiting"))
		w.do(
			replyEnded(w, "me", q[0], delivery.End{State: delivery.Sent, Ref: "r"}), replyEnded(w, "me", q[1], delivery.End{State: delivery.Refused}),
			replyEnded(w, "me", q[2], delivery.End{State: delivery.Unknown}), w.unsent("me", q[4], w.now()),
		)
		role := bot.Role{Kind: bot.Organiser, Organisation: w.home.ID}
		w.do(w.invite("USED", role, time.Hour), w.invite("NEW", role, time.Hour))
		w.do(w.redeem("USED", p))

		stays := func(after time.Duration, inbox, outbox string, invites int) {
			t.Helper()
			w.tidy()
			w.rows(fmt.Sprint("inbox after ", after), 1, `SELECT state FROM inbox ORDER BY state`, nil, strings.Fields(inbox)...)
			w.rows(fmt.Sprint("outbox after ", after), 1, `SELECT topic FROM outbox ORDER BY topic`, nil, strings.Fields(outbox)...)
			w.rows(fmt.Sprint("invites after ", after), 1, `SELECT count(*) FROM invites`, nil, fmt.Sprint(invites))
		}
		all := "refused sending sent unknown waiting"
		stays(0, "done parked waiting", all, 2)
		w.clock.Advance(25 * time.Hour)
		stays(25*time.Hour, "done parked waiting", all, 2)
		w.clock.Advance(time.Millisecond)
		stays(25*time.Hour+1, "done parked waiting", all, 0)
		w.clock.Advance(6*day - time.Hour - time.Millisecond)
		stays(7*day, "done parked waiting", all, 0)
		if _, fresh := w.accept(w.raw("done", "amina", "done")); fresh {
			t.Error("within the week an update is fresh again")
		}
		w.clock.Advance(time.Millisecond)
		stays(7*day+1, "parked waiting", all, 0)
		w.clock.Advance(23*day - time.Millisecond)
		stays(30*day, "parked waiting", all, 0)
		w.clock.Advance(time.Millisecond)
		stays(30*day+1, "waiting", "sending waiting", 0)
		if got := w.person("amina"); !got.Organises(w.home.ID) {
			t.Error("a role went with its invitation")
		}
	})
}

// A clock that is years ahead for one run, and behind at another, deletes nothing.
func TestTidyWithAWrongClock(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		tidy := func(jump time.Duration, want string) {
			t.Helper()
			w.clock.Advance(jump)
			if err := w.Tidy(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.rows("invitations", 1, `SELECT count(*) FROM invites`, nil, want)
		}
		w.do(w.invite("CODE", bot.Role{Kind: bot.Organiser, Organisation: w.home.ID}, 24*time.Hour))
		tidy(0, "1")
		tidy(3650*day, "1")
		tidy(time.Hour-3650*day, "1")
		tidy(time.Hour, "1")
		// What is true for longer is believed.
		tidy(10*day, "1")
		tidy(time.Hour, "0")
	})
}

// More than one unit's worth goes too.
func TestTidyMany(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.do(func(ctx context.Context, tx bot.Tx) error {
			for i := range 1200 {
				if err := w.invite(fmt.Sprint(i), bot.Role{Kind: bot.Organiser, Organisation: w.home.ID}, time.Hour)(ctx, tx); err != nil {
					return err
				}
			}
			return nil
		})
		w.clock.Advance(48 * time.Hour)
		w.do(w.invite("fresh", bot.Role{Kind: bot.Organiser, Organisation: w.home.ID}, time.Hour))
		if err := w.Tidy(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.rows("invites", 1, `SELECT count(*) FROM invites`, nil, "1")
	})
}

func TestCheckup(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		check := func(want storage.Checkup) {
			t.Helper()
			got, err := w.Checkup(t.Context())
			if err != nil || !maps.Equal(got.Parked, want.Parked) {
				t.Errorf("parked %v, want %v (%v)", got.Parked, want.Parked, err)
			}
			got.Parked, want.Parked = nil, nil
			if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
				t.Errorf("\n got %+v\nwant %+v", got, want)
			}
		}
		check(storage.Checkup{Organisations: 1})
		amina, bo := w.member("amina", w.home), w.member("bo", w.home)
		w.group("crmc")
		for i, reason := range []engine.Reason{engine.Panicked, engine.Panicked, engine.Unreadable} {
			u, _ := w.accept(w.raw(fmt.Sprint(i), "amina", "x"))
			w.do(w.failed(u.ID, reason, true))
		}
		done, _ := w.accept(w.raw("done", "amina", "x"))
		w.do(w.finish(done.ID))
		w.accept(w.raw("waiting", "amina", "x"))
		for _, q := range w.queue("me", amina, say("one"), say("two"), say("three"))[:2] {
			w.do(replyEnded(w, "me", q, delivery.End{State: delivery.Unknown}))
		}
		w.draft("draft")
		frozen := w.draft("freezing")
		w.do(w.submit(frozen))
		a := w.sending("sending", amina, bo)
		w.do(w.ended("me", w.begun("me", a)[0], delivery.Unknown, "unclear"))
		check(storage.Checkup{
			Members: 3, Organisations: 1, Groups: 1, Waiting: 1, Parked: map[string]int{"panicked": 2, "unreadable": 1},
			UnknownReplies: 2, UnknownCopies: 1, RunningAlerts: 2, Drafts: 1,
		})
	})
}
