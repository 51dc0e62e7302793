package telegramtest

import (
	"context"
)

// Redeliver puts an update in once more, under the id that it had: also one that
// was acknowledged. getUpdates gives such a duplicate whatever the offset says.
func (s *Server) Redeliver(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := s.queue.all[id]; u != nil {
		s.repeat(u)
		return
	}
	s.t.Errorf("telegramtest: there was no update %d", id)
}

// repeat is Redeliver with the lock held.
func (s *Server) repeat(u *update) {
	if s.queue.hook != nil {
		s.queue.hook.add(u)
	} else {
		s.queue.again = append(s.queue.again, u)
	}
	s.queue.changed()
}

// Deliver has an update delivered, once more if it was acknowledged before, and
// waits until it is sure what the bot made of it: true when it acknowledged it, by
// its next offset or by a 2xx; false when it plainly did not, when the update
// expired, or when ctx ends first. End ctx when nobody receives any more.
func (s *Server) Deliver(ctx context.Context, id int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.queue.all[id]
	if u == nil {
		s.t.Errorf("telegramtest: there was no update %d", id)
		return false
	}
	taken, left := u.taken, u.left
	if u.out {
		left++ // what is out already was delivered before
	}
	if u.done && !u.out {
		s.repeat(u)
	}
	for u.taken == taken && u.left <= left && ctx.Err() == nil && !s.closed {
		s.queue.expired(u, s.now())
		moved := s.queue.moved
		s.mu.Unlock()
		select {
		case <-moved:
		case <-ctx.Done():
		case <-s.ended:
		}
		s.mu.Lock()
	}
	return u.taken > taken
}

// Shuffle has updates come in disorder from now on: those of one answer to
// getUpdates in any order, and of a webhook the lanes.
func (s *Server) Shuffle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue.shuffled = true
}

// JumpTo has ids go on from there, as they do from anywhere after a week without
// an update [doc: Update]. What waited until then has expired.
func (s *Server) JumpTo(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range s.queue.waiting {
		if !u.done {
			u.done = true
			u.left++
		}
	}
	s.queue.waiting, s.queue.again, s.queue.next = nil, nil, id
	s.queue.changed()
}
