package storage

import (
	"context"
	"sync"
)

// gather puts into one statement what many ask at the same moment. Nobody waits
// for company: whoever asks first goes alone, and those who come while they are on
// their way go together next. It is for PostgreSQL, where a way to the server costs
// more than what is done there; on SQLite the writer groups whole units.
//
// What shares a lot must not be able to fail for one and not for another.
type gather[Q, A any] struct {
	// do answers a lot, in its order. Its error is everybody's.
	do func(ctx context.Context, lot []Q) ([]A, error)

	mu    sync.Mutex
	next  []*asking[Q, A]
	going bool
}

type asking[Q, A any] struct {
	q    Q
	a    A
	err  error
	done chan struct{}
}

// maxLot bounds how many go together.
const maxLot = 64

// ask blocks until its lot was answered. Once it has begun, the caller's
// cancellation does not reach it: the others of the lot have not gone away.
func (g *gather[Q, A]) ask(ctx context.Context, q Q) (A, error) {
	mine := &asking[Q, A]{q: q, done: make(chan struct{})}
	if inUnit(ctx) {
		return mine.a, errNested
	}
	if err := ctx.Err(); err != nil {
		return mine.a, err
	}
	g.mu.Lock()
	g.next = append(g.next, mine)
	if !g.going {
		g.going = true
		go g.run(context.WithoutCancel(ctx))
	}
	g.mu.Unlock()
	<-mine.done
	return mine.a, mine.err
}

func (g *gather[Q, A]) run(ctx context.Context) {
	for {
		g.mu.Lock()
		n := min(len(g.next), maxLot)
		lot := g.next[:n:n]
		g.next = g.next[n:]
		if n == 0 {
			g.next, g.going = nil, false
			g.mu.Unlock()
			return
		}
		g.mu.Unlock()
		questions := make([]Q, n)
		for i, one := range lot {
			questions[i] = one.q
		}
		answers, err := g.do(ctx, questions)
		for i, one := range lot {
			if one.err = err; err == nil {
				one.a = answers[i]
			}
			close(one.done)
		}
	}
}
