// Package wire carries the requests of a platform's own library, and keeps what became
// of each. A platform has no key by which a message that is sent twice would be known
// as one: whether a request left this machine, and what was answered to it, is all that
// tells a message that stands in a chat from one that does not.
package wire

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"time"
)

// maxReply is how much of an answer is read: it is one message.
const maxReply = 4 << 20

// Client makes each request replayable, learns whether it left this machine, and keeps
// the whole answer: what a library makes of that is not enough. It is safe for
// concurrent use.
type Client struct {
	http  *http.Client
	token string
}

// NewClient gives a request up after so long. The token is in none of its errors.
func NewClient(token string, transport http.RoundTripper, timeout time.Duration) *Client {
	return &Client{token: token, http: Direct(transport, timeout)}
}

// Direct is a client that follows no redirect: the platforms' APIs redirect nowhere,
// and whoever does must not get the token. A timeout of 0 is none.
func Direct(transport http.RoundTripper, timeout time.Duration) *http.Client {
	return &http.Client{
		Transport: transport, Timeout: timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Outcome is what became of one request. It travels in the request's context, so that
// those of many sends at once don't mix.
type Outcome struct {
	// Answered says that an answer came; Status, RetryAfter (the header) and Body are it.
	// Whole says that all of it did.
	Answered, Whole bool
	Status          int
	RetryAfter      string
	Body            []byte

	mu     sync.Mutex // the trace is called from other goroutines, even afterwards
	begun  bool       // the request's headers were written
	failed bool       // and then it could not be written to its end
}

// Left reports whether the request may have reached the platform whole.
func (o *Outcome) Left() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.begun && !o.failed
}

// Trace follows a request on its way. It may be written again over another connection
// when nothing of it left over the first.
func (o *Outcome) Trace() *httptrace.ClientTrace {
	note := func(f func()) {
		o.mu.Lock()
		defer o.mu.Unlock()
		f()
	}
	return &httptrace.ClientTrace{
		GetConn:      func(string) { note(func() { o.begun, o.failed = false, false }) },
		WroteHeaders: func() { note(func() { o.begun = true }) },
		WroteRequest: func(i httptrace.WroteRequestInfo) { note(func() { o.failed = i.Err != nil }) },
	}
}

type outcomeKey struct{}

// Observe is a context whose one request tells what became of it.
func Observe(ctx context.Context) (context.Context, *Outcome) {
	o := &Outcome{}
	return context.WithValue(ctx, outcomeKey{}, o), o
}

// Do carries one request, and reads its answer into the Outcome that Observe put into
// its context. The answer that it returns can be read, too.
func (c *Client) Do(r *http.Request) (*http.Response, error) {
	o, ok := r.Context().Value(outcomeKey{}).(*Outcome)
	if !ok {
		o = &Outcome{}
	}
	if err := replayable(r); err != nil {
		return nil, err
	}
	response, err := c.http.Do(r.WithContext(httptrace.WithClientTrace(r.Context(), o.Trace()))) //nolint:gosec // the adapters say where to: their API's address, and what they hold an answer's to
	if err != nil {
		return nil, Mask(err, c.token)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxReply))
	o.Answered, o.Whole, o.Status, o.RetryAfter, o.Body = true, err == nil, response.StatusCode, response.Header.Get("Retry-After"), body
	if err != nil {
		return nil, Mask(err, c.token)
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

// replayable reads a request's body into memory. Libraries stream it, so that nothing
// could be sent again when a connection turned out to be dead, and its length would not
// be known.
func replayable(r *http.Request) error {
	if r.Body == nil {
		return nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	if err := r.Body.Close(); err != nil {
		return err
	}
	r.ContentLength = int64(len(body))
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	r.Body, err = r.GetBody()
	return err
}

// Mask is an error without the token in its text: net/http puts the address into its
// errors, and the token may be part of that. errors.Is sees through; the error itself
// stays inside.
func Mask(err error, token string) error { return masked{err, token} }

type masked struct {
	err   error
	token string
}

func (m masked) Error() string { return strings.ReplaceAll(m.err.Error(), m.token, "***") }

func (m masked) Is(target error) bool { return errors.Is(m.err, target) }
