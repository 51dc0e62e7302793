package slacktest

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Kinds of payload, as Socket Mode calls them.
const (
	Events       = "events_api"
	Interactions = "interactive"
	Commands     = "slash_commands"
)

// mail is what the app is to be told.
type mail struct {
	all      map[string]*delivery
	waiting  []*delivery // for a connection
	shuffled bool
	acks     []time.Duration
	news     chan struct{} // closed at every change
}

func newMail() mail { return mail{all: map[string]*delivery{}, news: make(chan struct{})} }

// delivery is one payload, and how far it is.
type delivery struct {
	id, kind string
	team     *team
	person   string // "" for an event
	payload  obj    // of a command: its form
	raw      json.RawMessage
	asks     bool // accepts_response_payload
	after    func(c *call, answer json.RawMessage)

	queued, out, done, lost bool
	taken, left, sent       int
	sentAt                  time.Time // the last time, by the machine's clock
	retries                 int
	reason                  string // of the last failure
	answer                  json.RawMessage
}

// moved tells those who wait that something changed; s.mu is held.
func (s *Server) moved() {
	close(s.mail.news)
	s.mail.news = make(chan struct{})
}

// enqueue hands a payload over for delivery; s.mu is held.
func (s *Server) enqueue(d *delivery) {
	s.mail.all[d.id] = d
	s.queue(d)
}

// queue puts a payload in line.
func (s *Server) queue(d *delivery) {
	if d.kind != Events && !s.options.RetryClicks && s.requests.isZero() && s.readySocket() == nil {
		s.lose(d)
		s.moved()
		return
	}
	d.queued = true
	s.mail.waiting = append(s.mail.waiting, d)
	s.pump()
}

// pump sends what waits, if there is a way; s.mu is held.
func (s *Server) pump() {
	for len(s.mail.waiting) > 0 && !s.closed {
		i := 0
		if s.mail.shuffled {
			i = s.dice.IntN(len(s.mail.waiting))
		}
		d := s.mail.waiting[i]
		sock := s.readySocket()
		switch {
		case !s.requests.isZero():
			s.running.Add(1)
			go s.post(d, s.request(d))
		case sock != nil:
			s.sendEnvelope(sock, d)
		default:
			return
		}
		if i == 0 {
			s.mail.waiting = s.mail.waiting[1:]
		} else {
			s.mail.waiting = slices.Delete(s.mail.waiting, i, i+1)
		}
		d.queued, d.out = false, true
		d.sent++
		d.sentAt = time.Now()
		s.moved()
	}
}

// delays are those before the first, second and third retry [doc].
var delays = []time.Duration{0, time.Minute, 5 * time.Minute}

// settle is what came of an attempt; s.mu is held.
func (s *Server) settle(d *delivery, taken bool, reason string, answer json.RawMessage, again bool) {
	d.out = false
	if taken {
		d.taken++
		s.mail.acks = append(s.mail.acks, time.Since(d.sentAt))
		first := !d.done
		d.done, d.lost = true, false
		d.answer = answer
		if first && d.after != nil {
			d.after(&call{method: d.kind, team: d.team, args: map[string]string{}}, answer)
		}
		s.moved()
		return
	}
	d.left++
	d.reason = reason
	may := d.kind == Events || s.options.RetryClicks
	if !may || !again || d.done || d.retries >= s.options.Retries {
		if !d.done {
			s.lose(d)
		}
		s.moved()
		return
	}
	wait := s.scaled(delays[min(d.retries, len(delays)-1)])
	d.retries++
	time.AfterFunc(wait, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if !s.closed && !d.queued && !d.out && !d.done {
			s.queue(d)
		}
	})
	s.moved()
}

// lose gives a payload up. Who did something sees a warning.
func (s *Server) lose(d *delivery) {
	d.lost = true
	if d.person != "" {
		s.warnings[d.person]++
	}
}

// Acknowledged reports whether the app acknowledged a payload, ever.
func (s *Server) Acknowledged(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.mail.all[id]
	return d != nil && d.done
}

// Acks are how long the app took to acknowledge what it was sent, in real time, in the
// order in which it did.
func (s *Server) Acks() []time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mail.acks)
}

// Attempts is how often a payload was sent.
func (s *Server) Attempts(id string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.mail.all[id]; d != nil {
		return d.sent
	}
	return 0
}

// Lost are the payloads that were given up, by their ids.
func (s *Server) Lost() (ids []string) {
	return s.pickMail(func(d *delivery) bool { return d.lost })
}

// Pending are the payloads that are neither acknowledged nor lost.
func (s *Server) Pending() (ids []string) {
	return s.pickMail(func(d *delivery) bool { return !d.done && !d.lost })
}

func (s *Server) pickMail(is func(*delivery) bool) (ids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(s.mail.all)) {
		if is(s.mail.all[id]) {
			ids = append(ids, id)
		}
	}
	return ids
}

// Answer is what the app acknowledged a payload with, besides that it did.
func (s *Server) Answer(id string) json.RawMessage {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.mail.all[id]; d != nil {
		return slices.Clone(d.answer)
	}
	return nil
}

// Payload is what the app is told, as it is sent.
func (s *Server) Payload(id string) json.RawMessage {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.mail.all[id]; d != nil {
		return d.body()
	}
	return nil
}

func (d *delivery) body() json.RawMessage {
	if d.raw != nil {
		return d.raw
	}
	raw, _ := json.Marshal(d.payload) // it is of our own making
	return raw
}

// Redeliver sends a payload once more, also one that was acknowledged.
func (s *Server) Redeliver(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.mail.all[id]
	switch {
	case d == nil:
		s.t.Errorf("slacktest: there was no payload %q", id)
	case !d.queued:
		s.queue(d)
	}
}

// Settled waits until a payload is acknowledged or lost, an attempt at it failed, or
// ctx ends, and reports whether it is acknowledged. It sends nothing: it is for what
// was done just now.
func (s *Server) Settled(ctx context.Context, id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.mail.all[id]
	if d == nil {
		return false
	}
	s.await(ctx, func() bool { return d.done || d.lost || d.left > 0 })
	return d.done
}

// Deliver has a payload delivered once more, and waits until it is sure what the app
// made of it: true when it acknowledged it; false when it did not in time, its
// connection ended, or ctx ends first. End ctx when nobody receives any more. An
// attempt that is under way counts only if it succeeds: the app may have turned it
// down before.
func (s *Server) Deliver(ctx context.Context, id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.mail.all[id]
	if d == nil {
		s.t.Errorf("slacktest: there was no payload %q", id)
		return false
	}
	taken, left := d.taken, d.left
	over := func() bool { return d.taken > taken || d.left > left }
	if d.out {
		if s.await(ctx, over); d.taken > taken || d.left == left {
			return d.taken > taken
		}
		left = d.left
	}
	if !d.queued && !d.out {
		s.queue(d)
	}
	s.await(ctx, func() bool { return over() || d.lost && !d.out && !d.queued })
	return d.taken > taken
}

// await gives the lock back until something is so, or ctx or the server ends.
func (s *Server) await(ctx context.Context, so func() bool) {
	for !so() && ctx.Err() == nil && !s.closed {
		news := s.mail.news
		s.mu.Unlock()
		select {
		case <-news:
		case <-ctx.Done():
		case <-s.ended:
		}
		s.mu.Lock()
	}
}

// Shuffle has payloads that wait go out in disorder from now on: Slack promises none.
func (s *Server) Shuffle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mail.shuffled = true
}

// event wraps an event and hands it over, if the app is told of such; s.mu is held.
func (s *Server) event(t *team, e obj, told bool) Did {
	if !told || t == nil {
		return Did{}
	}
	s.lastID++
	id := fmt.Sprintf("Ev0FAKE%05d", s.lastID)
	e["event_ts"] = s.stamp()
	if ts, ok := e["ts"]; ok {
		e["event_ts"] = ts
	}
	s.enqueue(&delivery{id: id, kind: Events, team: t, payload: obj{
		"token": "fake0verification0token", "team_id": t.id, "context_team_id": t.id, "context_enterprise_id": nil, "api_app_id": s.app.id,
		"event": e, "type": "event_callback", "event_id": id, "event_time": s.now().Unix(), "is_ext_shared_channel": false,
		"authorizations": []obj{{"enterprise_id": nil, "team_id": t.id, "user_id": t.botUser, "is_bot": true, "is_enterprise_install": false}},
		"event_context":  "4-fake0context" + id,
	}})
	return Did{ID: id}
}

// stamp is the clock as Slack writes it, which is no name of a message.
func (s *Server) stamp() string {
	micro := s.now().UnixMicro()
	return fmt.Sprintf("%d.%06d", micro/1_000_000, micro%1_000_000)
}

// act hands over what a person did; s.mu is held.
func (s *Server) act(u *User, kind string, payload obj, asks bool, after func(*call, json.RawMessage)) Did {
	s.lastID++
	id := fmt.Sprintf("Ac0FAKE%05d", s.lastID)
	trigger := s.newTrigger(u)
	payload["trigger_id"], payload["token"], payload["api_app_id"] = trigger, "fake0verification0token", s.app.id
	if kind == Interactions {
		t := s.teams[u.Team]
		payload["team"], payload["enterprise"], payload["is_enterprise_install"] = obj{"id": t.id, "domain": t.domain}, nil, false
		payload["user"] = obj{"id": u.ID, "username": u.handle(), "name": u.handle(), "team_id": u.home()}
	}
	url, _ := payload["response_url"].(string)
	s.enqueue(&delivery{id: id, kind: kind, team: s.teams[u.Team], person: u.ID, payload: payload, asks: asks, after: after})
	return Did{ID: id, Trigger: trigger, ResponseURL: url}
}
