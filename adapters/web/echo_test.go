package web_test

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/png"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"

	"ella/adapters/web"
	"ella/adapters/web/webtest"
	"ella/bot"
	"ella/bot/message"
)

// echo is an engine in miniature: it takes each update once, decodes it and
// answers through the adapter, as the real one does.
type echo struct {
	adapter *web.Adapter
	work    chan bot.Update

	mu    sync.Mutex
	taken map[string]bool
	seen  []bot.Update
	fail  error
	mute  bool // answers nothing
	// before, when set, runs in Accept before the update is taken.
	before func(ctx context.Context) error
}

func (e *echo) Accept(ctx context.Context, raw bot.Raw) error {
	e.mu.Lock()
	fail, before := e.fail, e.before
	e.mu.Unlock()
	if before != nil {
		if err := before(ctx); err != nil {
			return err
		}
	}
	if fail != nil {
		return fail
	}
	u, err := e.adapter.Decode(raw.Body)
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.taken[raw.Key] {
		return nil
	}
	e.taken[raw.Key] = true
	e.seen = append(e.seen, u)
	if !e.mute {
		e.work <- u
	}
	return nil
}

func (e *echo) failWith(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.fail = err
}

func (e *echo) updates() []bot.Update {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]bot.Update(nil), e.seen...)
}

func (e *echo) answer(ctx context.Context, u bot.Update) {
	out := bot.Outgoing{Chat: u.Chat}
	switch u.Kind {
	case bot.TextSent:
		switch {
		case u.Text == "/start":
			out.Message = choices("Welcome", "Yes", "Maybe", "No")
		case strings.HasPrefix(u.Text, "quiet"):
			return
		default:
			e.adapter.Typing(ctx, u.Chat)
			out.Message = say("You said: ", u.Text)
		}
	case bot.ButtonPressed:
		out.Edit, out.Press, out.Notice = u.Message, u.Press, "Noted"
		out.Message = choices("Thank you", "Change")
	case bot.LocationShared:
		out.Message = say("You are somewhere", "")
	default:
		out.Message = say("Only words, please", "")
	}
	if _, err := e.adapter.Send(ctx, out); err != nil && ctx.Err() == nil && bot.SendKindOf(err) != bot.Blocked {
		panic(err)
	}
}

// stage is an adapter that receives, an echo behind it, and a server in front.
type stage struct {
	*web.Adapter
	echo    *echo
	url     string
	shelf   *webtest.Shelf
	options web.Options
	inbox   bot.Inbox // nil for the echo
	addr    string
	// stop ends everything, as Ctrl-C does; it may be called twice.
	stop func()
}

// play sets a stage; options may change what the adapter is made with.
func play(t *testing.T, options ...func(*web.Options)) *stage {
	t.Helper()
	s := &stage{shelf: &webtest.Shelf{}, addr: "127.0.0.1:0"}
	s.options = web.Options{Account: "try", Shelf: s.shelf, Clock: bot.SystemClock{}, Log: slog.New(slog.DiscardHandler)}
	for _, option := range options {
		option(&s.options)
	}
	s.start(t)
	t.Cleanup(func() { s.stop() })
	return s
}

// start begins a run, as starting the program again does: at the same address,
// with what the shelf kept.
func (s *stage) start(t *testing.T) {
	t.Helper()
	l, err := web.Listen(s.addr)
	if err != nil {
		t.Fatal(err)
	}
	s.addr = l.Addr().String()
	s.url = "http://" + s.addr
	s.Adapter = web.New(s.options)
	s.echo = &echo{adapter: s.Adapter, work: make(chan bot.Update, 1000), taken: map[string]bool{}}
	inbox := s.inbox
	if inbox == nil {
		inbox = s.echo
	}
	server := &http.Server{Handler: s.Handler()}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("Serve: %v", err)
		}
	})
	running.Go(func() {
		if err := s.Receive(ctx, inbox); err != nil {
			t.Errorf("Receive: %v", err)
		}
	})
	running.Go(func() {
		for {
			select {
			case u := <-s.echo.work:
				s.echo.answer(ctx, u)
			case <-ctx.Done():
				return
			}
		}
	})
	for !s.Receiving() {
		runtime.Gosched()
	}
	s.stop = sync.OnceFunc(func() {
		cancel()
		// The streams end with Receive, so this does not wait for a browser.
		if err := server.Shutdown(context.Background()); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		running.Wait()
	})
}

// open opens a page once the stage is ready.
func (s *stage) open(t *testing.T) *webtest.Page {
	t.Helper()
	return webtest.Open(t, s.url)
}

func send(t *testing.T, s *stage, out bot.Outgoing) bot.Ref {
	t.Helper()
	ref, err := s.Send(t.Context(), out)
	if err != nil {
		t.Fatalf("Send: %v", err)
	}
	return ref
}

func say(text, words string) message.Message {
	return message.Message{Locale: "en", Blocks: []message.Block{
		message.Paragraph{Spans: []message.Span{{Kind: message.Text, Text: text}, {Kind: message.Words, Text: words}}},
	}}
}

func choices(text string, labels ...string) message.Message {
	m := say(text, "")
	var row []message.Action
	for _, l := range labels {
		row = append(row, message.Action{Label: l, Data: "v1:test.press::" + l})
	}
	m.Blocks = append(m.Blocks, message.Choices{Rows: [][]message.Action{row}})
	return m
}

func testPicture(t testing.TB, width, height int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			shade := uint8(235 - 120*y/height)
			img.Set(x, y, color.RGBA{shade, shade - 30, uint8(90 + 60*x/width), 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

//go:embed testdata/words/*.json
var wordFiles embed.FS

// testWords stands in for the catalogues.
func testWords(locale string) map[string]string {
	raw, err := wordFiles.ReadFile("testdata/words/" + locale + ".json")
	if err != nil {
		return nil
	}
	var words map[string]string
	if json.Unmarshal(raw, &words) != nil {
		return nil
	}
	return words
}
