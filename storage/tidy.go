package storage

import (
	"context"
	"time"

	"ella/bot"
)

// How long rows are kept that have served their purpose. A platform may deliver
// an update again for days; nothing asks for the others.
const (
	keepInbox  = 7 * 24 * time.Hour
	keepOutbox = 30 * 24 * time.Hour // refs of messages that may still be edited
	keepInvite = 24 * time.Hour      // after it expired
	keepParked = 30 * 24 * time.Hour // for a human to look at
	tidyAtOnce = 500
)

// Tidy deletes what has served its time, a little in each unit of work so that
// nobody waits.
func (db *DB) Tidy(ctx context.Context) error {
	now := db.clock.Now()
	for _, d := range []struct {
		statement string
		before    any // an id where ids tell the age, else milliseconds
	}{
		{`DELETE FROM inbox WHERE id IN (SELECT id FROM inbox WHERE id < $1 AND state = 'done' ORDER BY id LIMIT $2)`, bot.FirstID(now.Add(-keepInbox))},
		{`DELETE FROM inbox WHERE id IN (SELECT id FROM inbox WHERE id < $1 AND state = 'parked' ORDER BY id LIMIT $2)`, bot.FirstID(now.Add(-keepParked))},
		{`DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE id < $1 AND state IN ('sent', 'unknown', 'refused') ORDER BY id LIMIT $2)`, bot.FirstID(now.Add(-keepOutbox))},
		{`DELETE FROM invites WHERE id IN (SELECT id FROM invites WHERE expires_at < $1 LIMIT $2)`, now.Add(-keepInvite).UnixMilli()},
	} {
		for {
			var n int64
			err := db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
				var err error
				n, err = own(tx).exec(ctx, d.statement, d.before, tidyAtOnce)
				return err
			})
			if err != nil {
				return err
			}
			if n < tidyAtOnce {
				break
			}
		}
	}
	return nil
}
