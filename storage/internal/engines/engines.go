// Package engines gives tests a database of their own on each engine: a file
// for SQLite, a schema for PostgreSQL. Only tests import it.
package engines

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx"
)

// The variables that steer the tests.
const (
	// PostgresURL names a PostgreSQL server for tests, as a superuser, since rows
	// are deleted without regard to foreign keys. Where it is not set a
	// throwaway server is started, if initdb is installed.
	PostgresURL = "ELLA_TEST_POSTGRES_URL"
	// SkippedFile names a file to which a line is added for everything that was
	// not tested: `go test` hides what a passing package prints.
	SkippedFile = "ELLA_TEST_SKIPPED"
)

// server is the PostgreSQL server of this test process, started when a test
// first asks for it.
var server = sync.OnceValue(findServer)

// asked is set when a test asks for PostgreSQL.
var asked atomic.Bool

type postgres struct {
	url  string // "" where there is none
	why  string // there is none
	stop func() error
}

func findServer() postgres {
	if url := os.Getenv(PostgresURL); url != "" {
		return postgres{url: url, stop: func() error { return dropSchemas(url) }}
	}
	s, err := startCluster()
	if err != nil {
		return postgres{why: err.Error(), stop: func() error { return nil }}
	}
	return s
}

// Main runs the tests of a package that uses Each and gives the exit code. At
// the end it stops the throwaway server and says what was not tested; with
// CI=true PostgreSQL is required.
func Main(m *testing.M) int {
	code := m.Run()
	if !asked.Load() {
		return code
	}
	s := server()
	if err := s.stop(); err != nil {
		fmt.Println(err)
		return 1
	}
	if s.url != "" {
		return code
	}
	line := fmt.Sprintf("not tested: PostgreSQL in %s (%s is not set, and %s)\n", filepath.Base(os.Args[0]), PostgresURL, s.why)
	fmt.Print(line)
	if path := os.Getenv(SkippedFile); path != "" {
		if err := appendLine(path, line); err != nil {
			fmt.Println(err)
			return 1
		}
	}
	if os.Getenv("CI") == "true" {
		fmt.Println("PostgreSQL is required when CI=true")
		return 1
	}
	return code
}

func appendLine(path, line string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.WriteString(line); err != nil {
		return err
	}
	return f.Close()
}

// Each runs a test once on each engine, with the path or URL of an empty
// database.
func Each(t *testing.T, f func(t *testing.T, url string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { f(t, Postgres(t)) })
}

// SQLite gives the path of a database file that does not exist yet.
func SQLite(t testing.TB) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "ella.db")
}

// Postgres gives the URL of a schema without rows. It may hold the tables of an
// earlier test, since making them takes longer than most tests: one that changes
// tables asks for FreshPostgres. Where there is no server the test is skipped.
func Postgres(t testing.TB) string {
	t.Helper()
	s := ask(t)
	schema, ok := schemas.take()
	if !ok {
		schema = newSchema(t, s.url)
	}
	t.Cleanup(func() {
		if t.Failed() {
			return // what it left behind is not known
		}
		admin(t, s.url, fmt.Sprintf(deleteRows, schema))
		schemas.give(schema)
	})
	return schemaURL(t, s.url, schema)
}

// FreshPostgres gives the URL of a schema without tables.
func FreshPostgres(t testing.TB) string {
	t.Helper()
	s := ask(t)
	return schemaURL(t, s.url, newSchema(t, s.url))
}

func ask(t testing.TB) postgres {
	t.Helper()
	asked.Store(true)
	s := server()
	if s.url == "" {
		t.Skip("no PostgreSQL: " + s.why)
	}
	return s
}

// deleteRows empties the tables of a schema, whichever way they refer to each
// other, except those that say which migrations ran.
const deleteRows = `DO $$ DECLARE r record; BEGIN
	SET LOCAL session_replication_role = replica;
	FOR r IN SELECT c.oid::regclass AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = '%s' AND c.relkind = 'r' AND c.relname NOT IN ('migrations', 'river_migration')
	LOOP EXECUTE 'DELETE FROM ' || r.name; END LOOP; END $$`

// schemas are those of this test process.
var schemas schemaPool

type schemaPool struct {
	mu         sync.Mutex
	made, free []string
}

func (p *schemaPool) take() (schema string, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.free) == 0 {
		return "", false
	}
	schema = p.free[len(p.free)-1]
	p.free = p.free[:len(p.free)-1]
	return schema, true
}

func (p *schemaPool) give(schema string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free = append(p.free, schema)
}

func newSchema(t testing.TB, url string) string {
	t.Helper()
	schemas.mu.Lock()
	schema := fmt.Sprintf("ella_%x_%d", rand.Uint64(), len(schemas.made))
	schemas.made = append(schemas.made, schema)
	schemas.mu.Unlock()
	admin(t, url, "CREATE SCHEMA "+schema)
	return schema
}

// dropSchemas leaves nothing on a server that is not ours.
func dropSchemas(url string) error {
	for _, schema := range schemas.made {
		if err := run(url, "DROP SCHEMA IF EXISTS "+schema+" CASCADE"); err != nil {
			return err
		}
	}
	return nil
}

func schemaURL(t testing.TB, server, schema string) string {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}

func admin(t testing.TB, url, statement string) {
	t.Helper()
	if err := run(url, statement); err != nil {
		t.Fatal(err)
	}
}

// run runs one statement on a connection of its own.
func run(url, statement string) error {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return err
	}
	// Not a test's context: it has ended when its schema is emptied.
	_, err = db.ExecContext(context.Background(), statement)
	return errors.Join(err, db.Close())
}
