package storage_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/delivery"
)

// left takes over what nobody sends.
func (w *world) left(owner string, held func(string) bool, limit int) []bot.Queued {
	w.t.Helper()
	got, err := w.Delivery(owner).LeftReplies(w.t.Context(), owner, held, w.now(), limit)
	if err != nil {
		w.t.Fatal(err)
	}
	return got
}

func (w *world) alive(owner string) {
	w.t.Helper()
	if err := w.Delivery(owner).Alive(w.t.Context(), owner, w.now(), 15*time.Second); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) unsent(owner string, q bot.Queued, due time.Time) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error { return w.Delivery(owner).ReplyUnsent(ctx, tx, q, due) }
}

func (w *world) outbox(what string, want ...string) {
	w.t.Helper()
	w.rows(what, 4, `SELECT state, attempts, owner, reason FROM outbox ORDER BY id`, nil, want...)
}

// Words leave the database with the reply, and a reply that nothing will refer
// to leaves as a whole.
func TestReplyEnded(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		p := w.member("amina")
		card := func() bot.Reply { r := say("card"); r.Topic, r.Edit = "card", "ref-0"; return r }
		for _, c := range []struct {
			reply bot.Reply
			end   delivery.End
			want  string // state, reason, whether there are words, an edit, a ref
		}{
			{say("one"), delivery.End{State: delivery.Unknown, Reason: "unclear"}, "unknown unclear no no no"},
			{say("one"), delivery.End{State: delivery.Refused, Reason: "blocked"}, "refused blocked no no no"},
			{card(), delivery.End{State: delivery.Sent, Ref: "r2"}, "sent  no no yes"},
			{card(), delivery.End{State: delivery.Unknown, Reason: "unclear"}, "unknown unclear no no no"},
		} {
			w.Exec(t, `DELETE FROM outbox`)
			q := w.queue("me", p, c.reply)[0]
			w.do(replyEnded(w, "me", q, c.end))
			w.rows(fmt.Sprint(c.end.State, " with topic ", q.Topic), 5, `SELECT state, reason,
				CASE WHEN message_sealed IS NULL THEN 'no' ELSE 'yes' END, CASE WHEN edit_sealed IS NULL THEN 'no' ELSE 'yes' END,
				CASE WHEN ref_sealed IS NULL THEN 'no' ELSE 'yes' END FROM outbox`, nil, c.want)
		}
		w.Exec(t, `DELETE FROM outbox`)
		q := w.queue("me", p, say("one"), say("two"))
		for range 2 {
			if err := w.Delivery("me").ReplyGone(t.Context(), q[0]); err != nil {
				t.Error(err)
			}
		}
		w.rows("what is gone", 1, `SELECT id FROM outbox`, nil, q[1].ID)
	})
}

func TestLastRef(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		amina, bo := w.member("amina"), w.member("bo")
		last := func(p bot.Person, topic string, want bot.Ref) {
			t.Helper()
			if got, err := w.Delivery("me").LastRef(t.Context(), p.Address.ID, topic); err != nil || got != want {
				t.Errorf("last of %q: %q, %v; want %q", topic, got, err, want)
			}
		}
		send := func(p bot.Person, topic string, ends ...delivery.End) {
			t.Helper()
			for _, end := range ends {
				r := say("card")
				r.Topic = topic
				w.do(replyEnded(w, "me", w.queue("me", p, r)[0], end))
			}
		}
		sent := func(ref bot.Ref) delivery.End { return delivery.End{State: delivery.Sent, Ref: ref} }
		last(amina, "card", "")
		send(amina, "card", sent("a1"), sent("a2"), sent("a3"))
		send(amina, "other", sent("o1"))
		send(bo, "card", sent("b1"))
		last(amina, "card", "a3")
		last(amina, "other", "o1")
		last(bo, "card", "b1")
		last(amina, "third", "")
		// What may not have arrived is nothing to edit, and hides nothing.
		send(amina, "card", delivery.End{State: delivery.Unknown}, delivery.End{State: delivery.Refused}, delivery.End{State: delivery.Sent})
		w.queue("me", amina, func() bot.Reply { r := say("card"); r.Topic = "card"; return r }())
		last(bo, "card", "b1")
		// Only the last one of a topic is kept.
		w.rows("rows of bo", 1, `SELECT count(*) FROM outbox WHERE address_id = $1`, []any{string(bo.Address.ID)}, "1")
		w.rows("sent rows of amina", 2, `SELECT topic, count(*) FROM outbox WHERE address_id = $1 AND state = 'sent' GROUP BY topic ORDER BY topic`,
			[]any{string(amina.Address.ID)}, "card 1", "other 1")
	})
}

// What an owner that is gone had begun comes back in order, with one attempt
// more; what has none left stays unknown.
func TestLeftReplies(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		amina, bo := w.member("amina"), w.member("bo")
		w.alive("me")
		var queued []bot.Queued
		for i := range 5 {
			edit := say(fmt.Sprint(i))
			edit.Topic, edit.Replace, edit.Edit = "t", true, "ref"
			queued = append(queued, w.queue("dead", []bot.Person{amina, bo}[i%2], edit)...)
		}
		w.Exec(t, `UPDATE outbox SET attempts = $1 WHERE id = $2`, bot.MaxAttempts, queued[1].ID)
		mine := w.queue("me", amina, say("mine"))
		got := w.left("me", none, 10)
		if texts := words(got); !slices.Equal(texts, []string{"0", "2", "3", "4"}) {
			t.Fatalf("left: %q", texts)
		}
		want := queued[2]
		want.Attempts = 2
		if g := got[1]; g.ID != want.ID || g.Address != want.Address || g.Account != want.Account || g.Chat != want.Chat ||
			g.Topic != "t" || !g.Replace || g.Edit != "ref" || g.Attempts != 2 {
			t.Errorf("came back as %+v, want %+v", g, want)
		}
		if again := w.left("me", none, 10); len(again) > 0 {
			t.Errorf("taken twice: %q", words(again))
		}
		w.rows("the one without an attempt left", 3, `SELECT state, reason, message_sealed IS NULL FROM outbox WHERE id = $1`,
			[]any{queued[1].ID}, fmt.Sprint("unknown interrupted ", truth(w, true)))
		// The process dies once more: then nothing is left to try.
		if again := w.left("third", none, 10); w.shared() && len(again) > 0 {
			t.Errorf("taken from a living owner: %q", words(again))
		}
		w.clock.Advance(20 * time.Second)
		w.left("third", none, 10)
		w.rows("after the second death", 3, `SELECT state, attempts, count(*) FROM outbox WHERE id <> $1 AND id <> $2 GROUP BY state, attempts`,
			[]any{queued[1].ID, mine[0].ID}, "unknown 2 4")
	})
}

// shared is true where other processes may be running.
func (w *world) shared() bool { return strings.Contains(w.url, "://") }

func TestLeftRepliesLimit(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		p := w.member("amina")
		for i := range 5 {
			w.queue("dead", p, say(fmt.Sprint(i)))
		}
		var got []string
		for range 3 {
			got = append(got, strings.Join(words(w.left("me", none, 2)), ""))
		}
		if !slices.Equal(got, []string{"01", "23", "4"}) {
			t.Errorf("two at a time: %q", got)
		}
	})
}

// A reply that waits comes back when its time has come, its attempt given back.
func TestReplyUnsent(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		p := w.member("amina")
		w.alive("me")
		q := w.queue("me", p, say("one"))[0]
		w.do(w.unsent("me", q, w.now().Add(time.Minute)))
		w.outbox("given back", "waiting 0 me ")
		if got := w.left("me", none, 10); len(got) > 0 {
			t.Errorf("before its time: %q", words(got))
		}
		w.clock.Advance(time.Minute)
		w.alive("me")
		got := w.left("other", none, 10)
		if len(got) != 1 || got[0].Attempts != 1 {
			t.Fatalf("when its time has come: %+v", got)
		}
		w.outbox("taken by another", "sending 1 other ")
		// What the owner before says late changes nothing any more.
		w.do(w.unsent("me", q, w.now()))
		w.outbox("after a late word", "sending 1 other ")
		w.do(replyEnded(w, "other", got[0], delivery.End{State: delivery.Refused, Reason: "gone"}))
		w.do(w.unsent("other", got[0], w.now()))
		w.outbox("after its end", "refused 1 other gone")
	})
}

// A late end of an attempt is no end of the next one; that a reply arrived is
// true whenever it is heard.
func TestLateReplyEnded(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		p := w.member("amina")
		late := func() bot.Queued {
			r := say("card")
			r.Topic = "card"
			first := w.queue("dead", p, r)[0]
			if got := w.left("me", none, 10); len(got) != 1 || got[0].Attempts != 2 {
				t.Fatalf("taken over: %+v", got)
			}
			return first
		}
		w.do(replyEnded(w, "dead", late(), delivery.End{State: delivery.Unknown, Reason: "unclear"}))
		w.outbox("a late unknown", "sending 2 me ")
		w.Exec(t, `DELETE FROM outbox`)
		w.do(replyEnded(w, "dead", late(), delivery.End{State: delivery.Sent, Ref: "r"}))
		w.outbox("a late arrival", "sent 2 me ")
	})
}

// On PostgreSQL a living owner keeps what it has; on SQLite there is none beside us.
func TestLeftByTheLiving(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		p := w.member("amina")
		w.alive("other")
		w.queue("other", p, say("one"))
		got := w.left("me", none, 10)
		if w.shared() {
			if len(got) > 0 {
				t.Fatal("taken from a living owner")
			}
			w.clock.Advance(14 * time.Second)
			w.alive("other")
			w.clock.Advance(14 * time.Second)
			if got := w.left("me", none, 10); len(got) > 0 {
				t.Fatal("taken from an owner that renewed its life")
			}
			w.clock.Advance(time.Second)
			got = w.left("me", none, 10)
		}
		if len(got) != 1 {
			t.Errorf("left by an owner that is gone: %q", words(got))
		}
	})
}

// A commit may succeed although it was reported as failed: nobody ever handed
// that reply to the delivery, and a living owner finds it by not holding it.
func TestOwnRepliesThatNobodyHolds(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		p := w.member("amina")
		w.alive("me")
		lost, held := w.queue("me", p, say("lost"))[0], w.queue("me", p, say("held"))[0]
		holds := func(id string) bool { return id == held.ID }
		w.clock.Advance(59 * time.Second)
		w.alive("me")
		if got := w.left("me", holds, 10); len(got) > 0 {
			t.Errorf("within the minute: %q", words(got))
		}
		w.clock.Advance(time.Second)
		w.alive("me")
		got := w.left("me", holds, 10)
		if len(got) != 1 || got[0].ID != lost.ID || got[0].Attempts != 2 {
			t.Fatalf("after a minute: %+v", got)
		}
		if again := w.left("me", holds, 10); len(again) > 0 {
			t.Errorf("and at once again: %q", words(again))
		}
		w.clock.Advance(time.Minute)
		w.alive("me")
		if again := w.left("me", holds, 10); len(again) > 0 {
			t.Errorf("a third attempt: %q", words(again))
		}
		w.outbox("at the end", "unknown 2  interrupted", "sending 1 me ")
	})
}

// A reply that does not open is set aside and keeps nobody else waiting.
func TestLeftRepliesWithADamagedRow(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		p := w.member("amina")
		bad, shape := w.queue("dead", p, say("bad"))[0], w.queue("dead", p, say("shape"))[0]
		w.queue("dead", p, say("good"))
		w.Exec(t, `UPDATE outbox SET message_sealed = $2 WHERE id = $1`, bad.ID, []byte("damaged"))
		w.Exec(t, `UPDATE outbox SET message_sealed = $2 WHERE id = $1`, shape.ID, w.Seal(t, "outbox", "message_sealed", shape.ID, []byte(`{"v":99}`)))
		if got := words(w.left("me", none, 10)); !slices.Equal(got, []string{"good"}) {
			t.Errorf("left: %q", got)
		}
		w.outbox("outbox", "refused 2 me unreadable", "refused 2 me unreadable", "sending 2 me ")
	})
}

func TestRename(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		p := w.member("amina")
		w.queue("dead", p, say("one"))
		w.do(func(ctx context.Context, tx bot.Tx) error {
			return w.Delivery("me").Rename(ctx, tx, p.Address.ID, "another chat")
		})
		if got := w.person("amina").Address.Chat; got != "another chat" {
			t.Errorf("found in %q", got)
		}
		if got := w.left("me", none, 10); got[0].Chat != "another chat" {
			t.Errorf("what was queued before goes to %q", got[0].Chat)
		}
	})
}
