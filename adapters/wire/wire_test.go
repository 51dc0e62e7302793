package wire_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ella/adapters/wire"
)

const token = "123456:canary"

// carry has a client carry a request, and says what became of it, and what a library
// reads of the answer.
func carry(t *testing.T, transport http.RoundTripper, address, body string) (o *wire.Outcome, answer string, err error) {
	t.Helper()
	ctx, o := wire.Observe(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, io.NopCloser(strings.NewReader(body)))
	if err != nil {
		t.Fatal(err)
	}
	response, err := wire.NewClient(token, transport, time.Minute).Do(r)
	if err != nil {
		return o, "", err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	return o, string(raw), err
}

// TestFate: what left may have arrived, and only that.
func TestFate(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	for name, c := range map[string]struct {
		serve                 http.HandlerFunc // nobody, if there is none
		left, answered, whole bool
	}{
		"nobody listens": {},
		"no answer":      {serve: func(w http.ResponseWriter, r *http.Request) { hangUp(w, r) }, left: true},
		"half an answer": {
			serve: func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Length", "99")
				_, _ = io.WriteString(w, `{"ok":tr`)
			}, left: true, answered: true,
		},
		"an answer": {
			serve: func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, `{"ok":true}`) },
			left:  true, answered: true, whole: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			address := "http://" + closed.Addr().String()
			if c.serve != nil {
				s := httptest.NewServer(c.serve)
				defer s.Close()
				address = s.URL
			}
			o, _, err := carry(t, &http.Transport{DisableKeepAlives: true}, address, "hello")
			if o.Left() != c.left || o.Answered != c.answered || o.Whole != c.whole || (err == nil) != c.whole {
				t.Errorf("left %v, answered %v, whole %v, %v", o.Left(), o.Answered, o.Whole, err)
			}
		})
	}
}

// hangUp reads a request and answers nothing.
func hangUp(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	panic(http.ErrAbortHandler)
}

// TestHalfWritten: nobody can carry out a request of which they have the beginning.
func TestHalfWritten(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
	defer s.Close()
	o, _, err := carry(t, &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, address)
		return &breaking{Conn: c}, err
	}}, s.URL, strings.Repeat("x", 1<<20))
	if err == nil || o.Left() || o.Answered {
		t.Errorf("left %v, answered %v, %v", o.Left(), o.Answered, err)
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

// TestReplayable: what a library streams is sent with its length, and could be again.
// Its answer is kept, and still there for the library.
func TestReplayable(t *testing.T) {
	var got, again string
	var length int64
	o, answer, err := carry(t, roundTrip(func(r *http.Request) (*http.Response, error) {
		first, _ := io.ReadAll(r.Body)
		body, err := r.GetBody()
		if err != nil {
			return nil, err
		}
		second, _ := io.ReadAll(body)
		got, again, length = string(first), string(second), r.ContentLength
		return &http.Response{StatusCode: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"7"}}, Body: io.NopCloser(strings.NewReader("wait"))}, nil
	}), "http://127.0.0.1/x", "hello")
	if err != nil || got != "hello" || again != "hello" || length != 5 {
		t.Fatalf("it is %q and %q of %d bytes, %v", got, again, length, err)
	}
	if answer != "wait" || string(o.Body) != "wait" || o.Status != http.StatusTooManyRequests || o.RetryAfter != "7" {
		t.Errorf("the answer is %q, kept %q with %d and %q", answer, o.Body, o.Status, o.RetryAfter)
	}
}

type roundTrip func(r *http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestErrorsHoldNoToken: net/http puts the address into its errors, and the token is in it.
func TestErrorsHoldNoToken(t *testing.T) {
	client := wire.NewClient(token, &http.Transport{}, time.Minute)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for address, ctx := range map[string]context.Context{
		"http://127.0.0.1:1/bot" + token + "/sendMessage": t.Context(),
		"http://127.0.0.1:1/bot" + token:                  ended,
		"http://nowhere.invalid/" + token:                 t.Context(),
	} {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.Do(r)
		if err == nil {
			_ = response.Body.Close()
		}
		if err == nil || strings.Contains(fmt.Sprintf("%v %+v", err, err), token) {
			t.Errorf("the error is %v", err)
		}
		if ctx == ended && !errors.Is(err, context.Canceled) {
			t.Errorf("the error is %v", err)
		}
		if _, bare := errors.AsType[*url.Error](err); bare {
			t.Error("the error gives out what it masks")
		}
	}
	if err := wire.Mask(errors.New("parse /bot"+token+"/x"), token); err.Error() != "parse /bot***/x" {
		t.Errorf("the error is %v", err)
	}
}

// TestRedirect: whoever redirects would get the token.
func TestRedirect(t *testing.T) {
	var caught atomic.Bool
	thief := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { caught.Store(true) }))
	defer thief.Close()
	gate := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, thief.URL, http.StatusTemporaryRedirect)
	}))
	defer gate.Close()
	o, _, err := carry(t, wire.ForSends(wire.NewTransport()), gate.URL, "hello")
	if err != nil || caught.Load() || o.Status != http.StatusTemporaryRedirect {
		t.Errorf("followed %v, answered %d, %v", caught.Load(), o.Status, err)
	}
}
