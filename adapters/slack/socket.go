package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// sockets are the connections of Socket Mode
// (https://docs.slack.dev/apis/events-api/using-socket-mode).
type sockets struct {
	api    api // with the app token
	dialer *websocket.Dialer
	times  socketTimes
}

// socketTimes are how long a connection may be silent, how often it is asked whether it
// lives, how long it may take to say hello, how long one that was replaced may bring
// what was on its way, before when one is replaced too soon, and after how long one
// counts as steady.
type socketTimes struct{ silent, ping, hello, drain, soon, steady time.Duration }

const (
	// lines is how many connections are held at once: while one is replaced, or died
	// without a word, what people do comes through the other. Slack allows ten.
	lines = 2
	// maxFrame is how long a frame may be. Real ones have a few kilobytes.
	maxFrame = 1 << 20
	// waiting is how many frames of a connection may wait to be taken in. When more come
	// it is not read, and Slack sees that.
	waiting = 64
	// writeFor is how long an acknowledgement may take to leave.
	writeFor = 5 * time.Second
)

func newSockets(o Options) *sockets {
	return &sockets{
		api:    o.api(o.AppToken),
		dialer: &websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: shortCall},
		times:  socketTimes{silent: 30 * time.Second, ping: 10 * time.Second, hello: 30 * time.Second, drain: 15 * time.Second, soon: 5 * time.Second, steady: time.Minute},
	}
}

// ErrAppToken reports that Slack does not take the app-level token.
var ErrAppToken = errors.New("the app token is refused by Slack: open https://api.slack.com/apps, choose Ella, and under Basic Information, App-Level Tokens make one with the scope connections:write; start again with it")

// ErrSocketModeOff reports that Socket Mode was switched off for the app.
var ErrSocketModeOff = errors.New("the app's Socket Mode is switched off: open https://api.slack.com/apps, choose Ella, switch Socket Mode on, and start again; or start with the signing secret in place of the app token, to receive over HTTP")

// listen holds the connections until ctx ends, or one learns that there is no use.
func (p *App) listen(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var wait sync.WaitGroup
	for range lines {
		wait.Go(func() {
			if err := p.lineUp(ctx); err != nil {
				stop(err)
			}
		})
	}
	wait.Wait()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// lineUp holds one connection after another. The next one is opened before the last one is
// let go where Slack says that it is going to end.
func (p *App) lineUp(ctx context.Context) error {
	var wait sync.WaitGroup
	defer wait.Wait()
	trouble := &outage{log: p.log, account: p.account()}
	for ctx.Err() == nil {
		s, err := p.dial(ctx)
		if err == nil {
			wait.Go(func() { s.run(ctx) })
			err = s.lasts(trouble)
		}
		switch {
		case ctx.Err() != nil: // and so does the loop
		case errors.Is(err, ErrAppToken), errors.Is(err, ErrSocketModeOff):
			return err
		case err != nil:
			trouble.wait(ctx, err)
		}
	}
	return nil
}

// dial opens a connection. Its address serves once.
func (p *App) dial(ctx context.Context) (*socket, error) {
	short, cancel := context.WithTimeout(ctx, shortCall)
	defer cancel()
	var opened struct {
		URL string `json:"url"`
	}
	_, err := p.sockets.api.call(short, "apps.connections.open", &opened)
	if isRefused(err) {
		return nil, fmt.Errorf("%w (%w)", ErrAppToken, err)
	}
	if err != nil {
		return nil, err
	}
	if !isSocketURL(opened.URL) {
		return nil, errors.New("apps.connections.open: the address it gives is no wss")
	}
	conn, response, err := p.sockets.dialer.DialContext(short, opened.URL, nil)
	if response != nil {
		defer response.Body.Close()
	}
	if err != nil {
		if response != nil {
			return nil, fmt.Errorf("open a connection: slack answers with status %d", response.StatusCode)
		}
		return nil, fmt.Errorf("open a connection: %w", hostOnly(err))
	}
	conn.SetReadLimit(maxFrame)
	return &socket{
		App: p, conn: conn, times: p.sockets.times,
		frames: make(chan []byte, waiting), leaves: make(chan error, 1), done: make(chan struct{}),
	}, nil
}

// isSocketURL reports an address that messages may come from: in the open only from this
// machine itself, where tests are.
func isSocketURL(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "wss" || u.Scheme == "ws" && ip != nil && ip.IsLoopback()
}

// hostOnly leaves the address out of an error: it holds a ticket.
func hostOnly(err error) error {
	if around, ok := errors.AsType[*url.Error](err); ok {
		return around.Err
	}
	return err
}

// socket is one connection. Its frames are taken in one by one, beside the reading: while
// the database is slow pings must be answered.
type socket struct {
	*App

	conn   *websocket.Conn
	times  socketTimes
	frames chan []byte
	leaves chan error    // told once, when another connection is to take its place
	done   chan struct{} // closed when nothing is taken in any more

	writing sync.Mutex
}

// lasts waits until another connection is needed, and says what is wrong if something is.
func (s *socket) lasts(trouble *outage) error {
	began := time.Now()
	steady := time.NewTimer(s.times.steady)
	defer steady.Stop()
	for {
		select {
		case err := <-s.leaves:
			if err == nil && time.Since(began) < s.times.soon {
				return errTooSoon // were each replaced at once, there would be no end of asking
			}
			return err
		case <-steady.C:
			trouble.over()
		}
	}
}

// run takes in what a connection brings until ctx ends or the connection does.
func (s *socket) run(ctx context.Context) {
	read := make(chan struct{})
	go func() {
		defer close(read)
		s.leave(s.read())
	}()
	s.takeAll(ctx)
	close(s.done)
	if ctx.Err() != nil {
		// Slack then gives what comes to others, and does not wait for this one.
		_ = s.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(time.Second))
	}
	_ = s.conn.Close()
	<-read
	s.leave(errEnded)
}

var (
	// errEnded reports a connection that ended without notice.
	errEnded = errors.New("a connection ended")
	// errTooSoon reports one that Slack replaces when it has hardly begun.
	errTooSoon = errors.New("a connection is replaced at once")
)

// leave asks for another connection, the first time that it is called.
func (s *socket) leave(err error) {
	select {
	case s.leaves <- err:
	default:
	}
}

// takeAll takes frames in, one after the other, and acknowledges each. What waits when
// ctx ends is left: nobody acknowledged it, and it comes again.
func (s *socket) takeAll(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case frame, open := <-s.frames:
			if !open || ctx.Err() != nil {
				return
			}
			if err := s.deal(ctx, frame); err != nil {
				if ctx.Err() == nil {
					s.log.Warn("slack: an update was not taken in, and will be delivered again", "account", string(s.account()), "err", err)
				}
				continue
			}
			if id := idOf(frame); id != "" && s.acknowledge(id, answerTo(frame)) != nil {
				// It comes again and is known then; the connection is of no use.
				_ = s.conn.Close()
			}
		}
	}
}

// acknowledge answers an envelope with its id, and with what answerTo has for it.
func (s *socket) acknowledge(id string, answer json.RawMessage) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if err := s.conn.SetWriteDeadline(time.Now().Add(writeFor)); err != nil {
		return err
	}
	return s.conn.WriteJSON(struct {
		ID      string          `json:"envelope_id"`
		Payload json.RawMessage `json:"payload,omitempty"`
	}{id, answer})
}

// read hands on the frames of updates until the connection ends, and says why it did.
func (s *socket) read() error {
	defer close(s.frames)
	s.alive()
	// Control frames come in beside each other; the handlers run inside of the reading.
	answer := s.conn.PingHandler()
	s.conn.SetPingHandler(func(data string) error {
		s.alive()
		return answer(data)
	})
	s.conn.SetPongHandler(func(string) error {
		s.alive()
		return nil
	})
	defer s.pinging()()
	late := time.AfterFunc(s.times.hello, func() { _ = s.conn.Close() })
	defer late.Stop()
	for {
		_, frame, err := s.conn.ReadMessage()
		if err != nil {
			return errEnded // what it says is of the network, and no help
		}
		s.alive()
		var e struct {
			Type   string `json:"type"`
			Reason string `json:"reason"`
			Count  int    `json:"num_connections"`
		}
		// What can't be read is an update of an unknown shape.
		_ = json.Unmarshal(frame, &e)
		switch e.Type {
		case typeHello:
			late.Stop()
			s.greeted(e.Count)
		case typeDisconnect:
			if e.Reason == "link_disabled" {
				return ErrSocketModeOff
			}
			s.replaced(e.Reason)
		default:
			select {
			case s.frames <- frame:
			case <-s.done:
				return errEnded
			}
		}
	}
}

// alive lets the connection be silent for a while longer.
func (s *socket) alive() { _ = s.conn.SetReadDeadline(time.Now().Add(s.times.silent)) }

// pinging asks from time to time whether there is still somebody, until it is called off.
func (s *socket) pinging() (off func()) {
	ended := make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() {
		beat := time.NewTicker(s.times.ping)
		defer beat.Stop()
		for {
			select {
			case <-ended:
				return
			case <-beat.C:
				// Whether it fails the reading will tell.
				_ = s.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeFor))
			}
		}
	})
	return func() {
		close(ended)
		wait.Wait()
	}
}

// replaced asks for another connection, since Slack is about to end this one. What is
// still on its way here is taken in.
func (s *socket) replaced(reason string) {
	if reason == "too_many_websockets" {
		s.leave(errors.New("slack allows ten connections for an app, and there are more: end the other programs that use the app token"))
	} else {
		s.leave(nil)
	}
	time.AfterFunc(s.times.drain, func() { _ = s.conn.Close() })
}

// greeted tells when there are more connections than this process can have: each takes
// its share of what people do, and somebody else's never reaches Ella.
func (s *socket) greeted(count int) {
	if count > 2*lines {
		s.log.Warn("slack: other programs are connected with this app token, and each takes a share of what people write: end them, or use an app of their own", "account", string(s.account()), "count", count)
	}
}

// idOf is the id by which a frame is acknowledged, also of one that is no whole JSON.
func idOf(frame []byte) string {
	var e struct {
		ID string `json:"envelope_id"`
	}
	if json.Unmarshal(frame, &e) == nil {
		return e.ID
	}
	for _, after := range bytes.Split(frame, []byte(`"envelope_id"`))[1:] {
		after, colon := bytes.CutPrefix(bytes.TrimSpace(after), []byte(":"))
		after, quoted := bytes.CutPrefix(bytes.TrimSpace(after), []byte(`"`))
		id, _, ended := bytes.Cut(after, []byte(`"`))
		if colon && quoted && ended && len(id) <= 100 && strings.Trim(string(id), tokenLetters+"_") == "" {
			return string(id)
		}
	}
	return ""
}
