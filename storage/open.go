package storage

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"ella/bot"
)

// Options say which database to open, and with what.
type Options struct {
	// URL is the path of a SQLite file, which is made where there is none, or a
	// postgres:// URL.
	URL string
	// Keys are the database's keys. Where they are nil they are read from
	// KeyFile; where that file doesn't exist it is made, but only for a database
	// without data: DB.NewKey tells.
	Keys    *Keys
	KeyFile string
	// Exclusive refuses to open a SQLite file that another process has opened
	// so: `ella serve` and `ella try` do. One-shot commands don't, and may write
	// beside them. It means nothing on PostgreSQL.
	Exclusive bool
	// Clock tells the time for leases and ids; the machine's where nil.
	Clock bot.Clock
	// Random makes ids; crypto/rand where nil. It must be safe for concurrent use.
	Random io.Reader
	// Log gets what happened, never a row, a text or a key; nothing where nil.
	Log *slog.Logger
	// UnitLimit is the time limit of a unit of work; 10 s where zero.
	UnitLimit time.Duration
}

// dialect is the kind of database.
type dialect int

const (
	sqliteEngine dialect = iota
	postgres
)

// DB is an open database. Its methods may be called by many at once.
type DB struct {
	engine dialect
	name   string // the file or server, for messages: never a password
	url    string // PostgreSQL only; may hold a password
	keys   *Keys
	newKey string
	clock  bot.Clock
	ids    bot.IDs
	log    *slog.Logger
	limit  time.Duration

	writes *sql.DB // SQLite: one connection, the writer's and River's
	reads  *sql.DB
	writer *writer  // nil on PostgreSQL
	lock   *os.File // nil unless exclusive
	lanes  *lanes   // PostgreSQL only
	schema string   // PostgreSQL only

	// What many do at the same moment goes to PostgreSQL together.
	accepts gather[inboxRow, bool]
	gone    gather[string, struct{}]
	stands  gather[arrival, struct{}]

	closing  sync.Once
	closeErr error

	// skipLocked ends a SELECT inside an UPDATE that claims rows, so that two
	// processes claim different ones. SQLite has one writer and no such words.
	skipLocked string
	// locked ends a SELECT in a unit whose rows nobody may change before it is
	// committed. On SQLite nobody else writes meanwhile.
	locked string
}

// Open opens a database, makes or updates its tables and checks that the key
// fits. It blocks on the disk or the server. What a person can put right comes
// back as a *Fault. ctx bounds the opening only.
func Open(ctx context.Context, o Options) (*DB, error) {
	db, err := connect(ctx, o)
	if err != nil {
		return nil, err
	}
	if err := db.prepare(ctx, o); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if db.engine == sqliteEngine {
		db.writer = startWriter(db)
	}
	return db, nil
}

func (db *DB) prepare(ctx context.Context, o Options) error {
	if err := db.migrate(ctx); err != nil {
		return err
	}
	if err := db.findKeys(ctx, o); err != nil {
		return err
	}
	if db.keys.exposed {
		db.log.Warn("others on this machine can read the key file", "path", db.keys.path, "fix", "chmod 600")
	}
	return db.checkKeys(ctx)
}

// Migrate makes or updates the tables of a database and needs no key for it. It
// blocks while another process migrates, and may run beside processes of the
// release before, since migrations only expand. Open does the same.
func Migrate(ctx context.Context, o Options) error {
	db, err := connect(ctx, o)
	if err != nil {
		return err
	}
	return errors.Join(db.migrate(ctx), db.Close())
}

// connect opens the handles and nothing else.
func connect(ctx context.Context, o Options) (*DB, error) {
	db := &DB{clock: o.Clock, log: o.Log, limit: o.UnitLimit}
	if db.clock == nil {
		db.clock = bot.SystemClock{}
	}
	if db.log == nil {
		db.log = slog.New(slog.DiscardHandler)
	}
	if db.limit == 0 {
		db.limit = 10 * time.Second
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	db.ids = bot.NewIDs(db.clock, o.Random)
	scheme, _, isURL := strings.Cut(o.URL, "://")
	switch {
	case o.URL == "":
		return nil, &Fault{Kind: BadAddress, What: "no database is named", Fix: "give a file's path or a postgres:// URL"}
	case !isURL:
		return db, db.openSQLite(ctx, o)
	case scheme == "postgres" || scheme == "postgresql":
		return db, db.openPostgres(ctx, o)
	}
	return nil, &Fault{Kind: BadAddress, What: "database " + scheme + "://…: this kind of address is not known", Fix: "give a file's path or a postgres:// URL"}
}

// Close waits for the group of units under way, ends everything else with
// ErrClosed, and closes the database. Nothing that Write has acknowledged
// depends on it. Closing again changes nothing.
func (db *DB) Close() error {
	db.closing.Do(func() { db.closeErr = db.close() })
	return db.closeErr
}

func (db *DB) close() error {
	if db.writer != nil {
		db.writer.stop()
	}
	if db.lanes != nil {
		db.lanes.close()
	}
	var errs []error
	for _, h := range []*sql.DB{db.reads, db.writes} {
		if h != nil {
			errs = append(errs, h.Close())
		}
	}
	if db.lock != nil {
		errs = append(errs, db.lock.Close())
	}
	return errors.Join(errs...)
}

// NewKey is the path of the key file that Open made, or "": whoever opened the
// database shows it once, with the advice to keep a copy elsewhere.
func (db *DB) NewKey() string { return db.newKey }

// Ping reports whether the database answers. It blocks until it does or ctx ends.
func (db *DB) Ping(ctx context.Context) error {
	return fault("reach", db.name, db.reads.PingContext(ctx))
}

// now is the clock's time as it is stored: milliseconds since 1970, UTC.
func (db *DB) now() int64 { return db.clock.Now().UnixMilli() }

// findKeys loads the keys, or makes them for a database without data.
func (db *DB) findKeys(ctx context.Context, o Options) error {
	if db.keys = o.Keys; db.keys != nil {
		return nil
	}
	if o.KeyFile == "" {
		return &Fault{Kind: NoKey, What: "database " + db.name + ": no key file is named", Fix: "name one with ELLA_KEY_FILE"}
	}
	keys, err := LoadKeys(o.KeyFile)
	if !errors.Is(err, fs.ErrNotExist) {
		db.keys = keys
		return err
	}
	used, err := db.used(ctx)
	if err != nil {
		return err
	}
	if used {
		return &Fault{
			Kind: LostKey,
			What: "database " + db.name + " has data, and its key file " + o.KeyFile + " is not there",
			Fix:  "bring the key file back from the copy you keep elsewhere; no other key can read this database",
		}
	}
	keys, err = CreateKeys(o.KeyFile)
	switch {
	case errors.Is(err, fs.ErrExist):
		// Another process was first.
		keys, err = LoadKeys(o.KeyFile)
	case errors.Is(err, fs.ErrNotExist):
		dir := filepath.Dir(o.KeyFile)
		return &Fault{Kind: MissingFolder, What: "key file " + o.KeyFile + ": there is no folder " + dir, Fix: "make the folder, or name another file with ELLA_KEY_FILE"}
	case err == nil:
		db.newKey = o.KeyFile
	}
	db.keys = keys
	return err
}
