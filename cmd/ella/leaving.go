package main

import (
	"context"
	"errors"
	"time"

	"ella/adapters/slack"
	"ella/bot"
	"ella/bot/groupchat"
)

// What people wrote before Ella was taken out of their workspace is still worked: nothing
// can be answered there, but whoever asked to be forgotten, or to be left alone, is.

const (
	// emptyFor is how long what is left of an account may take to be worked. It takes
	// milliseconds, unless somebody filled the inbox.
	emptyFor  = 20 * time.Second
	emptyLook = 50 * time.Millisecond
)

// tellsKeepers has those who answer for a group chat told that Ella can't write there.
func tellsKeepers(jobs bot.Jobs) func(ctx context.Context, tx bot.Tx, chat bot.GroupChatID) error {
	return func(ctx context.Context, tx bot.Tx, chat bot.GroupChatID) error {
		return jobs.Add(ctx, tx, bot.Job{Kind: groupchat.JobTell, ID: string(chat)})
	}
}

// silence receives for an account no longer; what it brought before is worked on.
func (w *workspaces) silence(id bot.AccountID) {
	w.serving.Lock()
	defer w.serving.Unlock()
	w.mu.Lock()
	if is := w.by[id]; is != nil {
		is.stop()
		delete(w.by, id)
	}
	w.mu.Unlock()
	w.app.halt(id)
	served, _ := w.app.adapters.Of(id)
	closeSeat(served)
}

func closeSeat(a bot.Adapter) {
	if adapter, ok := a.(*slack.Adapter); ok {
		adapter.Close()
	}
}

// empty works what is left of an account that was taken out, and serves it no longer. What
// is interrupted goes on at the next start.
func (w *workspaces) empty(ctx context.Context, id bot.AccountID) {
	w.mu.Lock()
	busy := w.emptying[id]
	w.emptying[id] = true
	w.mu.Unlock()
	if busy {
		return
	}
	defer func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.emptying, id)
	}()
	reader, err := w.reader(ctx, id)
	if err == nil {
		defer w.dropUnlessNew(id, reader)
		err = w.workOff(ctx, id)
	}
	if errors.Is(err, bot.ErrNotFound) {
		err = nil // nobody can read what is left, if anything is
	}
	if err == nil {
		err = w.db.Emptied(ctx, id, tellsKeepers(w.app.jobs))
	}
	if err != nil && !errors.Is(err, bot.ErrConflict) && ctx.Err() == nil {
		w.log.Warn("slack: what is left of an account could not be worked, and is tried again", "account", string(id), "err", err)
	}
}

// reader is the adapter that an account is served with, or one that only reads.
func (w *workspaces) reader(ctx context.Context, id bot.AccountID) (bot.Adapter, error) {
	w.serving.Lock()
	defer w.serving.Unlock()
	if served, ok := w.app.adapters.Of(id); ok {
		return served, nil
	}
	o := w.setup.Options
	o.Account, o.BotToken, o.AppToken, o.SigningSecret, o.App = id, "", "", "", nil
	former, err := slack.Former(ctx, o)
	if err != nil {
		return nil, err
	}
	w.app.adapters.Put(id, former)
	return former, nil
}

// dropUnlessNew serves an account no longer, unless she was let in again meanwhile.
func (w *workspaces) dropUnlessNew(id bot.AccountID, reader bot.Adapter) {
	w.serving.Lock()
	defer w.serving.Unlock()
	if served, _ := w.app.adapters.Of(id); served == reader {
		w.app.adapters.Drop(id)
	}
}

// workOff waits until nothing of an account waits, or its time is over.
func (w *workspaces) workOff(ctx context.Context, id bot.AccountID) error {
	if err := w.app.engine.Resume(ctx, id); err != nil {
		return err
	}
	look := time.NewTicker(emptyLook)
	defer look.Stop()
	for over := time.Now().Add(emptyFor); ; {
		n, err := w.db.WaitingOf(ctx, id)
		switch {
		case err != nil:
			return err
		case n == 0:
			return nil
		case time.Now().After(over):
			w.log.Error("slack: not all that came from a workspace before Ella was taken out could be worked", "account", string(id), "count", n)
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-look.C:
		}
	}
}
