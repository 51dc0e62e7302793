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
	"time"

	"ella/adapters/wire"
)

// requests are what Slack brings over HTTP, in place of Socket Mode.
type requests struct{ secret string }

// The paths of the three request URLs in the manifest.
const (
	PathEvents      = "/slack/events"
	PathInteractive = "/slack/interactive"
	PathCommands    = "/slack/commands"
)

const (
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
	if a.app.requests == nil {
		return nil
	}
	return handler(func() []*App { return []*App{a.app} })
}

// handler takes the requests of some apps, each of which signs with a secret of its own.
func handler(apps func() []*App) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc(PathEvents, request(apps, (*App).event))
	mux.HandleFunc(PathInteractive, request(apps, (*App).interaction))
	mux.HandleFunc(PathCommands, request(apps, (*App).command))
	return mux
}

// request proves where a request came from before anything of it is read.
func request(apps func() []*App, take func(p *App, w http.ResponseWriter, r *http.Request, body []byte)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		all := apps()
		if len(all) == 0 {
			http.NotFound(w, r)
			return
		}
		if r.Method == http.MethodGet && r.URL.Query().Get("ssl_check") == "1" {
			return // Slack looks at the certificate, and signs nothing
		}
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		body, err := wire.ReadBody(w, r, bodyFor)
		if _, tooLong := errors.AsType[*http.MaxBytesError](err); tooLong {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		for _, p := range all {
			if p.requests.signed(r.Header, body, p.clock.Now()) {
				take(p, w, r, body)
				return
			}
		}
		w.WriteHeader(http.StatusUnauthorized)
	}
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
func (p *App) event(w http.ResponseWriter, r *http.Request, body []byte) {
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
	p.bring(w, r, wrapped(typeEvents, bytes.TrimSpace(body)))
}

// interaction takes a press, a form or a shortcut: JSON in a field of a form.
func (p *App) interaction(w http.ResponseWriter, r *http.Request, body []byte) {
	form, err := url.ParseQuery(string(body))
	if err == nil && form.Get("ssl_check") == "1" {
		return
	}
	if payload := form.Get("payload"); err == nil && payload != "" {
		body = wrapped(typeInteractive, []byte(payload))
	}
	p.bring(w, r, body)
}

// command takes a slash command, which is a form. Socket Mode has it as an object with
// the same names.
func (p *App) command(w http.ResponseWriter, r *http.Request, body []byte) {
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
	p.bring(w, r, body)
}

// bring keeps an update and answers. An empty answer shows people nothing, and closes a
// window: see answerTo.
func (p *App) bring(w http.ResponseWriter, r *http.Request, frame []byte) {
	ctx, cancel := context.WithTimeout(r.Context(), takeFor)
	defer cancel()
	switch err := p.deal(ctx, frame); {
	case errors.Is(err, errNotReceiving):
		w.WriteHeader(http.StatusServiceUnavailable)
	case err != nil:
		if r.Context().Err() == nil {
			p.log.Warn("slack: an update was not taken in; if it is an event it will be brought again", "account", string(p.account()), "err", err)
		}
		w.WriteHeader(http.StatusInternalServerError)
	default:
		answerHTTP(w, frame)
	}
}
