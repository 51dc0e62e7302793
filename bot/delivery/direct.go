package delivery

import (
	"context"
	"errors"
	"time"

	"ella/bot"
	"ella/bot/message"
)

// Direct implements bot.Direct: it goes past the outbox, and a throttled send is the
// only one that it tries again.
func (d *Delivery) Direct(ctx context.Context, account bot.AccountID, out bot.Outgoing) (bot.Ref, error) {
	adapter, ok := d.Adapters.Of(account)
	for {
		switch {
		case !ok || d.accountStopped(account):
			return "", &bot.SendError{Kind: bot.NotYet}
		case d.run.Err() != nil || ctx.Err() != nil:
			return "", &bot.SendError{Kind: bot.NotSent}
		}
		if len(out.TakeBack) > 0 && len(out.Message.Blocks) == 0 && out.Press == "" && !d.takesBack(account) {
			return "", nil // nothing of it can be taken away
		}
		ref, err := d.sendWithin(ctx, adapter, out)
		switch bot.SendKindOf(err) {
		case "":
			return ref, nil
		case bot.Throttled:
			if !d.waitFor(ctx, retryAfter(err)) {
				return "", err
			}
			continue
		case bot.NoAccess:
			d.stopAccount(account, adapter)
		}
		if _, ok := errors.AsType[*bot.SendError](err); !ok {
			err = &bot.SendError{Kind: bot.Unclear} // its text may hold anything
		}
		return "", err
	}
}

// waitFor reports false when the time that is left is not enough.
func (d *Delivery) waitFor(ctx context.Context, wait time.Duration) bool {
	if until, ok := ctx.Deadline(); ok && time.Until(until) < wait {
		return false
	}
	select {
	case <-ctx.Done():
		return false
	case <-d.run.Done():
		return false
	case <-time.After(wait):
		return true
	}
}

// Notice answers a button press with a short text, and with a start link that opens
// with it. Best effort: a platform forgets a press after a while, and the reply
// itself says everything.
func (d *Delivery) Notice(account bot.AccountID, chat, press, text, link string) {
	d.tell(account, "press", bot.Outgoing{Chat: chat, Press: press, Notice: text, NoticeLink: link})
}

// Aloud says something in a group chat. Best effort.
func (d *Delivery) Aloud(account bot.AccountID, group string, m message.Message) {
	d.tell(account, "aloud", bot.Outgoing{Chat: group, Message: m})
}

// tell sends what may be lost, and never blocks.
func (d *Delivery) tell(account bot.AccountID, what string, out bot.Outgoing) {
	if d.run.Err() != nil {
		return
	}
	d.notices.Go(func() {
		ctx, cancel := context.WithTimeout(d.run, sendTimeout)
		defer cancel()
		if _, err := d.Direct(ctx, account, out); err != nil {
			d.Log.Debug("what may be lost was lost", "what", what, "err", err)
		}
	})
}
