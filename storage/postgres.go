package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"ella/bot"
)

// connections is how many connections a process opens for units of work, and as
// many again for reading.
const connections = 10

// oldestServer is the first PostgreSQL that is known to work, as
// server_version_num has it.
const oldestServer = 150000

// openPostgres opens the pool of the units of work and the read pool.
func (db *DB) openPostgres(ctx context.Context, o Options) error {
	db.engine, db.url, db.skipLocked, db.locked = postgres, o.URL, "FOR UPDATE SKIP LOCKED", "FOR NO KEY UPDATE"
	config, err := pgx.ParseConfig(o.URL)
	if err != nil {
		// pgx's text quotes the URL; it hides the password only where it finds it.
		return &Fault{Kind: BadAddress, What: "the database's postgres:// URL can't be understood", Fix: "write it as postgres://user:password@host:5432/name"}
	}
	db.name = config.Database + " on " + config.Host
	db.writes = stdlib.OpenDB(*config)
	reading := config.Copy()
	// What query_only is on SQLite: a read that writes fails here too.
	reading.RuntimeParams["default_transaction_read_only"] = "on"
	db.reads = stdlib.OpenDB(*reading)
	for _, h := range []*sql.DB{db.writes, db.reads} {
		h.SetMaxOpenConns(connections)
		h.SetMaxIdleConns(connections)
		h.SetConnMaxIdleTime(5 * time.Minute)
	}
	db.lanes = newLanes(db)
	db.accepts.do, db.gone.do, db.stands.do = db.acceptLot, db.replyGoneLot, db.replyStandsLot
	if err := db.checkServer(ctx); err != nil {
		return errors.Join(err, db.Close())
	}
	return nil
}

func (db *DB) checkServer(ctx context.Context) error {
	var version int
	err := db.writes.QueryRowContext(ctx, `SELECT current_setting('server_version_num')::int, COALESCE(current_schema(), '')`).Scan(&version, &db.schema)
	var refused *pgconn.PgError
	switch {
	case errors.As(err, &refused) && strings.HasPrefix(refused.Code, "28"), errors.As(err, &refused) && refused.Code == "3D000":
		return &Fault{Kind: Unreachable, What: "database " + db.name + ": the server refuses this user or knows no such database", Fix: "look at the user, the password and the name in ELLA_DATABASE", Err: err}
	case err != nil:
		return &Fault{Kind: Unreachable, What: "database " + db.name + ": the server does not answer", Fix: "start it, or look at the host and port in ELLA_DATABASE", Err: rootCause(err)}
	case version < oldestServer:
		return &Fault{Kind: OldServer, What: fmt.Sprintf("database %s: the server is PostgreSQL %d", db.name, version/10000), Fix: "use PostgreSQL 15 or later"}
	}
	return nil
}

// rootCause keeps the system's own words and drops pgx's, which name the user.
func rootCause(err error) error {
	for err != nil {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
	return errors.New("no connection")
}

// retries bounds how often a unit of work is begun again when PostgreSQL asks
// for it.
const retries = 6

// writePlain runs a unit in a transaction of its own. Grouping gains little
// here, and two grouped writers on shared rows end in deadlocks.
func (db *DB) writePlain(ctx context.Context, unit bot.Change) (*Tx, error) {
	for n := 1; ; n++ {
		t, err := db.writeOnce(ctx, unit)
		if err == nil || n == retries || !again(err) {
			return t, err
		}
		// A little apart, so that the same two don't meet again.
		wait := time.NewTimer(time.Duration(n) * (1 + rand.N(4*time.Millisecond)))
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return nil, ctx.Err()
		}
	}
}

// onePlain lets the server make a single statement a transaction of its own.
func (db *DB) onePlain(ctx context.Context, query string, args ...any) (int64, error) {
	if inUnit(ctx) {
		return 0, errNested
	}
	if err := checkText(args); err != nil {
		return 0, &statementError{query: query, err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, db.limit)
	defer cancel()
	for n := 1; ; n++ {
		result, err := db.writes.ExecContext(ctx, query, args...)
		if err == nil {
			return result.RowsAffected()
		}
		if n == retries || !again(err) {
			return 0, fault("write to", db.name, &statementError{query: query, err: err})
		}
	}
}

func (db *DB) writeOnce(ctx context.Context, unit bot.Change) (*Tx, error) {
	// The transaction's context ends only with the function: database/sql would
	// roll back behind a unit whose caller has gone, and its result be a guess.
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	conn, err := db.writes.Conn(ctx)
	if err != nil {
		return nil, fault("write to", db.name, err)
	}
	defer func() { _ = conn.Close() }()
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	raw, err := conn.BeginTx(run, nil)
	if err != nil {
		return nil, fault("write to", db.name, err)
	}
	t := &Tx{db: db, raw: raw, interrupt: stop}
	err = runUnit(run, t, unit, db.limit)
	if err == nil {
		err = fault("write to", db.name, raw.Commit())
	} else {
		_ = raw.Rollback() // the connection is dropped where it fails
	}
	switch {
	case errors.Is(err, ErrTooLong):
		return nil, ErrTooLong
	case err != nil && broken(conn) && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded):
		err = &Fault{Kind: Unreachable, What: "write to " + db.name + ": the connection broke", Fix: "look at the PostgreSQL server and the way to it", Err: err}
	}
	return t, err
}

// broken reports whether the connection is gone. pgx has no error for it that
// could be recognised everywhere. It also closes a connection whose statement was
// cut off by a context.
func broken(conn *sql.Conn) bool {
	gone := true
	_ = conn.Raw(func(c any) error {
		if pg, ok := c.(*stdlib.Conn); ok {
			gone = pg.Conn().IsClosed()
		}
		return nil
	})
	return gone
}

// again reports whether PostgreSQL asks for the transaction to be repeated:
// serialization failure or deadlock.
func again(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}
