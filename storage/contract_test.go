package storage

import (
	"context"
	"errors"
	"slices"
	"testing"

	"ella/bot"
)

func TestWriteAndRead(t *testing.T) {
	each(t, func(t *testing.T, db *DB) {
		if err := db.Write(t.Context(), addNote("one")); err != nil {
			t.Fatal(err)
		}
		if got := notes(t, db); !slices.Equal(got, []string{"one"}) {
			t.Errorf("notes = %q", got)
		}
		var value []byte
		err := db.read().queryRow(t.Context(), `SELECT value FROM meta WHERE name = $1`, "two").Scan(&value)
		if !errors.Is(err, bot.ErrNotFound) {
			t.Errorf("a missing row is %v", err)
		}
	})
}

func TestFirstErrorSticks(t *testing.T) {
	each(t, func(t *testing.T, db *DB) {
		err := db.Write(t.Context(), func(ctx context.Context, tx bot.Tx) error {
			_ = addNote("one")(ctx, tx)
			_ = addNote("one")(ctx, tx) // fails
			if _, err := own(tx).exec(ctx, `DELETE FROM meta WHERE name = $1`, "one"); err == nil {
				t.Error("a statement ran after the first error")
			}
			return nil // forgets the error
		})
		if err == nil {
			t.Error("the unit was kept")
		}
		if got := notes(t, db); len(got) > 0 {
			t.Errorf("notes = %q", got)
		}
	})
}
