package storage

import (
	"context"
	"time"

	"ella/bot"
)

// Account gives the account of that platform and name, and makes it where there
// is none: an account is a row before any adapter is started for it.
func (db *DB) Account(ctx context.Context, platform, name string) (id bot.AccountID, err error) {
	err = db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		id, err = db.account(ctx, own(tx), platform, name)
		return err
	})
	return id, err
}

func (db *DB) account(ctx context.Context, t *Tx, platform, name string) (bot.AccountID, error) {
	var id string
	err := t.queryRow(ctx, `
		INSERT INTO accounts (id, platform, name, state, created_at) VALUES ($1, $2, $3, 'on', $4)
		ON CONFLICT (platform, name) DO UPDATE SET name = $3 RETURNING id`,
		db.ids.New(), platform, name, db.now()).Scan(&id)
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

// AccountState is how an account stands.
type AccountState struct {
	NamedAccount
	Platform string
	// On: Ella is in it, as far as is known.
	On bool
	// Way is how she was let in, and Version names the credentials that are kept for it;
	// both are empty where none are.
	Way, Version string
	// Left: it is off, and what its people wrote before may still wait. See DB.Emptied.
	Left bool
}

const selectAccountStates = `
	SELECT a.id, a.name, a.platform, a.state = 'on', COALESCE(c.way, ''), COALESCE(c.version, ''),
		a.state <> 'on' AND EXISTS (SELECT 1 FROM shelf s WHERE s.account_id = a.id)
	FROM accounts a LEFT JOIN account_credentials c ON c.account_id = a.id `

func scanAccountState(r *rows) (a AccountState, err error) {
	return a, r.Scan(&a.ID, &a.Name, &a.Platform, &a.On, &a.Way, &a.Version, &a.Left)
}

// Kept reports whether Ella is to be in the account of that platform and name, with
// credentials that are kept for it.
func (db *DB) Kept(ctx context.Context, platform, name string) (kept bool, err error) {
	err = db.read().queryRow(ctx, `
		SELECT count(*) > 0 FROM accounts a JOIN account_credentials c ON c.account_id = a.id
		WHERE a.platform = $1 AND a.name = $2 AND a.state = 'on'`, platform, name).Scan(&kept)
	return kept, err
}

// AccountStates are those of a platform, oldest first. It is quick: whoever serves them
// asks every few seconds.
func (db *DB) AccountStates(ctx context.Context, platform string) ([]AccountState, error) {
	return collect(scanAccountState)(db.read().query(ctx, selectAccountStates+`WHERE a.platform = $1 ORDER BY a.created_at, a.id`, platform))
}

// AllAccountStates are those of all platforms, oldest first.
func (db *DB) AllAccountStates(ctx context.Context) ([]AccountState, error) {
	return collect(scanAccountState)(db.read().query(ctx, selectAccountStates+`ORDER BY a.created_at, a.id`))
}

// AccountTitles are what people call the accounts, where that is known.
func (db *DB) AccountTitles(ctx context.Context) (map[bot.AccountID]string, error) {
	titles := map[bot.AccountID]string{}
	_, err := collect(func(r *rows) (struct{}, error) {
		var id string
		var sealed []byte
		if err := r.Scan(&id, &sealed); err != nil {
			return struct{}{}, err
		}
		title, err := db.open("accounts", "title_sealed", id, sealed)
		titles[bot.AccountID(id)] = string(title)
		return struct{}{}, err
	})(db.read().query(ctx, `SELECT id, title_sealed FROM accounts WHERE title_sealed IS NOT NULL`))
	return titles, err
}

// AccountsHeard is when something last came from each account, as far back as updates
// leave a mark. It reads the whole inbox: for commands only.
func (db *DB) AccountsHeard(ctx context.Context) (map[bot.AccountID]time.Time, error) {
	heard := map[bot.AccountID]time.Time{}
	_, err := collect(func(r *rows) (struct{}, error) {
		var id bot.AccountID
		var at int64
		err := r.Scan(&id, &at)
		heard[id] = time.UnixMilli(at)
		return struct{}{}, err
	})(db.read().query(ctx, `SELECT account_id, max(received_at) FROM inbox GROUP BY account_id`))
	return heard, err
}
