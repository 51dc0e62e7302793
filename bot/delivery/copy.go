package delivery

import (
	"context"
	"errors"
	"runtime/debug"
	"time"

	"ella/bot"
	"ella/bot/message"
)

// sendCopy writes one copy whose attempt is counted, after one more look at
// whether it should still go.
func (d *Delivery) sendCopy(alert Running, c Copy) {
	if reason := d.skip(alert, c); reason != "" {
		end := End{State: Skipped, Reason: reason}
		if c.Attempts > 1 {
			end.State = Unknown // the attempt before may have arrived
		}
		d.ended(c, end)
		return
	}
	adapter, ok := d.Adapters.Of(c.Address.Account)
	if !ok || d.accountStopped(c.Address.Account) {
		d.unsent(c, time.Minute)
		return
	}
	body, locale, err := d.compose(alert.ID, c)
	if err != nil && (d.run.Err() != nil || d.Store.Unavailable(err)) {
		d.unsent(c, 5*time.Second)
		return
	}
	if err != nil {
		d.Log.Error("writing an alert for a reader failed", "err", err)
		d.ended(c, End{State: Refused, Reason: string(bot.Invalid)})
		return
	}
	if c.Discreet {
		body = d.discreetly(body)
	}
	ref, err := d.send(adapter, bot.Outgoing{Chat: c.Address.Chat, Message: body, Bulk: true})
	if bot.SendKindOf(err) == bot.Markup {
		d.Log.Error("the platform refused the form of an alert; sent as plain text", "code", code(err))
		plain := message.Message{Locale: body.Locale, Direction: body.Direction, Blocks: []message.Block{message.Say(body.Text())}}
		ref, err = d.send(adapter, bot.Outgoing{Chat: c.Address.Chat, Message: plain, Bulk: true})
	}
	d.record(c, adapter, locale, ref, err)
}

// compose has the alert written for its reader. A composer that panics fails
// this copy only.
func (d *Delivery) compose(id bot.AlertID, c Copy) (m message.Message, locale string, err error) {
	defer func() {
		if recover() != nil {
			d.Log.Error("writing an alert panicked", "stack", string(debug.Stack()))
			err = errPanicked
		}
	}()
	if c.Chat {
		m, err = d.Composer.ComposeChat(d.run, id, c.Locales, c.Attempts > 1)
		return m, m.Locale, err
	}
	return d.Composer.Compose(d.run, id, bot.Reader{Locale: c.Locale, Speaks: c.Speaks}, c.Attempts > 1)
}

var errPanicked = errors.New("delivery: a composer panicked")

func (d *Delivery) skip(alert Running, c Copy) string {
	switch {
	case c.Cancelled:
		return SkipCancelled
	case c.Over:
		return SkipOver
	case !d.Clock.Now().Before(alert.Expires):
		return SkipExpired
	case c.Stopped:
		return SkipStopped
	case c.Address.ID == "":
		return SkipUnreachable
	}
	return ""
}

// record turns what the adapter said into the copy's next state.
func (d *Delivery) record(c Copy, through bot.Adapter, locale string, ref bot.Ref, err error) {
	kind := bot.SendKindOf(err)
	end := End{Reason: string(kind), Locale: locale, Address: c.Address.ID, Ref: ref}
	switch kind {
	case "":
		end.State = Sent
	case bot.Throttled:
		wait := retryAfter(err)
		if !chatOnly(err) {
			d.pacer(c.Address.Account).refused(wait)
		}
		d.unsent(c, wait)
		return
	case bot.NotSent, bot.NotYet:
		d.unsent(c, 5*time.Second)
		return
	case bot.NoAccess:
		d.stopAccount(c.Address.Account, through)
		d.unsent(c, time.Minute)
		return
	case bot.Moved:
		d.moved(c, err)
		return
	case bot.Unclear:
		// It may have arrived. Once more, marked as a repeat, and never a third time.
		end.State = Planned
		if c.Attempts >= bot.MaxAttempts {
			end.State = Unknown
		}
	case bot.Blocked, bot.Gone, bot.Forbidden:
		end.State = Refused
		d.settle("turning an address off", func(ctx context.Context, tx bot.Tx) error {
			if err := d.Store.Unreachable(ctx, tx, c.Address.ID, kind); err != nil {
				return err
			}
			if c.Chat && d.ChatLost != nil {
				if err := d.ChatLost(ctx, tx, bot.GroupChatID(c.Member)); err != nil {
					return err
				}
			}
			return d.Store.Ended(ctx, tx, c, end, d.Clock.Now())
		})
		return
	default:
		d.Log.Error("the platform refused an alert", "kind", string(kind), "code", code(err))
		end.State = Refused
	}
	d.ended(c, end)
}

// moved gives the chat its new name; the copy goes there next.
func (d *Delivery) moved(c Copy, err error) {
	var se *bot.SendError
	errors.As(err, &se)
	now := d.Clock.Now()
	d.settle("renaming a chat", func(ctx context.Context, tx bot.Tx) error {
		if err := d.Store.Rename(ctx, tx, c.Address.ID, se.NewChat); err != nil {
			return err
		}
		return d.Store.Unsent(ctx, tx, c, now, now)
	})
}

func (d *Delivery) ended(c Copy, end End) {
	d.settle("copy", func(ctx context.Context, tx bot.Tx) error { return d.Store.Ended(ctx, tx, c, end, d.Clock.Now()) })
}

func (d *Delivery) unsent(c Copy, wait time.Duration) {
	now := d.Clock.Now()
	d.settle("unsent copy", func(ctx context.Context, tx bot.Tx) error {
		return d.Store.Unsent(ctx, tx, c, now.Add(wait), now)
	})
}
