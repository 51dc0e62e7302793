package storage

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"ella/bot"
	"ella/storage/internal/engines"
)

func TestMain(m *testing.M) { os.Exit(engines.Main(m)) }

// testClock stands still until it is moved.
type testClock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *testClock {
	return &testClock{now: time.Date(2026, time.November, 24, 9, 30, 0, 0, time.UTC)}
}

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// each runs a test on an empty database of each engine.
func each(t *testing.T, f func(t *testing.T, db *DB)) {
	t.Helper()
	engines.Each(t, func(t *testing.T, url string) { f(t, openTest(t, url)) })
}

// openTest opens a database with the keys of storagetest and a clock that stands
// still, and closes it when the test ends.
func openTest(t testing.TB, url string, change ...func(*Options)) *DB {
	t.Helper()
	o := Options{URL: url, Keys: testKeys(t), Clock: newClock()}
	for _, f := range change {
		f(&o)
	}
	db, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func testKeys(t testing.TB) *Keys {
	t.Helper()
	keys, err := LoadKeys(filepath.Join("storagetest", "ella.key"))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// addNote is the smallest unit: one row of a table that nothing refers to.
func addNote(name string) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error {
		_, err := own(tx).exec(ctx, `INSERT INTO meta (name, value) VALUES ($1, $2)`, name, []byte{1})
		return err
	}
}

// notes lists the rows that addNote made.
func notes(t testing.TB, db *DB) []string {
	t.Helper()
	names, err := collect(func(r *rows) (name string, err error) {
		return name, r.Scan(&name)
	})(db.read().query(context.Background(), `SELECT name FROM meta WHERE name NOT LIKE 'key_%' ORDER BY name`))
	if err != nil {
		t.Fatal(err)
	}
	return names
}
