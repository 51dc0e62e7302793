package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"hash/fnv"
	"slices"
	"sync"
	"time"

	core "ella/bot/engine"
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
	db       *DB
	claims   gather[string, claimed]
	releases gather[string, bool]

	mu     sync.Mutex
	conn   *sql.Conn
	closed bool
}

// laneLimit is how long the server may take over one lane.
const laneLimit = 10 * time.Second

// key is a lane as the number that an advisory lock has. Locks are the whole
// database's, so it tells schemas apart. Two lanes with one number only wait for each
// other.
func (l *lanes) key(lane string) int64 {
	h := fnv.New64a()
	h.Write([]byte(l.db.schema)) // never fails
	h.Write([]byte(lane))
	return int64(h.Sum64())
}

// claimed is a lane that was asked for: whether it is ours now, and what waits
// in it.
type claimed struct {
	mine    bool
	waiting []core.Waiting
}

func newLanes(db *DB) *lanes {
	l := &lanes{db: db}
	l.claims.do, l.releases.do = l.claim, l.release
	return l
}

// claim takes those lanes that nobody has, and then reads what waits in them: read
// before, it could have been worked by whoever had the lane until now.
func (l *lanes) claim(ctx context.Context, lot []string) ([]claimed, error) {
	got, err := l.lock(ctx, `SELECT k, pg_try_advisory_lock(k) FROM unnest($1::bigint[]) AS k`, lot)
	if err != nil {
		return nil, err
	}
	all := make([]claimed, len(lot))
	var ours []string
	for i, lane := range lot {
		if all[i].mine = got[l.key(lane)]; all[i].mine {
			ours = append(ours, lane)
		}
	}
	waiting, err := l.db.Engine("").waitingIn(ctx, ours)
	if err != nil {
		_, unlock := l.lock(ctx, unlockLanes, ours)
		return nil, errors.Join(err, unlock)
	}
	for i, lane := range lot {
		if all[i].mine {
			all[i].waiting = waiting[lane]
		}
	}
	return all, nil
}

// release gives lanes back, and then looks whether anything waits in them.
func (l *lanes) release(ctx context.Context, lot []string) ([]bool, error) {
	if _, err := l.lock(ctx, unlockLanes, lot); err != nil {
		return nil, err
	}
	found, err := collect(scanLane)(l.db.read().query(ctx, `
		SELECT DISTINCT lane FROM inbox WHERE state = 'waiting' AND lane = ANY($1)`, laneBytes(lot)))
	if err != nil {
		return nil, err
	}
	left := make([]bool, len(lot))
	for i, lane := range lot {
		left[i] = slices.Contains(found, lane)
	}
	return left, nil
}

const unlockLanes = `SELECT k, pg_advisory_unlock(k) FROM unnest($1::bigint[]) AS k`

func scanLane(r *rows) (string, error) {
	var lane []byte
	err := r.Scan(&lane)
	return string(lane), err
}

func laneBytes(lanes []string) [][]byte {
	all := make([][]byte, len(lanes))
	for i, lane := range lanes {
		all[i] = []byte(lane)
	}
	return all
}

// lock asks one thing of many locks and returns what the server said of each.
func (l *lanes) lock(ctx context.Context, query string, lot []string) (map[int64]bool, error) {
	if len(lot) == 0 {
		return nil, nil
	}
	keys := make([]int64, len(lot))
	for i, lane := range lot {
		keys[i] = l.key(lane)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		// A lock that is taken now would be held until the process ends.
		return nil, fault("claim a lane in", l.db.name, ErrClosed)
	}
	// A server that does not answer at all must not hold the lanes either.
	ctx, cancel := context.WithTimeout(ctx, laneLimit)
	defer cancel()
	if l.conn == nil {
		conn, err := l.db.reads.Conn(ctx)
		if err != nil {
			return nil, fault("claim a lane in", l.db.name, err)
		}
		l.conn = conn
	}
	said := make(map[int64]bool, len(lot))
	_, err := collect(func(r *rows) (struct{}, error) {
		var key int64
		var yes bool
		err := r.Scan(&key, &yes)
		said[key] = yes
		return struct{}{}, err
	})(reader{on: l.conn}.query(ctx, query, keys))
	if err != nil {
		l.drop()
		return nil, fault("claim a lane in", l.db.name, err)
	}
	return said, nil
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
