package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/binary"
	"sync"
	"time"
)

// lanes are the members' lanes that this process works, where several processes
// share a PostgreSQL database. A lane is a session's advisory lock: it costs no
// commit, and a process that dies gives its lanes back with its connection. All
// are held by one connection, so a pooler between Ella and the server must keep
// sessions whole.
//
// Losing that connection loses the locks while work goes on. That is safe: an
// update is ended, and a conversation moved, only if nobody did it before.
type lanes struct {
	db *DB

	mu     sync.Mutex
	conn   *sql.Conn
	closed bool
}

// laneLimit is how long the server may take over one lane.
const laneLimit = 10 * time.Second

// laneKey is a lane as the number that an advisory lock has. Two lanes with one
// number only wait for each other.
func laneKey(lane string) int64 {
	var b [8]byte
	copy(b[:], lane)
	return int64(binary.BigEndian.Uint64(b[:]))
}

func (l *lanes) claim(ctx context.Context, lane string) (bool, error) {
	return l.ask(ctx, `SELECT pg_try_advisory_lock($1)`, lane)
}

func (l *lanes) release(ctx context.Context, lane string) error {
	_, err := l.ask(ctx, `SELECT pg_advisory_unlock($1)`, lane)
	return err
}

func (l *lanes) ask(ctx context.Context, query, lane string) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		// A lock that is taken now would be held until the process ends.
		return false, fault("claim a lane in", l.db.name, ErrClosed)
	}
	if l.conn == nil {
		conn, err := l.db.reads.Conn(ctx)
		if err != nil {
			return false, fault("claim a lane in", l.db.name, err)
		}
		l.conn = conn
	}
	var yes bool
	// Not the caller's cancellation: it would break the connection and with it
	// every lane. A server that does not answer at all must not hold them either.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), laneLimit)
	defer cancel()
	err := l.conn.QueryRowContext(ctx, query, laneKey(lane)).Scan(&yes)
	if err != nil {
		l.drop()
		return false, fault("claim a lane in", l.db.name, err)
	}
	return yes, nil
}

// drop ends the connection, and with it every lock. The error is the one that
// keeps database/sql from putting it back into its pool, locks and all.
func (l *lanes) drop() {
	if l.conn != nil {
		_ = l.conn.Raw(func(any) error { return driver.ErrBadConn })
		_ = l.conn.Close()
		l.conn = nil
	}
}

func (l *lanes) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.drop()
}
