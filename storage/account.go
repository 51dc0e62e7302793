package storage

import (
	"context"

	"ella/bot"
)

// Account gives the account of that platform and name, and makes it where there
// is none: an account is a row before any adapter is started for it.
func (db *DB) Account(ctx context.Context, platform, name string) (bot.AccountID, error) {
	var id string
	err := db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		return own(tx).queryRow(ctx, `
			INSERT INTO accounts (id, platform, name, state, created_at) VALUES ($1, $2, $3, 'on', $4)
			ON CONFLICT (platform, name) DO UPDATE SET name = $3 RETURNING id`,
			db.ids.New(), platform, name, db.now()).Scan(&id)
	})
	return bot.AccountID(id), err
}
