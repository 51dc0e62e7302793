package telegramtest

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"
)

const (
	maxPollWait = 50 * time.Second // [srv: LONG_POLL_MAX_TIMEOUT]
	maxBatch    = 100
	// farBeyond and farBehind are when an offset is of another sequence of ids
	// [td: TQueue::get].
	farBeyond, farBehind = 10, 100_000
	keepQueries          = 150 * time.Second // [srv: add_update of callback queries]
	keepUpdates          = 24 * time.Hour    // of all others
)

// update is one update, from when it came up until the test ends.
type update struct {
	id      int64
	kind    string // the field that it stands in
	lane    string // of a webhook: the next waits for the one before
	body    json.RawMessage
	expires time.Time
	done    bool // acknowledged, forgotten or expired
	out     bool // handed out, and not yet known whether it was taken
	taken   int  // how often it was acknowledged
	left    int  // how often it was not
}

// queue is what waits for the bot, and how the bot fetches it. All of it is held
// under the server's lock.
type queue struct {
	next     int64     // id of the next update
	waiting  []*update // by id; what is done stays in until it reaches the front
	again    []*update // duplicates, which go out whatever the offset says
	all      map[int64]*update
	shuffled bool
	allowed  []string // nil: the usual ones
	hook     *hook

	poll      *poll
	polls     []Poll
	out       []*update // of the last answer to getUpdates
	conflicts int
	moved     chan struct{} // closed at every change

	twice       bool      // webhooks deliver everything twice
	lastHook    time.Time // when a webhook was set
	lastOffset  int64
	lastPoll    time.Time
	lastError   string
	lastErrorAt time.Time
}

// Poll is one call of getUpdates.
type Poll struct {
	Offset  int64
	Limit   int
	Timeout time.Duration
	// Allowed is allowed_updates as it was sent; nil if it was not.
	Allowed []string
	At      time.Time
}

// poll is a getUpdates that waits.
type poll struct {
	wake chan struct{}
	end  *apiError
}

func newQueue(first int64) queue {
	return queue{next: first, all: map[int64]*update{}, moved: make(chan struct{}), lastOffset: -1 << 62}
}

// changed wakes all who wait for something to happen to the queue.
func (q *queue) changed() {
	close(q.moved)
	q.moved = make(chan struct{})
	if q.poll != nil {
		select {
		case q.poll.wake <- struct{}{}:
		default:
		}
	}
}

// endPoll answers the getUpdates that waits, if there is one, with an error.
func (q *queue) endPoll(e *apiError) {
	if q.poll != nil {
		q.poll.end = e
		select {
		case q.poll.wake <- struct{}{}:
		default: // it is awake
		}
		q.poll = nil
	}
}

// optIn are the updates that come only when they are asked for [doc: getUpdates].
var optIn = []string{"chat_member", "message_reaction", "message_reaction_count"}

func (q *queue) allows(kind string) bool {
	if q.allowed == nil {
		return !slices.Contains(optIn, kind)
	}
	return slices.Contains(q.allowed, kind)
}

// allow takes over allowed_updates; what is not sent stays as it was, and an empty
// list means the usual ones.
func (q *queue) allow(c *call) (sent []string) {
	if !c.json("allowed_updates", &sent) {
		return nil
	}
	q.allowed = sent
	if len(sent) == 0 {
		q.allowed = nil
	}
	return sent
}

// happen makes an update and returns its id, or 0 when the bot did not ask for
// such. s.mu is held.
func (s *Server) happen(kind, lane string, value any) int64 {
	q := &s.queue
	if !q.allows(kind) {
		return 0
	}
	raw, err := json.Marshal(value)
	if err != nil {
		s.t.Errorf("telegramtest: an update that is no JSON: %v", err)
		return 0
	}
	return s.enqueue(kind, lane, raw)
}

func (s *Server) enqueue(kind, lane string, value json.RawMessage) int64 {
	q := &s.queue
	keep := keepUpdates
	if kind == "callback_query" {
		keep = keepQueries
	}
	u := &update{id: q.next, kind: kind, lane: lane, expires: s.now().Add(keep)}
	u.body = slices.Concat([]byte(`{"update_id":`), strconv.AppendInt(nil, u.id, 10), []byte(`,"`+kind+`":`), value, []byte{'}'})
	q.next++
	q.all[u.id] = u
	q.waiting = append(q.waiting, u)
	if q.hook != nil {
		q.hook.add(u)
	}
	q.changed()
	return u.id
}

// expired drops an update whose time is over.
func (q *queue) expired(u *update, now time.Time) bool {
	if !u.done && now.After(u.expires) {
		u.done = true
		u.left++
	}
	return u.done
}

// forget takes the updates before an offset as acknowledged.
func (q *queue) forget(before int64) {
	for len(q.waiting) > 0 && (q.waiting[0].id < before || q.waiting[0].done) {
		if u := q.waiting[0]; !u.done {
			u.done = true
			u.taken++
		}
		q.waiting = q.waiting[1:]
	}
}

// settle decides about what the last answer handed out: the offset of the next
// getUpdates says whether it was taken.
func (q *queue) settle(offset int64) {
	for _, u := range q.out {
		u.out = false
		switch {
		case offset <= u.id:
			u.left++
		case u.done:
			u.taken++
		}
	}
	q.out = nil
}

// pending is how many wait.
func (q *queue) pending(now time.Time) (n int) {
	for _, u := range q.waiting {
		if !q.expired(u, now) {
			n++
		}
	}
	return n
}

// batch is what getUpdates gives for an offset.
func (s *Server) batch(offset int64, limit int) (all []json.RawMessage) {
	q, now := &s.queue, s.now()
	take := func(u *update) {
		u.out = true
		q.out = append(q.out, u)
		all = append(all, u.body)
	}
	var waiting []*update
	if offset <= q.next+farBeyond || s.options.FarOffset != FarOffsetDeaf {
		waiting = q.live(now)
	}
	// Whatever a batch holds, its highest id confirms all below it: nothing that
	// waits is passed over, by duplicates neither.
	fresh := min(len(waiting), limit-min(len(q.again), limit/2))
	for _, u := range waiting[:fresh] {
		take(u)
	}
	kept := q.again[:0]
	for _, u := range q.again {
		if len(all) < limit && (fresh == len(waiting) || u.id < waiting[fresh].id) {
			take(u)
		} else {
			kept = append(kept, u)
		}
	}
	q.again = kept
	if q.shuffled {
		s.dice.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	}
	return all
}

// live are those that wait and have not expired, by id.
func (q *queue) live(now time.Time) (all []*update) {
	for _, u := range q.waiting {
		if len(all) > maxBatch {
			break // one more than fits
		}
		if !q.expired(u, now) {
			all = append(all, u)
		}
	}
	return all
}

// begin is what a getUpdates does at its beginning: it confirms by its offset.
func (s *Server) begin(offset int64) {
	q := &s.queue
	q.settle(offset)
	head := q.next
	if len(q.waiting) > 0 {
		head = q.waiting[0].id
	}
	switch {
	case offset < 0:
		// Only so many from the end are kept [doc].
		live := q.pending(s.now())
		for _, u := range q.waiting {
			if live <= int(-offset) {
				break
			}
			if !u.done {
				u.done = true
				live--
			}
		}
	case offset > q.next+farBeyond, offset < head-farBehind:
	default:
		q.forget(offset)
	}
	q.changed()
}

// getUpdates waits for updates, at most timeout; s.mu is held, except while it waits.
func (s *Server) getUpdates(ctx context.Context, c *call) (any, *apiError) {
	q, now := &s.queue, s.now()
	if q.hook != nil {
		return nil, conflict("can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")
	}
	offset, limit := c.integer("offset"), int(c.integer("limit"))
	if limit == 0 {
		limit = maxBatch
	}
	timeout := min(max(0, time.Duration(c.integer("timeout"))*time.Second), maxPollWait)
	q.polls = append(q.polls, Poll{offset, limit, timeout, q.allow(c), now})
	if q.poll != nil {
		q.conflicts++
		q.endPoll(conflict("terminated by other getUpdates request; make sure that only one bot instance is running"))
	}
	if s.options.HoldRepeats && offset == q.lastOffset {
		if now.Sub(q.lastPoll) < 3*time.Second {
			timeout = max(timeout, 3*time.Second)
		}
		if now.Sub(q.lastPoll) < 500*time.Millisecond {
			limit = 1
		}
	}
	q.lastOffset, q.lastPoll = offset, now
	s.begin(offset)

	me := &poll{wake: make(chan struct{}, 2)}
	q.poll = me
	defer func() {
		if q.poll == me {
			q.poll = nil
		}
	}()
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	for over := false; ; {
		if batch := s.batch(offset, limit); len(batch) > 0 {
			return batch, nil
		}
		if over || timeout == 0 {
			return []json.RawMessage{}, nil
		}
		s.mu.Unlock()
		select {
		case <-me.wake:
		case <-timer.C:
			over = true
		case <-ctx.Done():
			over = true
		case <-s.ended:
			over = true
		}
		s.mu.Lock()
		if me.end != nil {
			return nil, me.end
		}
		if ctx.Err() != nil {
			// Nobody is there to be given anything.
			return []json.RawMessage{}, nil
		}
	}
}

// Polls are all calls of getUpdates, oldest first.
func (s *Server) Polls() []Poll {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.queue.polls)
}

// Polling reports whether a getUpdates waits right now.
func (s *Server) Polling() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queue.poll != nil
}

// Conflicts counts how often a second getUpdates ended the one that waited.
func (s *Server) Conflicts() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queue.conflicts
}

// Pending are the ids of the updates that wait for the bot.
func (s *Server) Pending() (ids []int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range s.queue.waiting {
		if !s.queue.expired(u, s.now()) {
			ids = append(ids, u.id)
		}
	}
	return ids
}

// Acknowledged reports whether the bot took an update.
func (s *Server) Acknowledged(id int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.queue.all[id]
	return u != nil && u.taken > 0
}
