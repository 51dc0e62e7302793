// Package lane does work in order where order matters and side by side where it
// does not: one item at a time for each key, many keys at once. It is a leaf.
package lane

import "sync"

// Set is the lanes of one kind of work. The zero value is not usable; see New.
type Set[T any] struct {
	work func(key string, item T)
	// slots bounds how many lanes work at once.
	slots chan struct{}

	mu     sync.Mutex
	idle   *sync.Cond // signalled when the last lane has run dry
	queues map[string][]T
	closed bool
	busy   sync.WaitGroup
}

// New makes lanes that call work for one item of a key after the other, in the
// order of Push, for at most width keys at once.
func New[T any](width int, work func(key string, item T)) *Set[T] {
	s := &Set[T]{work: work, slots: make(chan struct{}, width), queues: map[string][]T{}}
	s.idle = sync.NewCond(&s.mu)
	return s
}

// Push adds an item to a key's lane. It never blocks. It reports false after
// Close: the item is not taken.
func (s *Set[T]) Push(key string, item T) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	queue, running := s.queues[key]
	s.queues[key] = append(queue, item)
	if !running {
		s.busy.Go(func() { s.run(key) })
	}
	return true
}

// Offer is Push for a lane that has nothing to do; one that has is left alone.
func (s *Set[T]) Offer(key string, item T) bool {
	s.mu.Lock()
	_, running := s.queues[key]
	s.mu.Unlock()
	return !running && s.Push(key, item)
}

// Yield lets another lane work while wait blocks. Only work calls it.
func (s *Set[T]) Yield(wait func()) {
	<-s.slots
	defer func() { s.slots <- struct{}{} }()
	wait()
}

func (s *Set[T]) run(key string) {
	s.slots <- struct{}{}
	defer func() { <-s.slots }()
	for {
		s.mu.Lock()
		queue := s.queues[key]
		if len(queue) == 0 {
			delete(s.queues, key)
			if len(s.queues) == 0 {
				s.idle.Broadcast()
			}
			s.mu.Unlock()
			return
		}
		item := queue[0]
		s.queues[key] = queue[1:]
		s.mu.Unlock()
		s.work(key, item)
	}
}

// Wait blocks until no lane has anything to do.
func (s *Set[T]) Wait() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.queues) > 0 {
		s.idle.Wait()
	}
}

// Close takes no more items and waits until those taken are done.
func (s *Set[T]) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.busy.Wait()
}
