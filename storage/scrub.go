package storage

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

const (
	// scrubPatience is how long one try may keep writers waiting for somebody who
	// reads; scrubTries is how often it is tried.
	scrubPatience = "busy_timeout(20)"
	scrubTries    = 20
	scrubPause    = 50 * time.Millisecond
)

// Scrub makes what was deleted unreadable in the SQLite file, even for somebody
// who has the file and looks at its bytes. secure_delete overwrites what is
// deleted, but only in pages that first go to the write-ahead log: the old pages
// are in the file, and older ones in the log, until the log has been copied back
// and emptied. Most of it is copied while others write; they wait only for the
// rest. When somebody goes on reading for a second it is a Fault of kind Busy and
// may be tried again. Whoever erases a member calls it afterwards.
//
// What the disk itself keeps of blocks that a file has given up is out of our
// hands: hence the sealing of fields, and the advice to encrypt the disk.
//
// On PostgreSQL it does nothing: no query finds a deleted row, but its bytes (ids,
// indexes, sealed fields) stay in the server's files until something else is written
// over them. A plain VACUUM only gives the room back; VACUUM FULL writes each table
// anew and so leaves nothing, and locks it meanwhile: that is for whoever runs the
// server to decide. There the sealing of fields has to carry it.
func (db *DB) Scrub(ctx context.Context) error {
	if db.engine == postgres {
		return nil
	}
	if err := db.closeGaps(ctx); err != nil {
		return fault("scrub", db.name, err)
	}
	for n := 1; ; n++ {
		busy, err := db.scrub(ctx)
		if err != nil {
			return fault("scrub", db.name, err)
		}
		if !busy {
			return nil
		}
		if n == scrubTries {
			return &Fault{Kind: Busy, What: "scrub " + db.name + ": somebody is still reading", Fix: "try again"}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(scrubPause):
		}
	}
}

// scrub tries once, and reports whether somebody's reading was in the way.
func (db *DB) scrub(ctx context.Context) (busy bool, err error) {
	var stopped, frames, copied int
	// A checkpoint beside the writer. It may be done where nothing else may be written.
	if err := db.reads.QueryRowContext(ctx, `PRAGMA wal_checkpoint(PASSIVE)`).Scan(&stopped, &frames, &copied); err != nil {
		return false, err
	}
	conn, err := db.writes.Conn(ctx)
	if err != nil {
		return false, err
	}
	defer func() { _ = conn.Close() }()
	if err := setPatience(ctx, conn, scrubPatience); err != nil {
		return false, err
	}
	err = conn.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&stopped, &frames, &copied)
	// Not under ctx: the connection is the writer's.
	return stopped != 0, errors.Join(err, setPatience(context.WithoutCancel(ctx), conn, writePatience))
}

// setPatience sets how long a connection waits for a lock. SQLite does it while it
// prepares the statement, so one that was prepared before would do nothing.
func setPatience(ctx context.Context, conn *sql.Conn, pragma string) error {
	return conn.Raw(func(c any) error {
		_, err := c.(*cachingConn).sqliteConn.ExecContext(ctx, "PRAGMA "+pragma, nil)
		return err
	})
}
