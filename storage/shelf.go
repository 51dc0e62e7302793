package storage

import (
	"context"
	"slices"
	"strings"

	"ella/bot"
)

// Shelf implements bot.Shelf. Keys are stored readable, values sealed.
type Shelf struct{ db *DB }

var _ bot.Shelf = Shelf{}

// Shelf gives what adapters remember between runs.
func (db *DB) Shelf() Shelf { return Shelf{db} }

// Put implements bot.Shelf. It blocks until the values are durable. An account
// that doesn't exist is an error.
func (s Shelf) Put(ctx context.Context, account bot.AccountID, values map[string][]byte) error {
	if len(values) == 0 {
		return nil
	}
	items := make([]bot.ShelfItem, 0, len(values))
	for key, value := range values {
		sealed, err := s.db.seal("shelf", "value_sealed", rowKey(string(account), key), value)
		if err != nil {
			return err
		}
		items = append(items, bot.ShelfItem{Key: key, Value: sealed})
	}
	// In one order, so that two processes don't wait for each other's rows.
	sortItems(items)
	return s.db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		for _, it := range items {
			_, err := own(tx).exec(ctx, `
				INSERT INTO shelf (account_id, key, value_sealed) VALUES ($1, $2, $3)
				ON CONFLICT (account_id, key) DO UPDATE SET value_sealed = $3`, string(account), it.Key, it.Value)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// List implements bot.Shelf.
func (s Shelf) List(ctx context.Context, account bot.AccountID, prefix string) ([]bot.ShelfItem, error) {
	// Not LIKE, which ignores case on SQLite, and not ORDER BY, which follows the
	// server's language on PostgreSQL.
	items, err := collect(func(r *rows) (it bot.ShelfItem, err error) {
		var sealed []byte
		if err := r.Scan(&it.Key, &sealed); err != nil {
			return it, err
		}
		it.Value, err = s.db.open("shelf", "value_sealed", rowKey(string(account), it.Key), sealed)
		return it, err
	})(s.db.read().query(ctx, `
		SELECT key, value_sealed FROM shelf
		WHERE account_id = $1 AND substr(key, 1, $2) = $3`, string(account), len([]rune(prefix)), prefix))
	sortItems(items)
	return items, err
}

func sortItems(items []bot.ShelfItem) {
	slices.SortFunc(items, func(a, b bot.ShelfItem) int { return strings.Compare(a.Key, b.Key) })
}
