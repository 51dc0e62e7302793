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

// NamedAccount is an account with the platform's name of it.
type NamedAccount struct {
	ID   bot.AccountID
	Name string
}

// Accounts are those of a platform, oldest first.
func (db *DB) Accounts(ctx context.Context, platform string) ([]NamedAccount, error) {
	return collect(func(r *rows) (a NamedAccount, err error) {
		return a, r.Scan(&a.ID, &a.Name)
	})(db.read().query(ctx, `SELECT id, name FROM accounts WHERE platform = $1 ORDER BY created_at, id`, platform))
}
