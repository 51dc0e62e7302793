package main

import (
	"context"
	"sync"

	"ella/bot"
)

// receivers are the accounts that an app receives for at this moment.
type receivers struct {
	// run is the life of them all.
	run  context.Context //nolint:containedctx // begun by start, ended by shutDown
	stop context.CancelFunc

	all sync.WaitGroup
	mu  sync.Mutex
	by  map[bot.AccountID]*receiver

	// stopped is told of an account that stopped for good, while the app runs. nil: nobody
	// is.
	stopped func(id bot.AccountID, adapter bot.Adapter, err error)
	// waits reports that accounts may come though none is there. nil: none will.
	waits func() bool
	// beside runs beside the receiving, until its context ends. nil: nothing does.
	beside func(ctx context.Context)
	// ended is closed when every account has stopped for good, and none may come.
	ended     chan struct{}
	sayEnding sync.Once
}

// receiver is one account's.
type receiver struct {
	stop context.CancelFunc
	done chan struct{}
}

func newReceivers() receivers {
	return receivers{by: map[bot.AccountID]*receiver{}, ended: make(chan struct{})}
}

// begin serves an account with an adapter, in place of an earlier one, and receives for
// it until it ends, halt is called, or the app is shut down. One account that stops leaves
// the others alone.
func (a *app) begin(id bot.AccountID, adapter bot.Adapter) {
	a.adapters.Put(id, adapter)
	a.halt(id)
	run, stop := context.WithCancel(a.run)
	r := &receiver{stop: stop, done: make(chan struct{})}
	a.mu.Lock()
	a.by[id] = r
	a.mu.Unlock()
	a.all.Go(func() {
		defer stop()
		err := a.receive(run, id, adapter)
		a.mu.Lock()
		if a.by[id] == r {
			delete(a.by, id)
		}
		a.mu.Unlock()
		close(r.done)
		if run.Err() != nil {
			return
		}
		if err != nil {
			a.log.Error("an account stopped receiving", "account", string(id), "err", err)
		}
		if a.stopped != nil {
			a.stopped(id, adapter, err)
		}
		a.endIfAlone()
	})
}

// halt receives for an account no longer, and returns when nothing of it is under way.
func (a *app) halt(id bot.AccountID) {
	a.mu.Lock()
	r := a.by[id]
	a.mu.Unlock()
	if r != nil {
		r.stop()
		<-r.done
	}
}

// endIfAlone says that all is over, if no account is left and none may come.
func (a *app) endIfAlone() {
	a.mu.Lock()
	left := len(a.by)
	a.mu.Unlock()
	if left == 0 && (a.waits == nil || !a.waits()) {
		a.sayEnding.Do(func() { close(a.ended) })
	}
}
