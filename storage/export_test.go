package storage

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"ella/bot"
	"ella/bot/privacy"
)

// What the tests of package storage_test may see and do beyond the stores.

// Exec runs one statement in a unit of work.
func (db *DB) Exec(t testing.TB, query string, args ...any) {
	t.Helper()
	err := db.Write(t.Context(), func(ctx context.Context, tx bot.Tx) error {
		_, err := own(tx).exec(ctx, query, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Ask returns the rows of a query, the columns of each with a space between.
func (db *DB) Ask(t testing.TB, columns int, query string, args ...any) []string {
	t.Helper()
	rows, err := collect(func(r *rows) (string, error) {
		values, into := make([]any, columns), make([]any, columns)
		for i := range values {
			into[i] = &values[i]
		}
		if err := r.Scan(into...); err != nil {
			return "", err
		}
		var words []string
		for _, v := range values {
			if b, ok := v.([]byte); ok {
				v = string(b)
			}
			words = append(words, fmt.Sprint(v))
		}
		return strings.Join(words, " "), nil
	})(db.read().query(t.Context(), query, args...))
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// Seal seals a field as the stores do.
func (db *DB) Seal(t testing.TB, table, column, row string, plaintext []byte) []byte {
	t.Helper()
	sealed, err := db.seal(table, column, row, plaintext)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

// Index is a look-up index as the stores make it.
func (db *DB) Index(purpose string, parts ...string) []byte { return db.index(purpose, parts...) }

// CarriedOut are the rules that Tidy carries out.
func CarriedOut() []privacy.Kept {
	var all []privacy.Kept
	for _, d := range tidyings() {
		all = append(all, d.rule)
	}
	return all
}

// LaneKey is the number of the lock that a lane has.
func (db *DB) LaneKey(lane string) uint64 { return uint64(db.lanes.key(lane)) }
