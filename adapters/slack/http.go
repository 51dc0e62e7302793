package slack

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"ella/bot"
)

// requests are what Slack brings over HTTP, in place of Socket Mode.
type requests struct {
	secret string

	mu sync.Mutex
	// take hands an update on; nil unless Receive runs.
	take      func(ctx context.Context, frame []byte) error
	accepting sync.WaitGroup // the handlers under way
}

func newRequests(secret string) *requests { return &requests{secret: secret} }

// The paths of the three request URLs in the manifest.
const (
	PathEvents      = "/slack/events"
	PathInteractive = "/slack/interactive"
	PathCommands    = "/slack/commands"
)

const (
	// maxRequest is how long a request may be. Real ones have a few kilobytes.
	maxRequest = 1 << 20
	// takeFor is how long it may take to keep an update: Slack waits for three seconds
	// (https://docs.slack.dev/apis/events-api#responding), and half a second is for the way.
	takeFor = 2500 * time.Millisecond
	// bodyFor is how long a request may take to come in.
	bodyFor = 10 * time.Second
	// clockSkew is by how much a request's time may differ from ours
	// (https://docs.slack.dev/authentication/verifying-requests-from-slack).
	clockSkew = 5 * time.Minute
)

// Handler takes requests from Slack on the three paths, or is nil over Socket Mode. It
// answers 200 only when an update is durable; an event that is answered otherwise Slack
// brings three times more, for five minutes in all.
func (a *Adapter) Handler() http.Handler {
	if a.requests == nil {
		return nil
	}
	mux := http.NewServeMux()
	mux.HandleFunc(PathEvents, a.request(a.event))
	mux.HandleFunc(PathInteractive, a.request(a.interaction))
	mux.HandleFunc(PathCommands, a.request(a.command))
	return mux
}

// request proves where a request came from before anything of it is read.
func (a *Adapter) request(take func(w http.ResponseWriter, r *http.Request, body []byte)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && r.URL.Query().Get("ssl_check") == "1" {
			return // Slack looks at the certificate, and signs nothing
		}
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		body, err := readBody(w, r)
		if _, tooLong := errors.AsType[*http.MaxBytesError](err); tooLong {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if !a.requests.signed(r.Header, body, a.clock.Now()) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		take(w, r, body)
	}
}

// readBody reads what was brought. Whoever never ends is not waited for.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	c := http.NewResponseController(w)
	// Not every server can do it, and then there is none.
	_ = c.SetReadDeadline(time.Now().Add(bodyFor))
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err == nil {
		_ = c.SetReadDeadline(time.Time{})
	}
	return raw, err
}

// signed reports whether Slack signed these very bytes, not long ago
// (https://docs.slack.dev/authentication/verifying-requests-from-slack).
func (h *requests) signed(header http.Header, body []byte, now time.Time) bool {
	at := header.Get("X-Slack-Request-Timestamp")
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil || h.secret == "" {
		return false
	}
	// In whole seconds, as Slack counts: exactly five minutes still pass.
	if off := now.Unix() - seconds; off > int64(clockSkew/time.Second) || -off > int64(clockSkew/time.Second) {
		return false
	}
	sum := hmac.New(sha256.New, []byte(h.secret))
	sum.Write([]byte("v0:" + at + ":"))
	sum.Write(body)
	want := "v0=" + hex.EncodeToString(sum.Sum(nil))
	return hmac.Equal([]byte(header.Get("X-Slack-Signature")), []byte(want))
}

// event takes an event, and answers the question whether the address is Ella's.
func (a *Adapter) event(w http.ResponseWriter, r *http.Request, body []byte) {
	var e struct {
		Type      string `json:"type"`
		Challenge string `json:"challenge"`
	}
	if json.Unmarshal(body, &e) == nil && e.Type == "url_verification" {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = io.WriteString(w, e.Challenge) // it is Slack's own, and signed
		return
	}
	a.bring(w, r, wrapped(typeEvents, bytes.TrimSpace(body)))
}

// interaction takes a press, a form or a shortcut: JSON in a field of a form.
func (a *Adapter) interaction(w http.ResponseWriter, r *http.Request, body []byte) {
	form, err := url.ParseQuery(string(body))
	if err == nil && form.Get("ssl_check") == "1" {
		return
	}
	if payload := form.Get("payload"); err == nil && payload != "" {
		body = wrapped(typeInteractive, []byte(payload))
	}
	a.bring(w, r, body)
}

// command takes a slash command, which is a form. Socket Mode has it as an object with
// the same names.
func (a *Adapter) command(w http.ResponseWriter, r *http.Request, body []byte) {
	form, err := url.ParseQuery(string(body))
	if err == nil && form.Get("ssl_check") == "1" {
		return
	}
	if err == nil && form.Has("command") {
		fields := map[string]string{}
		for name := range form {
			fields[name] = form.Get(name)
		}
		if payload, err := json.Marshal(fields); err == nil {
			body = wrapped(typeCommands, payload)
		}
	}
	a.bring(w, r, body)
}

// bring keeps an update and answers. An empty answer shows people nothing, and closes a
// form.
func (a *Adapter) bring(w http.ResponseWriter, r *http.Request, frame []byte) {
	take, done := a.requests.enter()
	if take == nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	defer done()
	ctx, cancel := context.WithTimeout(r.Context(), takeFor)
	defer cancel()
	if err := take(ctx, frame); err != nil {
		if r.Context().Err() == nil {
			a.log.Warn("slack: an update was not taken in; if it is an event it will be brought again", "account", string(a.account), "err", err)
		}
		w.WriteHeader(http.StatusInternalServerError)
	}
}

// enter gives what hands updates on while Receive runs; after that call done.
func (h *requests) enter() (take func(context.Context, []byte) error, done func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.take == nil {
		return nil, nil
	}
	h.accepting.Add(1)
	return h.take, h.accepting.Done
}

func (h *requests) set(take func(context.Context, []byte) error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.take = take
}

// serve lets Handler hand updates to the inbox until ctx ends.
func (a *Adapter) serve(ctx context.Context, inbox bot.Inbox) error {
	a.requests.set(func(request context.Context, frame []byte) error {
		both, cancel := context.WithCancel(request)
		defer cancel()
		defer context.AfterFunc(ctx, cancel)()
		return a.take(both, inbox, frame)
	})
	defer func() {
		a.requests.set(nil)
		a.requests.accepting.Wait()
	}()
	<-ctx.Done()
	return nil
}
