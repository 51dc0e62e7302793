// Package engines gives tests a database of their own on each engine: a file
// for SQLite, a schema for PostgreSQL. Only tests import it.
package engines

import (
	"context"
	"database/sql"
	"fmt"
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
	// PostgresURL names a PostgreSQL server for tests. Where it is not set a
	// throwaway server is started, if initdb is installed.
	PostgresURL = "ELLA_TEST_POSTGRES_URL"
	// SkippedFile names a file to which a line is added for everything that was
	// not tested: `go test` hides what a passing package prints.
	SkippedFile = "ELLA_TEST_SKIPPED"
)

// server is the PostgreSQL server of this test process, started when a test
// first asks for it.
var server = sync.OnceValue(findServer)

// schemas counts the schemas made, for their names.
var schemas atomic.Int64

type postgres struct {
	url  string // "" where there is none
	why  string // there is none
	stop func()
}

func findServer() postgres {
	if url := os.Getenv(PostgresURL); url != "" {
		return postgres{url: url, stop: func() {}}
	}
	s, err := startCluster()
	if err != nil {
		return postgres{why: err.Error(), stop: func() {}}
	}
	return s
}

// Main runs the tests of a package that uses Each and gives the exit code. At
// the end it stops the throwaway server and says what was not tested; with
// CI=true PostgreSQL is required.
func Main(m *testing.M) int {
	code := m.Run()
	s := server()
	s.stop()
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

// Postgres gives the URL of an empty schema, which goes when the test ends.
// Where there is no server the test is skipped.
func Postgres(t testing.TB) string {
	t.Helper()
	s := server()
	if s.url == "" {
		t.Skip("no PostgreSQL: " + s.why)
	}
	schema := fmt.Sprintf("ella_%d_%d", os.Getpid(), schemas.Add(1))
	admin(t, s.url, "CREATE SCHEMA "+schema)
	t.Cleanup(func() { admin(t, s.url, "DROP SCHEMA "+schema+" CASCADE") })
	u, err := url.Parse(s.url)
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
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	// Not the test's context: it has ended when the schema is dropped.
	_, err = db.ExecContext(context.Background(), statement)
	if closeErr := db.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		t.Fatal(err)
	}
}
