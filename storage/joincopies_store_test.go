package storage_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/delivery"
	"ella/bot/privacy"
)

// Of two copies of one alert the person gets what either would have got, and no more; the
// numbers add up.
func TestJoinCopies(t *testing.T) {
	for _, c := range []struct {
		own, other string // state and attempts
		want       string
		counted    string
	}{
		{"planned 0", "", "planned 0", ""},
		{"", "planned 0", "planned 0", ""},
		{"planned 0", "planned 0", "planned 0", "skipped"},
		{"planned 0", "sent 1", "sent 1", "skipped"},
		{"sent 1", "planned 0", "sent 1", "skipped"},
		{"planned 0", "attempting 1", "attempting 1", "skipped"},
		{"sent 1", "sent 1", "sent 1", "sent"},
		{"attempting 1", "sent 1", "sent 1", "unknown"},
		{"attempting 1", "attempting 1", "attempting 1", "unknown"},
		{"refused 1", "planned 0", "planned 0", "refused"},
		{"planned 0", "refused 1", "planned 0", "refused"},
		{"unknown 2", "planned 0", "unknown 2", "skipped"},
		{"planned 1", "planned 1", "unknown 1", "skipped"},
		{"skipped 0", "cancelled 0", "skipped 0", "cancelled"},
	} {
		t.Run(strings.ReplaceAll(c.own+" and "+c.other, " ", "-"), func(t *testing.T) {
			eachWorld(t, func(t *testing.T, w *world) {
				amina, slack := w.member("amina", w.home), w.member("slack", w.home)
				var to []bot.Person
				for p, state := range map[*bot.Person]string{&amina: c.own, &slack: c.other} {
					if state != "" {
						to = append(to, *p)
					}
				}
				a := w.sending("news", to...)
				for p, state := range map[*bot.Person]string{&amina: c.own, &slack: c.other} {
					is, attempts, _ := strings.Cut(state, " ")
					w.Exec(t, `UPDATE deliveries SET state = $3, attempts = CAST($4 AS BIGINT) WHERE alert_id = $1 AND member_id = $2`,
						string(a.ID), string(p.Member.ID), is, max(attempts, "0"))
				}
				w.do(w.joins(w.toJoin(amina, "amina", slack, "slack")))
				w.rows("the copy", 3, `SELECT member_id, state, attempts FROM deliveries`, nil, string(amina.Member.ID)+" "+c.want)
				var counted []string
				if c.counted != "" {
					counted = []string{c.counted + " 1"}
				}
				w.rows("the numbers", 2, `SELECT state, people FROM delivery_counts`, nil, counted...)
			})
		})
	}
}

// A copy that is on its way while its reader's chats are joined ends as it ends, and no
// other follows.
func TestJoinWhileSending(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		amina, slack := w.member("amina", w.home), w.member("slack", w.home)
		a := w.sending("news", amina, slack)
		copies := w.lease("me", a, 10)
		i := slices.IndexFunc(copies, func(c delivery.Copy) bool { return c.Member == slack.Member.ID })
		writing := w.begin("me", copies[i])[0]
		w.do(w.joins(w.toJoin(amina, "amina", slack, "slack")))
		if begun := w.begin("me", copies[1-i]); len(begun) > 0 {
			t.Error("the other copy is begun")
		}
		w.clock.Advance(2 * time.Minute)
		w.recovers("me", func(key string) bool { return key == writing.Key() }, 0, 0)
		w.do(w.ended("me", writing, delivery.Sent, ""))
		w.ledger("at the end", "sent 1 ")
		if left := w.begun("me", a); len(left) > 0 {
			t.Error("something is left to send")
		}
		tally, err := w.Alerts().Tally(t.Context(), a.ID)
		if err != nil || tally.Sent != 1 || tally.Skipped != 1 || tally.Waiting != 0 {
			t.Errorf("numbers: %+v, %v", tally, err)
		}
		// What it is called on the platform is found under its new name.
		w.do(w.forget(w.person("slack"), "slack"))
		w.standing("ref", slack.Address.ID)
	})
}

// standing expects that a message in a chat would be taken away.
func (w *world) standing(ref bot.Ref, at bot.AddressID) {
	w.t.Helper()
	found := false
	w.clock.Advance(time.Minute)
	_, _, err := w.Privacy().Erase(w.t.Context(), time.Time{}, w.lookFor(ref, at, &found))
	if err != nil || !found {
		w.t.Errorf("the message is not taken away (%v)", err)
	}
}

// Both were being written: neither is written again, whatever their platforms say.
func TestJoinWhileBothAreSent(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		amina, slack := w.member("amina", w.home), w.member("slack", w.home)
		for _, end := range []string{"unsent", "unclear", "crash"} {
			a := w.sending(end, amina, slack)
			var mine delivery.Copy
			for _, c := range w.begun("me", a) {
				if c.Member == amina.Member.ID {
					mine = c
				}
			}
			w.do(w.joins(w.toJoin(amina, "amina", slack, "slack")))
			switch end {
			case "unsent":
				w.do(w.copyUnsent("me", mine, w.now()))
			case "unclear":
				w.do(w.ended("me", mine, delivery.Planned, ""))
			case "crash":
				w.recovers("after", none, 0, 1)
			}
			if left := w.begun("me", a); len(left) > 0 {
				t.Errorf("%s: it is sent again", end)
			}
			w.do(w.parts(amina.Member.ID, slack.Address.ID))
			slack = w.person("slack")
		}
	})
}

// lookFor notes whether a message in a chat is taken away.
func (*world) lookFor(ref bot.Ref, at bot.AddressID, found *bool) func(context.Context, []privacy.Standing) {
	return func(_ context.Context, all []privacy.Standing) {
		for _, s := range all {
			*found = *found || s.Address.ID == at && slices.Contains(s.Refs, ref)
		}
	}
}
