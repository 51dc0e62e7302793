package delivery

import (
	"cmp"
	"context"
	"errors"
	"runtime/debug"
	"time"

	"ella/bot"
	"ella/bot/message"
)

// sendTimeout bounds one send; platforms near their limits hold a request for
// many seconds and deliver all the same.
const sendTimeout = 30 * time.Second

// replyLife is how long a reply that can't leave this machine is worth sending.
const replyLife = time.Hour

// Send takes committed replies and sends them, in order for each address. It
// never blocks.
func (d *Delivery) Send(replies []bot.Queued) {
	for _, q := range replies {
		if d.hold(q.ID) && !d.replies.Push(string(q.Address), q) {
			d.letGo(q.ID)
		}
	}
}

// sendReply sends one reply until it has ended. It is called by the address's
// lane, so that what follows waits.
func (d *Delivery) sendReply(_ string, q bot.Queued) {
	defer d.letGo(q.ID)
	adapter, ok := d.Adapters.Of(q.Account)
	if !ok {
		d.unserved(q)
		return
	}
	begun := d.Clock.Now()
	for wait := time.Second; d.run.Err() == nil && !d.accountStopped(q.Account); wait = min(2*wait, time.Minute) {
		out, err := d.outgoing(d.run, q)
		if errors.Is(err, errUnwelcome) {
			d.replyEnded(q, End{State: Refused, Reason: SkipStopped})
			return
		}
		if err != nil {
			d.Log.Warn("preparing a reply failed", "err", err)
			d.pause(wait)
			continue
		}
		ref, err := d.send(adapter, out)
		kind := bot.SendKindOf(err)
		if q.TakeBack != "" {
			kind = takenBack(kind)
		}
		switch kind {
		case "":
			d.replyEnded(q, End{State: Sent, Ref: ref})
			return
		case bot.Throttled:
			d.pause(retryAfter(err))
		case bot.NotSent, bot.NotYet:
			if d.Clock.Now().Sub(begun) > replyLife {
				d.replyEnded(q, End{State: Refused, Reason: string(kind)})
				return
			}
			d.pause(wait)
		case bot.Moved:
			var se *bot.SendError
			errors.As(err, &se)
			q.Chat = se.NewChat
			d.settle("renaming a chat", func(ctx context.Context, tx bot.Tx) error {
				return d.Store.Rename(ctx, tx, q.Address, q.Chat)
			})
		case bot.Markup:
			// The form was refused, not the words: they go as plain text, once.
			plain := out.Message.Text()
			if len(q.Message.Blocks) == 1 && q.Message.Text() == plain && isSay(q.Message) {
				d.replyEnded(q, End{State: Refused, Reason: string(kind)})
				return
			}
			d.Log.Error("the platform refused the form of a reply; sent as plain text", "code", code(err))
			q.Message = message.Message{Locale: q.Message.Locale, Direction: q.Message.Direction, Blocks: []message.Block{message.Say(plain)}}
			q.Discreet = false // the line is in it
		case bot.Blocked, bot.Gone, bot.Forbidden:
			d.settle("turning an address off", func(ctx context.Context, tx bot.Tx) error {
				if err := d.Store.Unreachable(ctx, tx, q.Address, kind); err != nil {
					return err
				}
				return d.Store.ReplyEnded(ctx, tx, q, End{State: Refused, Reason: string(kind)})
			})
			return
		case bot.NoAccess:
			d.stopAccount(q.Account, adapter)
			d.replyUnsent(q)
			return
		case bot.Unclear:
			// It may well have arrived, and the member can ask again: no second copy.
			d.replyEnded(q, End{State: Unknown, Reason: string(kind)})
			return
		default:
			d.Log.Error("the platform refused a reply", "kind", string(kind), "code", code(err))
			d.replyEnded(q, End{State: Refused, Reason: string(kind)})
			return
		}
	}
	d.replyUnsent(q)
}

// unserved leaves a reply for as long as it is worth sending: its account may be connected
// in a moment, or another process serves it.
func (d *Delivery) unserved(q bot.Queued) {
	if q.ID >= bot.FirstID(d.Clock.Now().Add(-replyLife)) {
		d.replyUnsent(q)
		return
	}
	d.settle("reply without account", func(ctx context.Context, tx bot.Tx) error {
		return d.Store.ReplyEnded(ctx, tx, q, End{State: Refused, Reason: string(bot.NoAccess)})
	})
}

func isSay(m message.Message) bool {
	_, ok := m.Blocks[0].(message.Paragraph)
	return ok
}

// errUnwelcome says that somebody else caused a reply whose reader has stopped since.
var errUnwelcome = errors.New("delivery: its reader has stopped")

func (d *Delivery) outgoing(ctx context.Context, q bot.Queued) (bot.Outgoing, error) {
	if q.TakeBack != "" {
		return bot.Outgoing{Chat: q.Chat, TakeBack: []bot.Ref{q.TakeBack}}, nil
	}
	out := bot.Outgoing{Chat: q.Chat, Message: q.Message, Edit: q.Edit}
	if q.Discreet {
		out.Message = d.discreetly(out.Message)
	}
	if q.Unasked {
		if welcome, err := d.Store.Welcome(ctx, q.Address); err != nil || !welcome {
			return out, cmp.Or(err, errUnwelcome)
		}
	}
	if q.Replace && q.Edit == "" {
		ref, err := d.Store.LastRef(ctx, q.Address, q.Topic)
		if err != nil {
			return out, err
		}
		out.Edit = ref
	}
	return out, nil
}

// send hands a message to the adapter. A send that has begun is not cut off when
// Ella stops: its end is worth knowing.
func (d *Delivery) send(a bot.Adapter, out bot.Outgoing) (bot.Ref, error) {
	return d.sendWithin(context.WithoutCancel(d.run), a, out)
}

// sendWithin is the call itself. An adapter that panics fails this message only;
// how far it came is not known.
func (d *Delivery) sendWithin(ctx context.Context, a bot.Adapter, out bot.Outgoing) (ref bot.Ref, err error) {
	defer d.survive(&err)
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	return a.Send(ctx, out)
}

// survive turns a panic of an adapter into the error of its call.
func (d *Delivery) survive(err *error) {
	if recover() != nil {
		// The value may hold a person's words: only the stack is logged.
		d.Log.Error("an adapter panicked", "stack", string(debug.Stack()))
		*err = &bot.SendError{Kind: bot.Unclear, Code: "panic"}
	}
}

func (d *Delivery) replyEnded(q bot.Queued, end End) {
	end.Stands = end.Ref != "" && d.takesBack(q.Account)
	switch {
	case end.State == Sent && q.Topic == "" && end.Stands:
		d.insist("reply", func(ctx context.Context) error { return d.Store.ReplyStands(ctx, q, end.Ref) })
		return
	case end.State == Sent && q.Topic == "":
		d.insist("reply", func(ctx context.Context) error { return d.Store.ReplyGone(ctx, q) })
		return
	}
	d.settle("reply", func(ctx context.Context, tx bot.Tx) error { return d.Store.ReplyEnded(ctx, tx, q, end) })
}

// replyUnsent leaves a reply to whoever starts next, or, when it is the account
// that does not work, to another look in a while.
func (d *Delivery) replyUnsent(q bot.Queued) {
	due := d.Clock.Now()
	if d.accountStopped(q.Account) {
		due = due.Add(time.Minute)
	}
	d.settle("unsent reply", func(ctx context.Context, tx bot.Tx) error { return d.Store.ReplyUnsent(ctx, tx, q, due) })
}

// pause waits, or until the delivery stops. Other addresses go on meanwhile.
func (d *Delivery) pause(wait time.Duration) {
	d.replies.Yield(func() {
		select {
		case <-d.run.Done():
		case <-time.After(wait):
		}
	})
}

// retryAfter is how long the platform asked to wait; a second where it did not say.
func retryAfter(err error) time.Duration {
	var se *bot.SendError
	if errors.As(err, &se) && se.RetryAfter > 0 {
		return se.RetryAfter
	}
	return time.Second
}

func chatOnly(err error) bool {
	se, ok := errors.AsType[*bot.SendError](err)
	return ok && se.ChatOnly
}

func code(err error) string {
	if se, ok := errors.AsType[*bot.SendError](err); ok {
		return se.Code
	}
	return ""
}
