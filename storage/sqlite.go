package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite"
)

// readers is how many SQLite connections read beside the writer. More than a
// machine has cores gain nothing, and each keeps a page cache.
const readers = 4

// errLocked reports a lock that another process holds.
var errLocked = errors.New("storage: locked by another process")

// openSQLite opens the writer's handle and the read pool.
func (db *DB) openSQLite(ctx context.Context, o Options) error {
	db.engine, db.name = sqliteEngine, o.URL
	path, err := realPath(o.URL)
	if errors.Is(err, fs.ErrNotExist) {
		return &Fault{
			Kind: MissingFolder,
			What: "open database " + o.URL + ": there is no folder " + filepath.Dir(o.URL),
			Fix:  "make the folder, or name another file",
		}
	}
	if err != nil {
		return fault("open database", o.URL, err)
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return &Fault{Kind: NotADatabase, What: "open database " + o.URL + ": it is not a file", Fix: "name a file"}
	}
	if err := createPrivate(path); err != nil {
		return fault("open database", o.URL, err)
	}
	if o.Exclusive {
		if err := db.lockExclusive(path); err != nil {
			return err
		}
	}
	// fdatasync instead of fsync keeps a commit as durable and takes half the
	// time on ext4. It is what SQLite itself uses on Linux; only modernc's build
	// has to be told. Elsewhere it is not available, which is no error.
	if _, err := sqlite.Fdatasync(true); err != nil && !errors.Is(err, sqlite.ErrFdatasyncUnavailable) {
		return err
	}
	if db.writes, err = openHandle(path, 1, writePragmas, "immediate"); err != nil {
		return errors.Join(err, db.Close())
	}
	if db.reads, err = openHandle(path, readers, readPragmas, ""); err != nil {
		return errors.Join(err, db.Close())
	}
	if err := db.probePatiently(ctx); err != nil {
		return errors.Join(fault("open database", o.URL, err), db.Close())
	}
	return nil
}

// probePatiently probes until the file is free. When several processes open a
// new file at once, turning it to WAL fails with SQLITE_BUSY without the busy
// timeout being waited for.
func (db *DB) probePatiently(ctx context.Context) error {
	for wait := time.Millisecond; ; wait *= 2 {
		err := db.probe(ctx)
		if kind, _ := classify(err); kind != Busy || wait > 2*time.Second {
			return err
		}
		again := time.NewTimer(wait)
		select {
		case <-again.C:
		case <-ctx.Done():
			again.Stop()
			return err
		}
	}
}

// writePatience is how long the writer waits for a lock that another process has.
const writePatience = "busy_timeout(10000)"

// busy_timeout comes first: the other pragmas may already meet a lock.
var (
	writePragmas = []string{
		writePatience,
		"journal_mode(WAL)",
		"synchronous(FULL)",
		"foreign_keys(1)",
		"secure_delete(1)",
		"trusted_schema(0)",
		"temp_store(MEMORY)",
		"cache_size(-16000)",
		"journal_size_limit(67108864)",
	}
	readPragmas = []string{
		"busy_timeout(10000)",
		"query_only(1)",
		"trusted_schema(0)",
		"temp_store(MEMORY)",
		"cache_size(-4000)",
	}
)

// openHandle makes a pool of connections to the file; it does not connect yet.
// The parameters are in modernc's own syntax: mattn's would be ignored silently.
func openHandle(path string, size int, pragmas []string, txlock string) (*sql.DB, error) {
	q := url.Values{"_pragma": pragmas, "_defensive": {"1"}}
	if txlock != "" {
		q.Set("_txlock", txlock)
	}
	return openWith(path, size, q)
}

// openPageHandle makes a pool of one connection that may write pages as they lie in
// the file: for closeGaps only.
func openPageHandle(path string) (*sql.DB, error) {
	return openWith(path, 1, url.Values{"_pragma": writePragmas, "_txlock": {"immediate"}})
}

func openWith(path string, size int, q url.Values) (*sql.DB, error) {
	q.Set("_dqs", "0")
	u := filepath.ToSlash(path)
	if !strings.HasPrefix(u, "/") {
		u = "/" + u // a drive letter
	}
	dsn := (&url.URL{Scheme: "file", Path: u, RawQuery: q.Encode()}).String()
	c, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	h := sql.OpenDB(cachingConnector{c})
	h.SetMaxOpenConns(size)
	h.SetMaxIdleConns(size)
	return h, nil
}

// probe finds out whether the file is a database that may be written. SQLite
// opens a file that it may only read without saying so.
func (db *DB) probe(ctx context.Context) error {
	tx, err := db.writes.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `SELECT count(*) FROM sqlite_schema`)
	if back := tx.Rollback(); err == nil {
		err = back
	}
	if err != nil {
		return err
	}
	return db.reads.PingContext(ctx)
}

// lockExclusive takes the lock file beside the database. The file stays when
// the process ends; the lock does not.
func (db *DB) lockExclusive(path string) error {
	path += ".lock"
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fault("lock database", db.name, err)
	}
	err = lockFile(f)
	if err == nil {
		db.lock = f
		return nil
	}
	err = errors.Join(err, f.Close())
	if errors.Is(err, errLocked) {
		return &Fault{
			Kind: AlreadyServing,
			What: "database " + db.name + " is already being served by another process",
			Fix:  "end that one first; several processes can share the work on PostgreSQL only",
		}
	}
	return fault("lock database", db.name, err)
}
