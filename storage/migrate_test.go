package storage

import (
	"sync"
	"testing"

	"ella/storage/internal/engines"
)

// eachFresh runs a test that changes tables.
func eachFresh(t *testing.T, f func(t *testing.T, url string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, engines.SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { f(t, engines.FreshPostgres(t)) })
}

func TestMigrateAlone(t *testing.T) {
	eachFresh(t, func(t *testing.T, url string) {
		for range 2 {
			if err := Migrate(t.Context(), Options{URL: url}); err != nil {
				t.Fatal(err)
			}
		}
		openTest(t, url)
	})
}

// Several processes start on an empty database at once.
func TestMigrateTogether(t *testing.T) {
	eachFresh(t, func(t *testing.T, url string) {
		keys := testKeys(t)
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				db, err := Open(t.Context(), Options{URL: url, Keys: keys})
				if err != nil {
					t.Error(err)
					return
				}
				if err := db.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		all, err := migrations()
		if err != nil {
			t.Fatal(err)
		}
		db := openTest(t, url)
		var n int
		if err := db.read().queryRow(t.Context(), `SELECT count(*) FROM migrations`).Scan(&n); err != nil || n != len(all) {
			t.Errorf("%d migrations are noted, %v; want %d", n, err, len(all))
		}
	})
}

// A database that this program does not know is left alone.
func TestOtherSchemas(t *testing.T) {
	for _, tt := range []struct {
		name, statement string
		kind            FaultKind
	}{
		{"later migration", `INSERT INTO migrations (name, checksum, applied_at) VALUES ('9999_future.sql', 'x', 0)`, NewerSchema},
		{"later job queue", `INSERT INTO river_migration (line, version) VALUES ('main', 999)`, NewerSchema},
		{"changed migration", `UPDATE migrations SET checksum = 'x'`, OtherSchema},
	} {
		t.Run(tt.name, func(t *testing.T) {
			eachFresh(t, func(t *testing.T, url string) {
				db := openTest(t, url)
				if _, err := db.writes.ExecContext(t.Context(), tt.statement); err != nil {
					t.Fatal(err)
				}
				if _, err := Open(t.Context(), Options{URL: url, Keys: testKeys(t)}); KindOf(err) != tt.kind {
					t.Errorf("Open = %v, want a fault %q", err, tt.kind)
				}
				if err := Migrate(t.Context(), Options{URL: url}); KindOf(err) != tt.kind {
					t.Errorf("Migrate = %v, want a fault %q", err, tt.kind)
				}
			})
		})
	}
}
