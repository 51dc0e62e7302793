package slack

import "sync"

// turns keep the edits of one message in order, though they go two ways: what was asked
// for last is what stands there in the end.
type turns struct {
	mu  sync.Mutex
	all map[string]*turned
}

// turned is one message of which edits are under way.
type turned struct {
	making sync.Mutex // held while one is made
	asked  uint64     // turns.mu is held
	open   int        // turns.mu is held
	made   map[int]uint64
}

// turn is one edit. It must be ended.
type turn struct {
	of      *turns
	message string
	number  uint64
	*turned
}

func newTurns() *turns { return &turns{all: map[string]*turned{}} }

// next is a turn after all that were given before.
func (t *turns) next(message string) turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	one := t.all[message]
	if one == nil {
		one = &turned{made: map[int]uint64{}}
		t.all[message] = one
	}
	one.asked++
	one.open++
	return turn{t, message, one.asked, one}
}

func (t turn) end() {
	t.of.mu.Lock()
	defer t.of.mu.Unlock()
	if t.open--; t.open == 0 {
		delete(t.of.all, t.message)
	}
}

// do makes the edit of one part, alone. It reports false, and does nothing, when a newer
// one was made already.
func (t turn) do(part int, edit func()) bool {
	t.making.Lock()
	defer t.making.Unlock()
	if t.made[part] > t.number {
		return false
	}
	t.made[part] = t.number
	edit()
	return true
}
