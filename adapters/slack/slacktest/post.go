package slacktest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// RequestURLs are where the app takes payloads over HTTP.
type RequestURLs struct{ Events, Interactions, Commands string }

func (u RequestURLs) isZero() bool { return u == RequestURLs{} }

var errRedirects = errors.New("too many redirects")

// Sign is the header X-Slack-Signature for a body at a time in seconds since 1970
// [doc: Verifying requests from Slack].
func Sign(secret string, at int64, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "v0:%d:", at)
	mac.Write(body)
	return "v0=" + hex.EncodeToString(mac.Sum(nil))
}

// UseRequestURLs switches from Socket Mode to HTTP: the one excludes the other [doc].
// The events' address must answer a challenge first.
func (s *Server) UseRequestURLs(ctx context.Context, u RequestURLs) error {
	const challenge = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"
	body, _ := json.Marshal(obj{"token": "fake0verification0token", "challenge": challenge, "type": "url_verification"})
	status, _, answer, err := s.send(ctx, u.Events, "application/json", body, nil)
	if err != nil {
		return fmt.Errorf("verify the address: %w", err)
	}
	var told struct{ Challenge string }
	if json.Unmarshal(answer, &told) != nil {
		told.Challenge = strings.TrimSpace(string(answer))
	}
	if status != http.StatusOK || told.Challenge != challenge {
		return fmt.Errorf("verify the address: it answered %d, and not the challenge", status)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = u
	s.pump()
	return nil
}

// SSLCheck asks the commands' address whether it is there, as Slack does now and then
// [doc: Slash commands], and reports whether it answered 200.
func (s *Server) SSLCheck(ctx context.Context) bool {
	s.mu.Lock()
	to := s.requests.Commands
	s.mu.Unlock()
	body := []byte(url.Values{"ssl_check": {"1"}, "token": {"fake0verification0token"}}.Encode())
	status, _, _, err := s.send(ctx, to, "application/x-www-form-urlencoded", body, nil)
	return err == nil && status == http.StatusOK
}

// request is what is posted for a payload; s.mu is held.
type request struct {
	to, media string
	body      []byte
	headers   map[string]string
}

func (s *Server) request(d *delivery) request {
	r := request{media: "application/x-www-form-urlencoded", headers: map[string]string{}}
	if d.sent > 0 {
		r.headers["X-Slack-Retry-Num"], r.headers["X-Slack-Retry-Reason"] = strconv.Itoa(d.sent), d.reason
	}
	switch d.kind {
	case Events:
		r.to, r.media, r.body = s.requests.Events, "application/json", d.body()
	case Interactions:
		r.to, r.body = s.requests.Interactions, []byte(url.Values{"payload": {string(d.body())}}.Encode())
	default:
		form := url.Values{}
		for name, v := range d.payload {
			form.Set(name, fmt.Sprint(v))
		}
		r.to, r.body = s.requests.Commands, []byte(form.Encode())
	}
	return r
}

// post makes one attempt over HTTP.
func (s *Server) post(d *delivery, r request) {
	defer s.running.Done()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-s.ended:
			cancel()
		case <-ctx.Done():
		}
	}()
	status, header, answer, err := s.send(ctx, r.to, r.media, r.body, r.headers)
	taken := err == nil && status >= 200 && status < 300
	reason := "http_error"
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, errRedirects):
		reason = "too_many_redirects"
	case errors.As(err, &timeout) && timeout.Timeout():
		reason = "http_timeout"
	case err != nil:
		reason = "connection_failed"
	}
	again := header.Get("X-Slack-No-Retry") != "1" // not after a timeout, which has no header
	if len(answer) > 0 && !json.Valid(answer) {
		answer, _ = json.Marshal(obj{"text": string(answer)})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	if taken && !d.asks {
		answer = nil
	}
	s.settle(d, taken, reason, answer, again)
}

// send posts with a signature.
func (s *Server) send(ctx context.Context, to, media string, body []byte, headers map[string]string) (int, http.Header, []byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return 0, nil, nil, err
	}
	at := s.now().Unix()
	r.Header.Set("Content-Type", media)
	r.Header.Set("User-Agent", "Slackbot 1.0 (+https://api.slack.com/robots)")
	r.Header.Set("X-Slack-Request-Timestamp", strconv.FormatInt(at, 10))
	r.Header.Set("X-Slack-Signature", Sign(s.app.signingSecret, at, body))
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	w, err := s.client.Do(r)
	if err != nil {
		return 0, nil, nil, err
	}
	defer w.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(w.Body, 1<<20))
	return w.StatusCode, w.Header, answer, err
}
