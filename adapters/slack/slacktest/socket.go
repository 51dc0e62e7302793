package slacktest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
)

// sockets are the connections of Socket Mode.
type sockets struct {
	tickets map[string]bool // true until they are used
	open    []*socket       // those that get payloads, oldest first
	live    map[*socket]bool
	muted   bool
}

func newSockets() sockets { return sockets{tickets: map[string]bool{}, live: map[*socket]bool{}} }

// maxSockets is how many an app may hold [doc].
const maxSockets = 10

// maxAnswer is how large an ack may be: larger ones are dropped without a word
// [doc: source of the SDKs].
const maxAnswer = 20 << 10

// socket is one connection.
type socket struct {
	conn    *websocket.Conn
	wake    chan struct{} // has room for one
	gone    chan struct{}
	frames  [][]byte
	pending map[string]*delivery // by envelope
	acked   map[string]bool
	last    bool // close when all frames are out
	muted   bool
}

func (s *Server) openConnection(*call) (obj, *apiError) {
	if s.app.socketsOff {
		// What Slack says then is written nowhere [?]; it is none of the four errors
		// that the library takes for final.
		return nil, refusal("socket_mode_not_enabled")
	}
	s.lastID++
	ticket := fmt.Sprintf("fake-ticket-%d", s.lastID)
	s.sockets.tickets[ticket] = true
	return obj{"url": "ws" + s.http.URL[len("http"):] + "/link/?ticket=" + ticket + "&app_id=" + s.app.id}, nil
}

// serveSocket takes a connection whose ticket was not used yet.
func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	ticket := r.URL.Query().Get("ticket")
	s.mu.Lock()
	fresh, known := s.sockets.tickets[ticket]
	if known {
		s.sockets.tickets[ticket] = false
	}
	if known && !fresh {
		s.breach(&call{method: "socket"}, RuleSocket, "a URL is good for one connection")
	}
	s.mu.Unlock()
	if !fresh {
		http.Error(w, "Not Found", http.StatusNotFound)
		return
	}
	up := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return // it has been answered
	}
	k := &socket{conn: conn, wake: make(chan struct{}, 1), gone: make(chan struct{}), pending: map[string]*delivery{}, acked: map[string]bool{}}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		_ = conn.Close()
		return
	}
	if len(s.sockets.open) >= maxSockets {
		s.breach(&call{method: "socket"}, RuleSocket, "more than %d connections", maxSockets)
		s.frame(k, obj{"type": "disconnect", "reason": "too_many_websockets"})
		k.last = true
	} else {
		s.sockets.open = append(s.sockets.open, k)
		s.frame(k, obj{
			"type": "hello", "num_connections": len(s.sockets.open), "connection_info": obj{"app_id": s.app.id},
			"debug_info": obj{"host": "applink-fake", "started": s.now().Format("2006-01-02 15:04:05.000"), "build_number": 1, "approximate_connection_time": 18060},
		})
		k.muted = s.sockets.muted
	}
	s.sockets.live[k] = true
	s.running.Add(2)
	s.pump()
	s.moved()
	s.mu.Unlock()
	go s.writeFrames(k)
	go s.readFrames(k)
}

// frame puts one in line; s.mu is held.
func (s *Server) frame(k *socket, v any) {
	raw, _ := json.Marshal(v) // it is of our own making
	s.rawFrame(k, raw)
}

func (s *Server) rawFrame(k *socket, raw []byte) {
	if k.muted {
		return
	}
	k.frames = append(k.frames, raw)
	k.nudge()
}

func (k *socket) nudge() {
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

// writeFrames sends frames and pings until the connection ends.
func (s *Server) writeFrames(k *socket) {
	defer s.running.Done()
	defer k.conn.Close()
	pings := time.NewTicker(s.options.PingEvery)
	defer pings.Stop()
	for {
		s.mu.Lock()
		frames, last, muted := k.frames, k.last, k.muted
		k.frames = nil
		s.mu.Unlock()
		for _, raw := range frames {
			_ = k.conn.SetWriteDeadline(time.Now().Add(5 * time.Second))
			if k.conn.WriteMessage(websocket.TextMessage, raw) != nil {
				return
			}
		}
		if last {
			_ = k.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(time.Second))
			return
		}
		select {
		case <-k.wake:
		case <-pings.C:
			if !muted && k.conn.WriteControl(websocket.PingMessage, []byte("Ping from applink-fake"), time.Now().Add(time.Second)) != nil {
				return
			}
		case <-k.gone:
			return
		}
	}
}

// readFrames takes acks until the connection ends.
func (s *Server) readFrames(k *socket) {
	defer s.running.Done()
	defer s.over(k)
	patience := 3 * s.options.PingEvery
	_ = k.conn.SetReadDeadline(time.Now().Add(patience))
	k.conn.SetPongHandler(func(string) error { return k.conn.SetReadDeadline(time.Now().Add(patience)) })
	answer := k.conn.PingHandler()
	k.conn.SetPingHandler(func(said string) error {
		s.mu.Lock()
		muted := k.muted
		s.mu.Unlock()
		if muted {
			return nil
		}
		return answer(said)
	})
	for {
		kind, raw, err := k.conn.ReadMessage()
		if err != nil {
			return
		}
		s.mu.Lock()
		switch c := (&call{method: "ack"}); {
		case k.muted:
		case kind != websocket.TextMessage:
			s.breach(c, RuleSocket, "a frame that is no text")
		default:
			s.ack(c, k, raw)
		}
		s.mu.Unlock()
	}
}

// ack takes one; s.mu is held.
func (s *Server) ack(c *call, k *socket, raw []byte) {
	var a struct {
		Envelope string          `json:"envelope_id"`
		Payload  json.RawMessage `json:"payload"`
	}
	if json.Unmarshal(raw, &a) != nil || a.Envelope == "" {
		s.breach(c, RuleAck, "a frame that acknowledges nothing")
		return
	}
	from := k
	d := k.pending[a.Envelope]
	if d == nil && s.options.AcksAnywhere {
		for _, other := range s.sockets.open {
			if other.pending[a.Envelope] != nil {
				from, d = other, other.pending[a.Envelope]
			}
		}
	}
	switch {
	case d == nil && k.acked[a.Envelope]:
		s.breach(c, RuleAck, "acknowledged twice")
		return
	case d == nil:
		return // too late, or of another connection
	case len(raw) >= maxAnswer:
		s.breach(c, RuleAck, "an ack of %d bytes is dropped", len(raw))
		return
	}
	answer := a.Payload
	if answers := len(answer) > 0 && string(answer) != "{}" && string(answer) != "null"; !answers {
		answer = nil // Slack's own SDK sends an empty one with every ack [ran]
	} else if !d.asks {
		s.breach(c, RuleAck, "an answer that nobody asked for")
	}
	delete(from.pending, a.Envelope)
	k.acked[a.Envelope] = true
	s.settle(d, true, "", answer, false)
}

// over is what happens when a connection is over: what was not acknowledged on it
// has failed.
func (s *Server) over(k *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(k.gone)
	_ = k.conn.Close()
	s.forget(k)
	delete(s.sockets.live, k)
	for envelope, d := range k.pending {
		delete(k.pending, envelope)
		s.settle(d, false, "connection_failed", nil, true)
	}
	s.moved()
}

// forget takes a connection out of those that are open.
func (s *Server) forget(k *socket) {
	for i, other := range s.sockets.open {
		if other == k {
			s.sockets.open = append(s.sockets.open[:i:i], s.sockets.open[i+1:]...)
			return
		}
	}
}

// readySocket is one of the connections, any [doc]; nil where there is none.
func (s *Server) readySocket() *socket {
	if len(s.sockets.open) == 0 {
		return nil
	}
	return s.sockets.open[s.dice.IntN(len(s.sockets.open))]
}

// sendEnvelope sends a payload over a connection, and begins to wait for its ack.
func (s *Server) sendEnvelope(k *socket, d *delivery) {
	s.lastID++
	id := fmt.Sprintf("fa4e0000-0000-4000-8000-%012d", s.lastID)
	k.pending[id] = d
	envelope := obj{"envelope_id": id, "type": d.kind, "payload": d.body(), "accepts_response_payload": d.asks}
	if d.kind == Events {
		envelope["retry_attempt"], envelope["retry_reason"] = d.sent, d.reason
	}
	s.frame(k, envelope)
	time.AfterFunc(s.options.AckWindow, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if k.pending[id] == d && !s.closed {
			delete(k.pending, id)
			s.settle(d, false, "http_timeout", nil, true)
		}
	})
}

// Connections is how many sockets are open.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sockets.open)
}

// Reasons for a disconnect.
const (
	Warning          = "warning"
	RefreshRequested = "refresh_requested"
	LinkDisabled     = "link_disabled"
)

// Disconnect tells the oldest of the sockets, or all, that it will be closed, and
// closes it. A warning comes 10 s ahead (Backoff scales them), in which payloads still
// come over it; with link_disabled Socket Mode is switched off for good.
func (s *Server) Disconnect(reason string, all bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if reason == LinkDisabled {
		s.app.socketsOff, all = true, true
	}
	for i, k := range append([]*socket(nil), s.sockets.open...) {
		if i > 0 && !all {
			break
		}
		s.frame(k, obj{"type": "disconnect", "reason": reason, "debug_info": obj{"host": "wss-fake"}})
		wait := time.Duration(0)
		if reason == Warning {
			wait = s.scaled(10 * time.Second)
		}
		time.AfterFunc(wait, func() { s.end(k, reason == Warning) })
	}
}

// end closes a connection in order.
func (s *Server) end(k *socket, announce bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	if announce {
		s.frame(k, obj{"type": "disconnect", "reason": RefreshRequested, "debug_info": obj{"host": "wss-fake"}})
	}
	s.forget(k)
	k.last = true
	k.nudge()
}

// Drop breaks the oldest of the sockets, or all, without a word.
func (s *Server) Drop(all bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, k := range append([]*socket(nil), s.sockets.open...) {
		if i == 0 || all {
			s.forget(k)
			_ = k.conn.NetConn().Close()
		}
	}
}

func (s *Server) dropAll() {
	for k := range s.sockets.live {
		_ = k.conn.NetConn().Close()
	}
}

// Mute has the sockets that are open fall silent, and those that come: they stay open,
// and nothing comes over them any more, no ping either; what the app says is not heard.
// Muting ends with false, for new ones.
func (s *Server) Mute(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sockets.muted = on
	if on {
		for _, k := range s.sockets.open {
			k.muted = true
			_ = k.conn.SetReadDeadline(time.Time{})
		}
	}
}

// SendFrame sends a frame of any content over the oldest of the sockets.
func (s *Server) SendFrame(raw string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.sockets.open) == 0 {
		s.t.Error("slacktest: there is no socket")
		return
	}
	s.rawFrame(s.sockets.open[0], []byte(raw))
}
