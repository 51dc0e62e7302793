package storage

import (
	"context"
	"time"

	"ella/bot"
)

// Lease takes or renews what only one process may do at a time, such as polling
// an account, and reports whether owner holds it now. It is the owner's until ttl
// from now, by this machine's clock; the owner renews it well before, by calling
// Lease again, and stops what it does as soon as that returns false. A lease
// that has run out is whoever's asks first. owner names a run of a process, not
// a machine: one that comes back after a crash is another owner. Whoever has a SQLite
// file for itself knows that every other owner is gone, and waits for none.
//
// Clocks of processes that share leases must agree to a fraction of the ttl.
func (db *DB) Lease(ctx context.Context, name, owner string, ttl time.Duration) (bool, error) {
	now := db.now()
	alone := db.lock != nil
	mine := false
	err := db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		n, err := own(tx).exec(ctx, `
			INSERT INTO leases (name, owner, expires_at) VALUES ($1, $2, $3)
			ON CONFLICT (name) DO UPDATE SET owner = $2, expires_at = $3
			WHERE leases.owner = $2 OR leases.expires_at <= $4 OR $5`,
			name, owner, now+ttl.Milliseconds(), now, alone)
		mine = n == 1
		return err
	})
	return mine && err == nil, err
}

// Release gives a lease up, so that another process need not wait for it to run
// out. Releasing what is not held changes nothing.
func (db *DB) Release(ctx context.Context, name, owner string) error {
	return db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		_, err := own(tx).exec(ctx, `DELETE FROM leases WHERE name = $1 AND owner = $2`, name, owner)
		return err
	})
}

// Alive implements delivery.Store.
func (s Delivery) Alive(ctx context.Context, owner string, now time.Time, ttl time.Duration) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		t := own(tx)
		_, err := t.exec(ctx, `
			INSERT INTO leases (name, owner, expires_at) VALUES ($1, $2, $3)
			ON CONFLICT (name) DO UPDATE SET expires_at = $3`,
			"process:"+owner, owner, now.Add(ttl).UnixMilli())
		if err != nil {
			return err
		}
		_, err = t.exec(ctx, `DELETE FROM leases WHERE name LIKE 'process:%' AND expires_at < $1`, now.Add(-time.Hour).UnixMilli())
		return err
	})
}
