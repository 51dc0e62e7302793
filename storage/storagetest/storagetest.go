// Package storagetest opens databases for tests: with keys that are always the
// same, seeded ids and a clock that stands still. Only tests import it.
package storagetest

import (
	_ "embed"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"ella/storage"
	"ella/storage/internal/engines"
)

// now is when a Clock starts: a Tuesday.
var now = time.Date(2026, time.November, 24, 9, 30, 0, 0, time.UTC)

// Clock stands still until it is told to move. The zero value stands at 24
// November 2026, 9:30 UTC. It may be used by many at once.
type Clock struct {
	mu    sync.Mutex
	moved time.Duration
}

// Now is the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return now.Add(c.moved)
}

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.moved += d
}

// Random is a seeded source of randomness for ids. It may be used by many at once.
type Random struct {
	mu  sync.Mutex
	src *rand.ChaCha8
}

// NewRandom seeds a source: the same seed gives the same bytes.
func NewRandom(seed byte) *Random {
	return &Random{src: rand.NewChaCha8([32]byte{seed})}
}

func (r *Random) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.src.Read(p)
}

//go:embed ella.key
var keyFile []byte

// Keys are always the same, so that look-up indexes are too.
func Keys(t testing.TB) *storage.Keys {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ella.key")
	if err := os.WriteFile(path, keyFile, 0o600); err != nil {
		t.Fatal(err)
	}
	keys, err := storage.LoadKeys(path)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// Main runs the tests of a package that uses Each, from its TestMain, and ends
// the process.
func Main(m *testing.M) { os.Exit(engines.Main(m)) }

// Each runs a test on an empty database of each engine. The package's TestMain
// calls Main.
func Each(t *testing.T, f func(t *testing.T, db *storage.DB)) {
	t.Helper()
	engines.Each(t, func(t *testing.T, url string) { f(t, Open(t, url)) })
}

// SQLite opens an empty SQLite database, which is closed when the test ends.
// change may alter how it is opened, to hand in a Clock that moves for instance.
func SQLite(t testing.TB, change ...func(*storage.Options)) *storage.DB {
	t.Helper()
	return Open(t, engines.SQLite(t), change...)
}

// Postgres opens an empty PostgreSQL schema, which is dropped when the test
// ends. The package's TestMain calls Main.
func Postgres(t testing.TB, change ...func(*storage.Options)) *storage.DB {
	t.Helper()
	return Open(t, engines.Postgres(t), change...)
}

// PostgresURL is the address of an empty PostgreSQL schema, for programs that open it by
// themselves. It is dropped when the test ends.
func PostgresURL(t testing.TB) string {
	t.Helper()
	return engines.Postgres(t)
}

// Open opens the database of that path or URL in the same way.
func Open(t testing.TB, url string, change ...func(*storage.Options)) *storage.DB {
	t.Helper()
	o := storage.Options{URL: url, Keys: Keys(t), Clock: &Clock{}, Random: NewRandom(1)}
	for _, f := range change {
		f(&o)
	}
	db, err := storage.Open(t.Context(), o)
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
