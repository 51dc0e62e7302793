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
	"ella/bot/message"
	"ella/bot/privacy"
)

func (w *world) stands(owner string, q bot.Queued, ref bot.Ref) {
	w.t.Helper()
	if err := w.Delivery(owner).ReplyStands(w.t.Context(), q, ref); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) discreet(p bot.Person, on bool) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error {
		return w.Privacy().SetDiscreet(ctx, tx, p.Member.ID, on)
	}
}

// What stands in a chat and can be taken away keeps its name and nothing else, for two
// days. Nobody sends it again.
func TestReplyStands(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		p := w.member("amina")
		var queued []bot.Queued
		for i := range 3 * 64 { // more than go together
			queued = append(queued, w.queue("me", p, say(fmt.Sprint("message ", i)))...)
		}
		ends := make(chan struct{})
		for i, q := range queued {
			go func() {
				w.stands("me", q, bot.Ref(fmt.Sprint("r", i)))
				ends <- struct{}{}
			}()
		}
		for range queued {
			<-ends
		}
		w.rows("what stands", 2, `SELECT state, count(*) FROM outbox WHERE message_sealed IS NULL AND ref_sealed IS NOT NULL GROUP BY state`, nil, "sent 192")
		if left := w.left("other", none, 1000); len(left) > 0 {
			t.Errorf("%d of them are sent again", len(left))
		}
		var all []bot.Ref
		w.do(w.forget(p, "amina"))
		_, _, err := w.Privacy().Erase(t.Context(), time.Time{}, func(_ context.Context, s []privacy.Standing) { all = s[0].Refs })
		if err != nil || len(all) != 192 {
			t.Errorf("%d are found again, %v", len(all), err)
		}
		for i := range 192 {
			if !slices.Contains(all, bot.Ref(fmt.Sprint("r", i))) {
				t.Errorf("message %d has no name any more", i)
			}
		}
	})
}

func TestStandingIsTidied(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		p := w.member("amina")
		card := say("card")
		card.Topic = "card"
		q := w.queue("me", p, say("stands"), card, say("waits"))
		w.stands("me", q[0], "r1")
		w.do(replyEnded(w, "me", q[1], delivery.End{State: delivery.Sent, Ref: "r2", Stands: true}))
		w.clock.Advance(48 * time.Hour)
		w.tidy()
		w.rows("after two days", 1, `SELECT count(*) FROM outbox`, nil, "3")
		w.clock.Advance(time.Millisecond)
		w.tidy()
		w.rows("and then", 2, `SELECT state, topic FROM outbox ORDER BY state DESC`, nil, "sent card", "sending ")
	})
}

// Where messages can be taken away, one that a later one is in the place of, and that
// was not changed by it, still stands. Its topic is the later one's.
func TestReplacedStillStands(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		p := w.member("amina")
		send := func(ref bot.Ref, stands bool) {
			t.Helper()
			r := say("card")
			r.Topic = "card"
			w.do(replyEnded(w, "me", w.queue("me", p, r)[0], delivery.End{State: delivery.Sent, Ref: ref, Stands: stands}))
		}
		topics := func(what string, want ...string) {
			t.Helper()
			w.rows(what, 1, `SELECT CASE WHEN topic = '' THEN 'none' ELSE topic END FROM outbox ORDER BY id`, nil, want...)
		}
		send("r1", true)
		send("r1", true)
		topics("changed in place", "card")
		send("r2", true)
		topics("sent anew", "none", "card")
		send("r2", true)
		topics("and changed in place", "none", "card")
		if ref, err := w.Delivery("me").LastRef(t.Context(), p.Address.ID, "card"); ref != "r2" || err != nil {
			t.Errorf("the last is %q, %v", ref, err)
		}
		send("r3", false)
		topics("where nothing can be taken away", "none", "card")
	})
}

// A message to take away is found again by whoever comes after.
func TestTakeBackIsLeft(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		p := w.member("amina")
		q := w.queue("gone", p, bot.Reply{TakeBack: "r1"}, bot.Reply{Edit: "r2", Message: say("changed").Message})
		if q[0].TakeBack != "r1" || q[0].Edit != "" || q[1].TakeBack != "" || q[1].Edit != "r2" {
			t.Errorf("queued are %+v", q)
		}
		left := w.left("me", none, 10)
		if len(left) != 2 || left[0].TakeBack != "r1" || left[0].Edit != "" || len(left[0].Message.Blocks) > 0 || left[1].TakeBack != "" || left[1].Edit != "r2" {
			t.Errorf("left are %+v", left)
		}
		w.do(replyEnded(w, "me", left[0], delivery.End{State: delivery.Refused, Reason: "gone"}))
		w.rows("when it failed", 2, `SELECT state, CASE WHEN edit_sealed IS NULL THEN 'no' ELSE 'yes' END FROM outbox WHERE takes_back`, nil, "refused no")
	})
}

// Of somebody who is forgotten everything is taken away that stands in their chats and
// is young enough, each message once, but for what says goodbye.
func TestStanding(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		amina, bo := w.member("amina", w.home), w.member("bo", w.home)
		send := func(p bot.Person, ref bot.Ref) { w.stands("me", w.queue("me", p, say("hello"))[0], ref) }
		send(amina, "old")
		w.clock.Advance(time.Hour)
		since := w.now()
		for _, ref := range []bot.Ref{"r1", "r2", "r1"} {
			send(amina, ref)
		}
		send(bo, "of-bo")
		card := say("card")
		card.Topic = "card"
		w.do(replyEnded(w, "me", w.queue("me", amina, card)[0], delivery.End{State: delivery.Sent, Ref: "r3", Stands: true}))
		w.do(replyEnded(w, "me", w.queue("me", amina, say("lost"))[0], delivery.End{State: delivery.Unknown}))
		for _, c := range w.begun("me", w.sending("to all", amina, bo)) {
			w.do(func(ctx context.Context, tx bot.Tx) error {
				return w.Delivery("me").Ended(ctx, tx, c, delivery.End{State: delivery.Sent, Ref: bot.Ref("copy-" + c.Address.Chat), Address: c.Address.ID}, w.now())
			})
		}
		w.queue("me", amina, say("on its way"))
		w.do(func(ctx context.Context, tx bot.Tx) error {
			return w.Delivery("me").Menu(ctx, tx, amina.Address.ID, "list")
		})
		w.do(w.forget(amina, "amina"))
		send(amina, "goodbye")
		var stand []string
		erase := func() int {
			t.Helper()
			_, left, err := w.Privacy().Erase(t.Context(), since, func(_ context.Context, all []privacy.Standing) {
				for _, s := range all {
					refs := slices.Clone(s.Refs)
					slices.Sort(refs)
					stand = append(stand, fmt.Sprint(s.Address.Account == amina.Address.Account, " ", s.Address.Chat, " ", refs, s.Address.Menu))
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			return left
		}
		if left := erase(); left != 1 || len(stand) > 0 {
			t.Errorf("while something is on its way, %d are left, and %q is taken away", left, stand)
		}
		w.clock.Advance(time.Minute)
		want := []string{fmt.Sprintf("true %s [copy-%s r1 r2 r3]list", amina.Address.Chat, amina.Address.Chat)}
		if left := erase(); left != 0 || !slices.Equal(stand, want) {
			t.Errorf("%d are left, and taken away is %q, want %q", left, stand, want)
		}
	})
}

// Who wants a line that gives nothing away gets it before what others cause, and
// before nothing else. With them their wish is forgotten.
func TestDiscreet(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		amina, grace := w.member("amina", w.home), w.member("grace", w.home)
		replies := func() string {
			t.Helper()
			asked, unasked := say("asked"), say("unasked")
			asked.To, asked.Asked, unasked.To = amina.Member.ID, true, amina.Member.ID
			w.queue("gone", amina, say("own"))
			w.queue("gone", grace, asked, unasked)
			var all []string
			for _, q := range w.left("me", none, 10) {
				if q.Discreet {
					all = append(all, message.Plain(q.Message.Blocks[0].(message.Paragraph).Spans))
				}
				w.do(replyEnded(w, "me", q, delivery.End{State: delivery.Refused}))
			}
			return strings.Join(all, " ")
		}
		copies := func() (discreet bool) {
			t.Helper()
			return w.begun("me", w.sending("to all", amina))[0].Discreet
		}
		is := func(what string, on bool, want string) {
			t.Helper()
			if got := replies(); got != want || copies() != on || w.person("amina").Member.Discreet != on {
				t.Errorf("%s the line stands before %q, and she is %+v", what, got, w.person("amina").Member)
			}
		}
		is("at first", false, "")
		w.do(w.discreet(amina, true))
		is("once she wants it", true, "asked unasked")
		w.do(w.discreet(amina, false))
		is("when she wants it no more", false, "")
		w.do(w.discreet(amina, true), w.forget(amina, "amina"))
		w.rows("forgotten", 1, `SELECT count(*) FROM members WHERE discreet`, nil, "0")
		w.conflicts("and nothing is kept of her", w.discreet(amina, true))
	})
}

// Which menu a chat shows is read with its member.
func TestMenuIsNoted(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		p := w.member("amina")
		for _, menu := range []string{"", "ab12", ""} {
			w.do(func(ctx context.Context, tx bot.Tx) error { return w.Delivery("me").Menu(ctx, tx, p.Address.ID, menu) })
			if got := w.person("amina").Address.Menu; got != menu {
				t.Errorf("noted is %q, want %q", got, menu)
			}
		}
	})
}
