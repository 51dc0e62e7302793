package telegramtest

import (
	"bytes"
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"time"
)

const (
	maxHookWait  = 90 * time.Second // between retries; really 60 to 120 s [srv: on_update_error]
	maxHookAfter = time.Hour        // of a Retry-After
	connections  = 40               // at a time, unless the bot says otherwise [doc: setWebhook]
)

// hook is a webhook that is set. It is held under the server's lock.
type hook struct {
	s           *Server
	url, secret string
	connections int
	lanes       map[string]*lane
	ready       []*lane
	busy        int
	closed      context.Context // ends the posts under way
	close       context.CancelFunc
}

// lane is a queue of which one update is on its way at a time [srv: WebhookActor].
type lane struct {
	updates []*update
	fails   int // of the first one
	delay   time.Duration
	waits   bool // in ready, on its way, or for its next attempt
}

type wireHook struct {
	URL         string   `json:"url"`
	Certificate bool     `json:"has_custom_certificate"`
	Pending     int      `json:"pending_update_count"`
	ErrorDate   int64    `json:"last_error_date,omitempty"`
	Error       string   `json:"last_error_message,omitempty"`
	Connections int      `json:"max_connections,omitempty"`
	Allowed     []string `json:"allowed_updates,omitempty"`
}

var secretToken = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)

func (s *Server) setWebhook(c *call) (any, *apiError) {
	q, now := &s.queue, s.now()
	address := c.values["url"]
	if address == "" {
		return s.deleteWebhook(c)
	}
	if !s.options.Limits.Off && now.Sub(q.lastHook) < time.Second { // [srv: process_set_webhook_query]
		s.breach(c, RuleLimit, "setWebhook more than once a second")
		return nil, tooMany(1)
	}
	q.lastHook = now
	refuse := func(text string) (any, *apiError) {
		s.breach(c, RuleParameter, "%s", text)
		return nil, badRequest(text)
	}
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "":
		return refuse("invalid webhook URL specified")
	case u.Scheme != "https" && !isLoopback(u.Hostname()):
		return refuse("bad webhook: An HTTPS URL must be provided for webhook")
	}
	secret := c.values["secret_token"]
	if secret != "" && !secretToken.MatchString(secret) {
		return refuse("secret token contains unallowed characters")
	}
	n := int(c.integer("max_connections"))
	switch {
	case n == 0:
		n = connections
	case n < 0 || n > 100:
		return refuse("max_connections must be between 1 and 100")
	}
	q.allow(c)
	q.endPoll(conflict("terminated by setWebhook request"))
	q.closeHook()
	if c.yes("drop_pending_updates") {
		s.drop()
	}
	h := &hook{s: s, url: address, secret: secret, connections: n, lanes: map[string]*lane{}}
	h.closed, h.close = context.WithCancel(context.Background())
	q.hook = h
	for _, u := range q.waiting {
		if !q.expired(u, now) {
			h.add(u)
		}
	}
	return true, nil
}

// isLoopback reports whether a webhook may be without TLS here, as none of the
// real server's may.
func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func (s *Server) deleteWebhook(c *call) (any, *apiError) {
	s.queue.closeHook()
	if c.yes("drop_pending_updates") {
		s.drop()
	}
	s.queue.lastError, s.queue.lastErrorAt = "", time.Time{}
	s.queue.changed()
	return true, nil
}

func (s *Server) getWebhookInfo(*call) (any, *apiError) {
	q := &s.queue
	w := wireHook{Pending: q.pending(s.now()), Allowed: q.allowed, Error: q.lastError}
	if !q.lastErrorAt.IsZero() {
		w.ErrorDate = q.lastErrorAt.Unix()
	}
	if q.hook != nil {
		w.URL, w.Connections = q.hook.url, q.hook.connections
	}
	return w, nil
}

// drop forgets all that waits.
func (s *Server) drop() {
	for _, u := range s.queue.waiting {
		u.done = true
	}
	s.queue.waiting, s.queue.again = nil, nil
}

// closeHook ends the webhook, if there is one. What it did not deliver waits on.
func (q *queue) closeHook() {
	if q.hook != nil {
		q.hook.close()
		q.hook = nil
	}
}

// DeliverTwice has each update come to the webhook a second time, right after it
// was taken, as happens when the bot's answer is slow or gets lost.
func (s *Server) DeliverTwice(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue.twice = on
}

func (h *hook) add(u *update) {
	l := h.lanes[u.lane]
	if l == nil {
		l = &lane{}
		h.lanes[u.lane] = l
	}
	l.updates = append(l.updates, u)
	if !l.waits {
		h.line(l)
	}
}

// line has a lane wait for a free connection.
func (h *hook) line(l *lane) {
	l.waits = true
	h.ready = append(h.ready, l)
	for h.busy < h.connections && len(h.ready) > 0 {
		i := 0
		if h.s.queue.shuffled {
			i = h.s.dice.IntN(len(h.ready))
		}
		next := h.ready[i]
		h.ready = append(h.ready[:i], h.ready[i+1:]...)
		h.busy++
		next.updates[0].out = true
		h.s.hooks.Add(1)
		go h.deliver(next, next.updates[0], h.s.queue.twice)
	}
}

// deliver posts the first update of a lane and says what is next.
func (h *hook) deliver(l *lane, u *update, twice bool) {
	defer h.s.hooks.Done()
	after, err := h.post(u)
	if err == nil && twice {
		_, _ = h.post(u) // whatever it answers
	}
	h.s.mu.Lock()
	defer h.s.mu.Unlock()
	h.busy--
	u.out = false
	if h.closed.Err() != nil {
		return // it was deleted meanwhile: the update waits on
	}
	q, now := &h.s.queue, h.s.now()
	defer q.changed()
	if err == nil {
		u.done = true
		u.taken++
	} else {
		u.left++
		q.lastError, q.lastErrorAt = err.Error(), now
	}
	if err != nil && !q.expired(u, now) {
		h.retry(l, after)
		return
	}
	l.updates, l.fails, l.delay = l.updates[1:], 0, 0
	q.forget(0)
	if l.waits = len(l.updates) > 0; l.waits {
		h.line(l)
	} else {
		h.lineRest()
	}
}

// lineRest gives the connection that became free to who waits for one.
func (h *hook) lineRest() {
	if len(h.ready) > 0 {
		l := h.ready[0]
		h.ready = h.ready[1:]
		h.line(l)
	}
}

// retry has the first update of a lane come again: the first time at once, then
// after 2, 4, 8 … seconds, or after what the bot asked for.
func (h *hook) retry(l *lane, after time.Duration) {
	wait := min(after, maxHookAfter)
	if after == 0 && l.fails > 0 {
		l.delay = min(max(l.delay, time.Second)*2, maxHookWait)
		wait = l.delay
	}
	l.fails++
	h.lineRest()
	if wait == 0 {
		h.line(l)
		return
	}
	timer := time.AfterFunc(time.Duration(float64(wait)*h.s.options.Backoff), func() {
		h.s.mu.Lock()
		defer h.s.mu.Unlock()
		if h.closed.Err() == nil {
			h.line(l)
		}
	})
	context.AfterFunc(h.closed, func() { timer.Stop() })
}

// post delivers one update. The error is what getWebhookInfo tells.
func (h *hook) post(u *update) (after time.Duration, err error) {
	r, err := http.NewRequestWithContext(h.closed, http.MethodPost, h.url, bytes.NewReader(u.body))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/json")
	if h.secret != "" {
		r.Header.Set("X-Telegram-Bot-Api-Secret-Token", h.secret)
	}
	w, err := h.s.client.Do(r)
	if err != nil {
		return 0, errConnection
	}
	defer w.Body.Close()
	if w.StatusCode < 200 || w.StatusCode > 299 {
		seconds, _ := strconv.Atoi(w.Header.Get("Retry-After"))
		return time.Duration(max(0, seconds)) * time.Second, hookError("Wrong response from the webhook: " + w.Status)
	}
	return 0, nil
}

// hookError is an error in the server's words.
type hookError string

func (e hookError) Error() string { return string(e) }

const errConnection hookError = "Webhook connection closed"
