package delivery

import (
	"context"
	"errors"
	"sync"
	"time"

	"ella/bot"
	"ella/bot/message"
)

// lookEvery is how soon the pump notices an alert that nobody woke it for: one
// submitted in another process, or copies whose wait is over.
const lookEvery = time.Second

// pump sends what the ledger holds, alert by alert in turn, until Stop.
func (d *Delivery) pump() {
	reported := map[bot.AlertID]time.Time{}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for d.run.Err() == nil {
		worked, err := d.round(reported)
		if err != nil && d.run.Err() == nil {
			d.Log.Warn("sending alerts failed; trying again", "err", err)
		}
		if worked && err == nil {
			continue
		}
		select {
		case <-d.run.Done():
		case <-d.wake:
		case <-tick.C:
		}
	}
}

// round takes one stretch of every running alert. It reports whether any copy
// was worked on.
func (d *Delivery) round(reported map[bot.AlertID]time.Time) (bool, error) {
	running, err := d.Store.Running(d.run)
	if err != nil {
		return false, err
	}
	worked := false
	for _, alert := range running {
		copies, err := d.Store.Begin(d.run, alert.ID, d.Owner, d.Clock.Now(), d.width())
		if err != nil {
			return worked, err
		}
		var sending sync.WaitGroup
		for _, c := range copies {
			sending.Go(func() { d.sendCopy(alert, c) })
		}
		sending.Wait()
		worked = worked || len(copies) > 0
		closed := false
		if len(copies) == 0 {
			if closed, err = d.Store.Close(d.run, alert.ID, d.Clock.Now()); err != nil {
				return worked, err
			}
		}
		last, seen := reported[alert.ID]
		if now := d.Clock.Now(); closed || !seen || (len(copies) > 0 && now.Sub(last) >= d.ProgressEvery) {
			reported[alert.ID] = now
			if err := d.report(alert.ID); err != nil {
				return worked, err
			}
		}
		if closed {
			delete(reported, alert.ID)
		}
	}
	return worked, nil
}

func (d *Delivery) width() int {
	all := make([]*pacer, 0, len(d.pacers))
	for _, p := range d.pacers {
		all = append(all, p)
	}
	return stretch(all, d.Width)
}

// report edits the author's card.
func (d *Delivery) report(id bot.AlertID) error {
	replies, err := d.Composer.Progress(d.run, id)
	if err != nil {
		return err
	}
	return d.Post(d.run, replies)
}

// sendCopy writes one copy, after one more look at whether it should still go.
func (d *Delivery) sendCopy(alert Running, c Copy) {
	if reason := d.skip(alert, c); reason != "" {
		d.ended(c, End{State: Skipped, Reason: reason})
		return
	}
	adapter, ok := d.Adapters[c.Address.Account]
	if !ok || d.accountStopped(c.Address.Account) {
		d.unsent(c, time.Minute)
		return
	}
	body, locale, err := d.Composer.Compose(d.run, alert.ID, c.Locale, c.Attempts > 1)
	if err != nil {
		d.Log.Error("writing an alert for a reader failed", "err", err)
		d.ended(c, End{State: Refused, Reason: string(bot.Invalid)})
		return
	}
	pace := d.pacers[c.Address.Account]
	if err := pace.wait(d.run); err != nil {
		d.unsent(c, 0)
		return
	}
	ref, err := send(d.run, adapter, bot.Outgoing{Chat: c.Address.Chat, Message: body})
	if bot.SendKindOf(err) == bot.Markup {
		d.Log.Error("the platform refused the form of an alert; sent as plain text", "code", code(err))
		plain := message.Message{Locale: body.Locale, Direction: body.Direction, Blocks: []message.Block{message.Say(body.Text())}}
		ref, err = send(d.run, adapter, bot.Outgoing{Chat: c.Address.Chat, Message: plain})
	}
	d.record(c, pace, locale, ref, err)
}

func (d *Delivery) skip(alert Running, c Copy) string {
	switch {
	case alert.Cancelled:
		return SkipCancelled
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
func (d *Delivery) record(c Copy, pace *pacer, locale string, ref bot.Ref, err error) {
	kind := bot.SendKindOf(err)
	end := End{Reason: string(kind), Locale: locale, Address: c.Address.ID, Ref: ref}
	switch kind {
	case "":
		end.State = Sent
	case bot.Throttled:
		wait := retryAfter(err)
		pace.refused(wait)
		d.unsent(c, wait)
		return
	case bot.NotSent, bot.NotYet:
		d.unsent(c, 5*time.Second)
		return
	case bot.NoAccess:
		d.stopAccount(c.Address.Account)
		d.unsent(c, time.Minute)
		return
	case bot.Moved:
		var se *bot.SendError
		errors.As(err, &se)
		d.settle("renaming a chat", func(ctx context.Context, tx bot.Tx) error {
			if err := d.Store.Rename(ctx, tx, c.Address.ID, se.NewChat); err != nil {
				return err
			}
			return d.Store.Unsent(ctx, tx, c, d.Clock.Now(), d.Clock.Now())
		})
		return
	case bot.Unclear:
		// It may have arrived. Once more, marked as a repeat, and never a third time.
		end.State = Planned
		if c.Attempts >= bot.MaxAttempts {
			end.State = Unknown
		}
	case bot.Blocked, bot.Gone, bot.Forbidden:
		d.settle("turning an address off", func(ctx context.Context, tx bot.Tx) error {
			return d.Store.Unreachable(ctx, tx, c.Address.ID, kind)
		})
		end.State = Refused
	default:
		d.Log.Error("the platform refused an alert", "kind", string(kind), "code", code(err))
		end.State = Refused
	}
	d.ended(c, end)
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
