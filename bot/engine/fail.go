package engine

import (
	"context"
	"errors"

	"ella/bot"
)

// fail counts a failed try; when the update is parked its sender is told.
func (e *Engine) fail(w Waiting, reason Reason, park bool) error {
	ctx, cancel := context.WithTimeout(e.run, timeToCompute)
	defer cancel()
	var sorry apology
	if park {
		sorry = e.apologise(ctx, w)
	}
	count := func(ctx context.Context, tx bot.Tx) error { return e.Store.Failed(ctx, tx, w.ID, reason, park) }
	if park && e.isPlace(w) {
		// Where somebody is, is kept for nobody to look at.
		count = func(ctx context.Context, tx bot.Tx) error { return e.Store.Finish(ctx, tx, w.ID) }
	}
	var queued []bot.Queued
	err := e.Store.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		queued = nil // a unit may run again
		if err := count(ctx, tx); err != nil {
			if errors.Is(err, bot.ErrConflict) {
				return errEnded
			}
			return err
		}
		if sorry.isNew {
			if err := e.Store.Join(ctx, tx, sorry.person, sorry.sender); err != nil {
				return err
			}
		}
		var err error
		queued, err = e.Store.Queue(ctx, tx, sorry.person.Address, sorry.replies)
		return err
	})
	if errors.Is(err, errEnded) {
		return err
	}
	if err != nil {
		e.Log.Warn("counting a failed update failed", "err", err)
		return err
	}
	e.Outbox.Send(queued)
	if sorry.turn.Update.Window != "" {
		said := bot.Outcome{Replies: sorry.replies}
		e.Outbox.Window(w.Account, sorry.turn.Update.Chat, sorry.turn.Update.Window, e.form(sorry.turn, said), e.instead(sorry.turn, said))
	}
	return nil
}

// isPlace reports whether an update says where somebody is.
func (e *Engine) isPlace(w Waiting) bool {
	adapter, ok := e.Adapters.Of(w.Account)
	if !ok {
		return false
	}
	u, err := e.decode(adapter, w.Body)
	return err == nil && u.Kind == bot.LocationShared
}

// apology is what the sender of a parked update is told: that it was our fault,
// that it is kept, and how to go on.
type apology struct {
	person  bot.Person
	sender  string
	isNew   bool
	replies []bot.Reply
	turn    bot.Turn
}

// apologise is empty where nothing of the update can be read, or where even the
// apology fails.
func (e *Engine) apologise(ctx context.Context, w Waiting) (sorry apology) {
	defer func() {
		if recover() != nil {
			sorry = apology{}
		}
	}()
	adapter, ok := e.Adapters.Of(w.Account)
	if !ok {
		return apology{}
	}
	update, err := e.decode(adapter, w.Body)
	if err != nil || quiet(update.Kind) {
		return apology{}
	}
	person, _, err := e.Store.Person(ctx, w.Account, update.Sender)
	isNew := errors.Is(err, bot.ErrNotFound)
	switch {
	case update.Group != "" && (isNew || update.Nameless):
		return apology{} // nobody becomes known by what they do in a group chat
	case isNew:
		person = e.newPerson(w.Account, update)
	case err != nil:
		return apology{}
	}
	turn := e.turn(w.Account, person, nil, update, adapter)
	out, err := e.Home.Lost(ctx, turn, bot.Broken)
	if err != nil {
		return apology{}
	}
	return apology{person: person, sender: update.Sender, isNew: isNew, replies: append(out.Replies, takesBack(update, adapter)...), turn: turn}
}
