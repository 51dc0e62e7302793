package telegram_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ella/adapters/telegram"
	"ella/adapters/telegram/telegramtest"
	"ella/bot"
	form "ella/bot/message"
)

// stage is the fake Bot API with one person who has begun, and an adapter on it.
type stage struct {
	*telegramtest.Server
	adapter *telegram.Adapter
	person  int64
	chat    string
}

func newStage(t *testing.T, change ...func(*telegram.Options)) *stage {
	t.Helper()
	return stageOn(t, telegramtest.New(t, telegramtest.Options{}), change...)
}

// freeStage has no limits on how much is sent, on either side.
func freeStage(t *testing.T, change ...func(*telegram.Options)) *stage {
	t.Helper()
	s := stageOn(t, telegramtest.New(t, telegramtest.Options{Limits: telegramtest.Limits{Off: true}}), change...)
	telegram.Unpaced(s.adapter)
	return s
}

func stageOn(t *testing.T, s *telegramtest.Server, change ...func(*telegram.Options)) *stage {
	t.Helper()
	st := &stage{Server: s, adapter: faked(t, s, change...)}
	st.person, st.chat = st.somebody()
	t.Cleanup(func() {
		for _, b := range s.Breaches() {
			t.Errorf("a rule of Telegram's is broken: %v", b)
		}
	})
	return st
}

// somebody is one more person who has begun.
func (s *stage) somebody() (int64, string) {
	person := s.AddUser(telegramtest.User{FirstName: "Amina"})
	s.Start(person, "")
	return person, strconv.FormatInt(person, 10)
}

// send sends what must arrive.
func (s *stage) send(t *testing.T, out bot.Outgoing) bot.Ref {
	t.Helper()
	if out.Chat == "" {
		out.Chat = s.chat
	}
	ref, err := s.adapter.Send(t.Context(), out)
	if err != nil || ref == "" {
		t.Fatalf("it is %q, %v", ref, err)
	}
	return ref
}

// fails sends what must not, and returns why.
func (s *stage) fails(t *testing.T, kind bot.SendKind, out bot.Outgoing) *bot.SendError {
	t.Helper()
	if out.Chat == "" {
		out.Chat = s.chat
	}
	ref, err := s.adapter.Send(t.Context(), out)
	var se *bot.SendError
	if ref != "" || !errors.As(err, &se) || se.Kind != kind {
		t.Fatalf("it is %q, %v; want %s", ref, err, kind)
	}
	return se
}

func hello() bot.Outgoing { return bot.Outgoing{Message: of(para(text("hello")))} }

// TestRequestsAreReplayable: the library's requests are streams, of which nothing could
// be sent again over another connection.
func TestRequestsAreReplayable(t *testing.T) {
	m := &mailbox{}
	a := posting(t, m)
	if _, err := a.Send(t.Context(), bot.Outgoing{Chat: "7", Message: of(para(text("hello")))}); err != nil {
		t.Fatal(err)
	}
	r := m.got("sendMessage")[0].request
	if r.GetBody == nil || r.ContentLength <= 0 {
		t.Fatalf("its body has %d bytes, and can be had again: %v", r.ContentLength, r.GetBody != nil)
	}
	body, err := r.GetBody()
	if err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(body)
	if err != nil || int64(len(all)) != r.ContentLength || !strings.Contains(string(all), "hello") {
		t.Errorf("it has %d bytes, and said %d, %v", len(all), r.ContentLength, err)
	}
}

// TestDeadConnection: a connection that turns out to be dead before anything is
// written costs no message.
func TestDeadConnection(t *testing.T) {
	var dials atomic.Int64
	s := newStage(t, func(o *telegram.Options) {
		o.Transport = &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := (&net.Dialer{}).DialContext(ctx, network, address)
			// The first is good for who the bot is and for one message.
			return &dying{Conn: c, last: dials.Add(1) == 1}, err
		}}
	})
	for range 3 {
		s.send(t, hello())
	}
	if n := dials.Load(); n != 2 {
		t.Errorf("%d connections were made", n)
	}
}

// dying dies after two requests, if it is to.
type dying struct {
	net.Conn
	last  bool
	count atomic.Int64
}

func (d *dying) Write(p []byte) (int, error) {
	if d.last && strings.HasPrefix(string(p), "POST") && d.count.Add(1) > 2 {
		return 0, errors.New("broken pipe")
	}
	return d.Conn.Write(p)
}

// TestOutcomes: what left may have arrived, and only that.
func TestOutcomes(t *testing.T) {
	for name, c := range map[string]struct {
		fault  telegramtest.Fault
		kind   bot.SendKind
		stands int
	}{
		"reset before":          {telegramtest.ResetBefore(), bot.Unclear, 0},
		"reset after":           {telegramtest.ResetAfter(), bot.Unclear, 1},
		"garbled":               {telegramtest.Garbled(), bot.Unclear, 1},
		"server error":          {telegramtest.ServerError(500), bot.Unclear, 0},
		"a page":                {telegramtest.BadGateway(), bot.Unclear, 0},
		"throttled":             {telegramtest.Throttled(7 * time.Second), bot.Throttled, 0},
		"markup":                {telegramtest.Refused(400, "can't parse entities: x"), bot.Markup, 0},
		"too long":              {telegramtest.Refused(400, "message is too long"), bot.Invalid, 0},
		"something that is new": {telegramtest.Refused(400, "the chat canary is full"), bot.Invalid, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			s.Next("sendMessage", c.fault)
			err := s.fails(t, c.kind, hello())
			if n := len(s.Shown(s.person)); n != c.stands {
				t.Errorf("%d messages stand in the chat, want %d", n, c.stands)
			}
			if c.kind == bot.Throttled && err.RetryAfter != 7*time.Second {
				t.Errorf("to be tried again in %v", err.RetryAfter)
			}
			if strings.Contains(err.Error(), "canary") {
				t.Errorf("the error quotes Telegram: %v", err)
			}
		})
	}
}

func TestRevoked(t *testing.T) {
	s := newStage(t)
	s.Revoke()
	s.fails(t, bot.NoAccess, hello())
}

// TestSlow gives up while Telegram holds the request: it may have arrived.
func TestSlow(t *testing.T) {
	s := newStage(t)
	s.Next("sendMessage", telegramtest.NeverAnswered())
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for len(s.Accepted()) == 0 {
			runtime.Gosched() // the fake tells nobody
		}
		cancel()
	}()
	_, err := s.adapter.Send(ctx, bot.Outgoing{Chat: s.chat, Message: hello().Message})
	if bot.SendKindOf(err) != bot.Unclear {
		t.Errorf("got %v", err)
	}
}

// TestDeadline: no send takes for ever, whatever its context says.
func TestDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &mailbox{}
		a := posting(t, m)
		m.answer = func(p posted) *scriptedAnswer {
			<-p.request.Context().Done()
			return &scriptedAnswer{err: p.request.Context().Err()}
		}
		begun := time.Now()
		_, err := a.Send(t.Context(), bot.Outgoing{Chat: "7", Message: hello().Message})
		if took := time.Since(begun); bot.SendKindOf(err) != bot.Unclear || took < 15*time.Second || took > 30*time.Second {
			t.Errorf("after %v: %v", took, err)
		}
	})
}

// at is an adapter on an address.
func at(t *testing.T, address string, log *slog.Logger) *telegram.Adapter {
	t.Helper()
	known := &shelf{values: map[string][]byte{"identity": []byte(`{"id":123456789,"username":"ella_test_bot"}`)}}
	a, err := telegram.Connect(t.Context(), telegram.Options{Account: "one", Token: token, APIURL: address, Shelf: known, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestNotSent has everything that keeps a request from leaving.
func TestNotSent(t *testing.T) {
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	var told journal
	for name, address := range map[string]string{
		"nobody listens": "http://" + closed.Addr().String(),
		"no such host":   "http://api.telegram.invalid",
		"no TLS":         strings.Replace(plain.URL, "http:", "https:", 1),
	} {
		t.Run(name, func(t *testing.T) {
			a := at(t, address, told.log())
			if _, err := a.Send(t.Context(), bot.Outgoing{Chat: "7", Message: hello().Message}); bot.SendKindOf(err) != bot.NotSent {
				t.Errorf("got %v", err)
			}
		})
	}
	if found := told.lines(token); len(found) > 0 {
		t.Errorf("the log holds the token: %s", found)
	}

	t.Run("cancelled before", func(t *testing.T) {
		s := newStage(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := s.adapter.Send(ctx, bot.Outgoing{Chat: s.chat, Message: hello().Message}); bot.SendKindOf(err) != bot.NotSent {
			t.Errorf("got %v", err)
		}
	})
}

// TestHalfWritten: Telegram can't carry out a request of which it has the beginning.
func TestHalfWritten(t *testing.T) {
	s := telegramtest.New(t, telegramtest.Options{})
	person := s.AddUser(telegramtest.User{FirstName: "Amina"})
	s.Start(person, "")
	a := faked(t, s, func(o *telegram.Options) {
		o.Transport = &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := (&net.Dialer{}).DialContext(ctx, network, address)
			return &breaking{Conn: c}, err
		}}
	})
	document := of(form.File{Name: "a.txt", MediaType: form.PlainText, Data: make([]byte, 1<<20), About: "x"})
	_, err := a.Send(t.Context(), bot.Outgoing{Chat: strconv.FormatInt(person, 10), Message: document})
	if bot.SendKindOf(err) != bot.NotSent || len(s.Shown(person)) != 0 {
		t.Errorf("got %v", err)
	}
}

// breaking breaks after its first 100 KB.
type breaking struct {
	net.Conn
	written atomic.Int64
}

func (b *breaking) Write(p []byte) (int, error) {
	if b.written.Add(int64(len(p))) > 100<<10 {
		_ = b.Close()
		return 0, errors.New("broken pipe")
	}
	return b.Conn.Write(p)
}

// TestSentAllTheSame: the library can't read this answer, and calls it a failure. The
// message was sent.
func TestSentAllTheSame(t *testing.T) {
	m := &mailbox{}
	a := posting(t, m)
	m.answer = func(posted) *scriptedAnswer {
		return result(`{"message_id":4711,"date":"yesterday","chat":[],"paid_media":{"paid_media":[{"type":"live_photo"}]}}`)
	}
	ref, err := a.Send(t.Context(), bot.Outgoing{Chat: "7", Message: hello().Message})
	if ref != "4711" || err != nil {
		t.Errorf("it is %q, %v", ref, err)
	}
}

// TestOutcomesDontMix sends to many at once; each gets the answer to its own.
func TestOutcomesDontMix(t *testing.T) {
	m := &mailbox{}
	a := posting(t, m)
	telegram.Unpaced(a)
	m.answer = func(p posted) *scriptedAnswer {
		if p.chat()%2 == 0 {
			return refused(403, "Forbidden: bot was blocked by the user")
		}
		return result(fmt.Sprintf(`{"message_id":%d}`, p.chat()))
	}
	var wait sync.WaitGroup
	for chat := 1; chat <= 200; chat++ {
		wait.Go(func() {
			ref, err := a.Send(t.Context(), bot.Outgoing{Chat: strconv.Itoa(chat), Message: hello().Message})
			if want := chat%2 == 0; want != (bot.SendKindOf(err) == bot.Blocked) || !want && string(ref) != strconv.Itoa(chat) {
				t.Errorf("chat %d got %q, %v", chat, ref, err)
			}
		})
	}
	wait.Wait()
}

// TestKeepsConnections: one connection carries many sends.
func TestKeepsConnections(t *testing.T) {
	s := newStage(t)
	for range 3 {
		s.send(t, hello())
	}
	all := s.Accepted()
	if len(all) != 3 || all[0].Remote != all[2].Remote {
		t.Errorf("they came from %s and %s", all[0].Remote, all[len(all)-1].Remote)
	}
}
