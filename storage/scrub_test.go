package storage

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"testing"

	"ella/bot"
	"ella/storage/internal/engines"
)

// What was deleted is gone from the files' bytes after Scrub, and only then.
func TestScrub(t *testing.T) {
	path := engines.SQLite(t)
	db := openTest(t, path)
	const canary = "canary-7f3a91"
	err := db.Write(t.Context(), func(ctx context.Context, tx bot.Tx) error {
		for i := range 500 {
			if err := addNote(fmt.Sprintf("%s-%d", canary, i))(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	// Reading the file here drops SQLite's POSIX locks on it in this process;
	// nobody else has the file, so nothing depends on them.
	count := func() (n int) {
		for _, suffix := range []string{"", "-wal"} {
			content, err := os.ReadFile(path + suffix)
			if err != nil {
				t.Fatal(err)
			}
			n += bytes.Count(content, []byte(canary))
		}
		return n
	}
	if err := db.Scrub(t.Context()); err != nil {
		t.Fatal(err)
	}
	if count() == 0 {
		t.Fatal("the canary is not in the file to begin with")
	}
	err = db.Write(t.Context(), func(ctx context.Context, tx bot.Tx) error {
		_, err := own(tx).exec(ctx, `DELETE FROM meta WHERE name LIKE $1`, canary+"%")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if count() == 0 {
		t.Error("the canary is gone without Scrub: the test shows nothing")
	}
	if err := db.Scrub(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := count(); n > 0 {
		t.Errorf("the deleted text is still there %d times", n)
	}
}

func TestScrubWaitsForReaders(t *testing.T) {
	db := openTest(t, engines.SQLite(t))
	if _, err := db.writes.ExecContext(t.Context(), `PRAGMA busy_timeout = 1`); err != nil {
		t.Fatal(err)
	}
	err := db.view(t.Context(), func(s source) error {
		var n int
		if err := s.queryRow(t.Context(), `SELECT count(*) FROM meta`).Scan(&n); err != nil {
			return err
		}
		if err := db.Write(t.Context(), addNote("one")); err != nil {
			return err
		}
		if err := db.Scrub(t.Context()); KindOf(err) != Busy {
			t.Errorf("Scrub beside a reader = %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Scrub(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestScrubOnPostgres(t *testing.T) {
	if err := openTest(t, engines.Postgres(t)).Scrub(t.Context()); err != nil {
		t.Error(err)
	}
}
