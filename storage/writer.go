package storage

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"time"

	"ella/bot"
)

// Bounds of one group. Many units share one flush of the disk, which takes as
// long as running a hundred of them; past these bounds a group gains little and
// keeps its first unit, River and other processes waiting.
const (
	maxGroup     = 512
	maxGroupTime = 20 * time.Millisecond
)

// writer commits units of work to SQLite, many in one transaction, each in a
// savepoint of its own. A group is whatever is waiting when the one before it
// has been flushed: a unit that comes alone is committed at once, and under load
// groups grow by themselves.
//
// What SQLite does to such a group, and is answered here: a full disk, an I/O
// error or an interrupt rolls back the whole transaction, not the savepoint;
// ROLLBACK TO then fails, and the next SAVEPOINT would open, and its RELEASE
// commit, a transaction of its own. So statements run under the writer's
// context, a Tx refuses everything after its first error, and when a savepoint
// can't be rolled back the group is given up and each of its units is run again
// alone.
type writer struct {
	db      *DB
	queue   chan *work
	closing chan struct{}
	closed  chan struct{}
	last    int // units in the last group
}

// work is a unit on its way through the writer.
type work struct {
	ctx    context.Context //nolint:containedctx // it travels with the unit to the writer
	unit   bot.Change
	tx     *Tx
	result chan error
	// taken is set by whoever is first: the writer that begins the unit, or the
	// caller that stops waiting for it.
	taken atomic.Bool
}

func (j *work) take() bool { return j.taken.CompareAndSwap(false, true) }

func startWriter(db *DB) *writer {
	w := &writer{db: db, queue: make(chan *work), closing: make(chan struct{}), closed: make(chan struct{})}
	go w.loop()
	return w
}

// stop ends the writer once the group under way is durable. Units that have not
// begun return ErrClosed.
func (w *writer) stop() {
	close(w.closing)
	<-w.closed
}

func (w *writer) loop() {
	defer close(w.closed)
	for {
		select {
		case j := <-w.queue:
			w.group(j)
		case <-w.closing:
			return
		}
	}
}

func (w *writer) write(ctx context.Context, unit bot.Change) (*Tx, error) {
	j := &work{ctx: ctx, unit: unit, result: make(chan error, 1)}
	select {
	case <-w.closing:
		return nil, ErrClosed
	default:
	}
	select {
	case w.queue <- j:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-w.closing:
		return nil, ErrClosed
	}
	select {
	case err := <-j.result:
		return j.tx, err
	case <-ctx.Done():
		if j.take() {
			return nil, ctx.Err()
		}
	}
	err := <-j.result
	return j.tx, err
}

// group runs and commits a group that begins with first.
func (w *writer) group(first *work) {
	g, err := w.begin()
	if err != nil {
		first.result <- err
		return
	}
	defer g.stop()
	var ran []*work // well, and waiting for the commit
	began := time.Now()
	for j := first; j != nil; j = w.next(len(ran), began) {
		if !j.take() {
			continue
		}
		err := g.runInSavepoint(j)
		switch {
		case errors.Is(err, ErrTooLong):
			// Not run again, since it would hang again.
			j.result <- ErrTooLong
			if !errors.Is(err, errLost) {
				continue
			}
			g.rollback()
			w.alone(ran)
			return
		case errors.Is(err, errLost):
			g.rollback()
			w.alone(append(ran, j))
			return
		case err != nil:
			j.result <- err
		default:
			ran = append(ran, j)
		}
	}
	w.last = len(ran)
	if len(ran) == 0 {
		g.rollback()
		return
	}
	if err := g.raw.Commit(); err != nil {
		// The driver has rolled it back.
		if len(ran) == 1 {
			ran[0].result <- fault("write to", w.db.name, err)
			return
		}
		w.alone(ran)
		return
	}
	for _, j := range ran {
		j.result <- nil
	}
}

// next gives another unit for the group, or nil when it is time to commit.
func (w *writer) next(n int, began time.Time) *work {
	if n >= maxGroup || time.Since(began) >= maxGroupTime {
		return nil
	}
	// The callers that the last group released are about to come back with their
	// next unit. Letting them run costs nothing when there are none, and without
	// it every other group would hold one unit.
	for yield := w.last > 1; ; yield = false {
		select {
		case j := <-w.queue:
			return j
		default:
			if !yield {
				return nil
			}
			runtime.Gosched()
		}
	}
}

// alone runs units that have begun once more, each in a transaction of its own:
// one of them, or the size of the group, was too much for SQLite.
func (w *writer) alone(units []*work) {
	for _, j := range units {
		j.result <- w.runAlone(j)
	}
}

func (w *writer) runAlone(j *work) error {
	g, err := w.begin()
	if err != nil {
		return err
	}
	defer g.stop()
	if err := g.run(j); err != nil {
		g.rollback()
		if errors.Is(err, ErrTooLong) {
			return ErrTooLong
		}
		return err
	}
	return fault("write to", w.db.name, g.raw.Commit())
}
