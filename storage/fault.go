package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// FaultKind says what is wrong with a database, its file or its key. The set is
// closed.
type FaultKind string

// The kinds of faults.
const (
	NotADatabase   FaultKind = "not-a-database"  // the file is something else, or damaged
	ReadOnly       FaultKind = "read-only"       // the file, its folder or the account may only read
	MissingFolder  FaultKind = "missing-folder"  // the folder of the file does not exist
	DiskFull       FaultKind = "disk-full"       // nothing more can be written; what is there is intact
	DiskBroken     FaultKind = "disk-broken"     // the disk reports errors
	NewerSchema    FaultKind = "newer-schema"    // a later version of Ella wrote this database
	OtherSchema    FaultKind = "other-schema"    // a migration differs from the one that ran here
	Unreachable    FaultKind = "unreachable"     // the PostgreSQL server doesn't answer, or refuses us
	OldServer      FaultKind = "old-server"      // the PostgreSQL server is older than 15
	AlreadyServing FaultKind = "already-serving" // another process serves this SQLite file
	Busy           FaultKind = "busy"            // another process holds the database for too long
	BadAddress     FaultKind = "bad-address"     // the database's path or URL can't be understood
	WrongKey       FaultKind = "wrong-key"       // the key is not the one this database was made with
	LostKey        FaultKind = "lost-key"        // the database has data, and there is no key
	BadKey         FaultKind = "bad-key"         // the key file is damaged or no key file at all
	NoKey          FaultKind = "no-key"          // no key was named
)

// Fault is an error that a person has to put right. Its text says what is wrong
// and what to do about it; it holds no row, no key and no password, but it does
// name the file.
type Fault struct {
	Kind FaultKind
	What string // what is wrong, with the file's or server's name
	Fix  string // what to do
	Err  error  // the cause, may be nil
}

func (f *Fault) Error() string {
	s := f.What + ": " + f.Fix
	if f.Err != nil {
		s += " (" + describe(f.Err) + ")"
	}
	return s
}

// Unwrap gives the cause.
func (f *Fault) Unwrap() error { return f.Err }

// KindOf is the kind of the fault that an error of this package reports, or ""
// for any other error and for nil. Only what the database itself says counts: an
// io.EOF that a unit of work returned of its own is no broken connection.
func KindOf(err error) FaultKind {
	var f *Fault
	var statement *statementError
	switch {
	case errors.As(err, &f):
		return f.Kind
	case errors.As(err, &statement):
		kind, _ := classify(statement.err)
		return kind
	}
	return ""
}

// classify recognises what a driver or the system says. It knows no names, so
// the advice is for wherever the error came up.
func classify(err error) (kind FaultKind, fix string) {
	var lite *sqlite.Error
	var pg *pgconn.PgError
	switch {
	case err == nil:
		return "", ""
	case errors.As(err, &lite):
		switch lite.Code() & 0xff {
		case sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT:
			return NotADatabase, "name another file, or restore a backup"
		case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
			return ReadOnly, "give this user the right to write the file and its folder"
		case sqlite3.SQLITE_CANTOPEN:
			return ReadOnly, "give this user the right to read and write the file and its folder"
		case sqlite3.SQLITE_FULL:
			return DiskFull, "free some space on the disk, then try again"
		case sqlite3.SQLITE_IOERR:
			if lite.Code() == sqlite3.SQLITE_IOERR_SHMSIZE {
				// A full disk shows first where the -shm file can't grow.
				return DiskFull, "free some space on the disk, then try again"
			}
			return DiskBroken, "look at the disk and at the system's log"
		case sqlite3.SQLITE_BUSY:
			return Busy, "end the other process that writes this database, then try again"
		}
	case errors.As(err, &pg):
		switch pg.Code {
		case "53100":
			return DiskFull, "free some space on the server's disk, then try again"
		case "25006":
			return ReadOnly, "connect to the primary server, not to a replica"
		case "40001", "40P01", "55P03":
			return Busy, "try again"
		}
		switch pg.Code[:min(2, len(pg.Code))] {
		case "08", "53", "57", "58": // connection, resources, shut down by an operator, system
			return Unreachable, "look at the PostgreSQL server and its log"
		}
		return "", ""
	}
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return DiskFull, "free some space on the disk, then try again"
	case errors.Is(err, syscall.EROFS), errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM):
		return ReadOnly, "give this user the right to read and write the file and its folder"
	}
	var connect *pgconn.ConnectError
	var network net.Error
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return "", "" // a net.Error too, but the caller's own doing
	case errors.As(err, &connect), errors.As(err, &network),
		errors.Is(err, driver.ErrBadConn), errors.Is(err, sql.ErrConnDone),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return Unreachable, "look at the PostgreSQL server and the way to it"
	}
	return "", ""
}

// unavailable reports whether an error says that the database takes no writes
// for now: doing the same again later is right, and nothing is wrong with what
// was to be written.
func (db *DB) unavailable(err error) bool {
	switch KindOf(err) {
	case DiskFull, DiskBroken, ReadOnly, Busy, Unreachable:
		return true
	}
	return errors.Is(err, ErrClosed)
}

// fault wraps a driver's error as a Fault where it is one, and else as a plain
// error; name is the file or server.
func fault(doing, name string, err error) error {
	var already *Fault
	if err == nil || errors.As(err, &already) {
		return err
	}
	if kind, fix := classify(err); kind != "" {
		return &Fault{Kind: kind, What: doing + " " + name + ": " + phrases[kind], Fix: fix, Err: err}
	}
	return fmt.Errorf("%s %s: %w", doing, name, err)
}

var phrases = map[FaultKind]string{
	NotADatabase: "it is not a SQLite database, or it is damaged",
	ReadOnly:     "it may not be written",
	DiskFull:     "the disk is full",
	DiskBroken:   "the disk reports an error",
	Busy:         "another process holds it",
	Unreachable:  "the server does not answer",
}

// statementError is a failed statement. Statements are constants of this
// package and hold no values, so their beginning may be shown; the driver's own
// text may quote a row (PostgreSQL's "invalid input syntax", database/sql's
// Scan errors) and is not.
type statementError struct {
	query string
	err   error
}

func (e *statementError) Error() string {
	return "storage: " + brief(e.query) + ": " + describe(e.err)
}

func (e *statementError) Unwrap() error { return e.err }

// describe is the part of an error's text that is safe to show.
func describe(err error) string {
	var pg *pgconn.PgError
	var lite *sqlite.Error
	switch {
	case errors.As(err, &pg):
		words := []string{"SQLSTATE", pg.Code, pg.TableName, pg.ColumnName, pg.ConstraintName}
		return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " ")
	case errors.As(err, &lite):
		return lite.Error()
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return "stopped waiting"
	}
	s := err.Error()
	if strings.HasPrefix(s, "sql: Scan error") {
		// "sql: Scan error on column index 0, name "x": converting … ("the value")".
		if head, _, ok := strings.Cut(s, `": `); ok {
			return head + `"`
		}
	}
	for _, ours := range []string{"storage: ", "sql: ", "bot: "} {
		if strings.HasPrefix(s, ours) {
			return s
		}
	}
	// A driver's own words may quote a value that it could not encode.
	return fmt.Sprintf("%T", err)
}

// brief is the beginning of a statement on one line.
func brief(query string) string {
	s := strings.Join(strings.Fields(query), " ")
	if len(s) > 64 {
		s = s[:64] + "…"
	}
	return s
}
