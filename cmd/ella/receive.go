package main

import (
	"context"
	"time"

	"ella/bot"
)

// leaseTimes say how long a process may go on receiving for an account after it
// was last heard of, how often it is heard of, and how often others look.
type leaseTimes struct{ hold, renew, look time.Duration }

// receiveTimes: platforms forget a button press after 150 s, so another process
// takes over long before.
func receiveTimes() leaseTimes {
	return leaseTimes{hold: 30 * time.Second, renew: 10 * time.Second, look: 5 * time.Second}
}

// receive runs an adapter until ctx ends or it fails for good. Where a platform
// gives its updates to one process only, it waits for this account's lease
// first, and stops when the lease is lost.
func (a *app) receive(ctx context.Context, id bot.AccountID, adapter bot.Adapter) error {
	if !adapter.Capabilities().OneReceiver {
		return adapter.Receive(ctx, a.engine)
	}
	name := "receive:" + leased(id, adapter)
	look := time.NewTicker(a.lease.look)
	defer look.Stop()
	for ctx.Err() == nil {
		mine, err := a.holdLease(ctx, name)
		if err != nil && ctx.Err() == nil {
			a.log.Warn("asking for an account's lease failed", "account", string(id), "err", err)
		}
		if mine {
			if err := a.receiveWhileLeased(ctx, name, adapter); err != nil {
				return err
			}
			continue
		}
		select {
		case <-ctx.Done():
		case <-look.C:
		}
	}
	return nil
}

// leased is what one process at a time receives by: the account, or what the account
// shares with others, such as the connections of an app that several workspaces let in.
// Then one lease is for all of them, so that whoever holds the connections is whoever
// receives for each.
func leased(id bot.AccountID, adapter bot.Adapter) string {
	if shared, ok := adapter.(interface{ Receiver() string }); ok {
		return shared.Receiver()
	}
	return string(id)
}

// holdLease takes a lease that several accounts of this process may hold together.
// Whoever holds it lets it go with freeLease.
func (a *app) holdLease(ctx context.Context, name string) (bool, error) {
	a.leasing.Lock()
	defer a.leasing.Unlock()
	mine, err := a.db.Lease(ctx, name, a.owner, a.lease.hold)
	if mine {
		a.leases[name]++
	}
	return mine, err
}

// freeLease gives a lease back when the last account lets it go.
func (a *app) freeLease(ctx context.Context, name string) error {
	a.leasing.Lock()
	defer a.leasing.Unlock()
	if a.leases[name]--; a.leases[name] > 0 {
		return nil
	}
	delete(a.leases, name)
	return a.db.Release(ctx, name, a.owner)
}

// receiveWhileLeased runs the adapter and renews the lease beside it.
func (a *app) receiveWhileLeased(ctx context.Context, name string, adapter bot.Adapter) error {
	run, stop := context.WithCancel(ctx)
	defer stop()
	received := make(chan error, 1)
	go func() { received <- adapter.Receive(run, a.engine) }()
	// Given back under a context of its own: the one that ends is why it ends.
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if err := a.freeLease(ctx, name); err != nil {
			a.log.Warn("giving an account's lease back failed", "err", err)
		}
	}()
	renew := time.NewTicker(a.lease.renew)
	defer renew.Stop()
	held := time.Now()
	for {
		select {
		case err := <-received:
			return err
		case <-renew.C:
			mine, err := a.db.Lease(ctx, name, a.owner, a.lease.hold)
			if mine {
				held = time.Now()
			}
			// A database that does not answer for a moment is no reason to stop,
			// as long as nobody else can have the lease.
			if (err == nil && !mine) || time.Since(held) > a.lease.hold-a.lease.renew {
				stop()
				return <-received
			}
		}
	}
}
