package slack

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

	library "github.com/slack-go/slack"
)

// client carries the requests of the library. It makes each one replayable, learns
// whether it left this machine, and keeps the whole answer: what the library makes of
// that is not enough to tell a message that was posted from one that was not. It calls a
// message posted that was not when the answer gives no reason, and one not posted that
// was when the answer holds a block that it doesn't know.
type client struct {
	http  *http.Client
	token string
}

// maxReply is how much of an answer to a send is read: it is one message.
const maxReply = 4 << 20

// outcome is what became of one request. It travels in the request's context, so
// that those of many sends at once don't mix.
type outcome struct {
	// answered says that an answer came; status, retryAfter and body are it. Whole says
	// that all of it did.
	answered, whole bool
	status          int
	retryAfter      string
	body            []byte

	mu     sync.Mutex // the trace is called from other goroutines, even afterwards
	begun  bool       // the request's headers were written
	failed bool       // and then it could not be written to its end
}

// left reports whether the request may have reached Slack whole.
func (o *outcome) left() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.begun && !o.failed
}

// trace follows a request on its way. It may be written again over another
// connection when nothing of it left over the first.
func (o *outcome) trace() *httptrace.ClientTrace {
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

// observed is a context whose one request tells what became of it.
func observed(ctx context.Context) (context.Context, *outcome) {
	o := &outcome{}
	return context.WithValue(ctx, outcomeKey{}, o), o
}

func newClient(token string, transport http.RoundTripper) *client {
	return &client{token: token, http: &http.Client{
		Transport: transport,
		Timeout:   sendFor,
		// Slack redirects nowhere: whoever does must not get the token.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// sendTransport keeps as many connections open as there are sends at once, and none
// for so long that the other side may just be closing it: what is written into that
// may have arrived, for all that is known.
func sendTransport() *http.Transport {
	t := newTransport()
	t.MaxIdleConnsPerHost, t.IdleConnTimeout = 32, 30*time.Second
	return t
}

// newLibrary makes the library's typed calls, and nothing else of it: it tries nothing
// twice and writes nothing into a log.
func newLibrary(base string, c *client) *library.Client {
	return library.New(c.token, library.OptionAPIURL(base+"/"), library.OptionHTTPClient(c))
}

// Do implements the library's HTTP client. Its errors hold no token.
func (c *client) Do(r *http.Request) (*http.Response, error) {
	o, ok := r.Context().Value(outcomeKey{}).(*outcome)
	if !ok {
		o = &outcome{}
	}
	if err := replayable(r); err != nil {
		return nil, err
	}
	response, err := c.http.Do(r.WithContext(httptrace.WithClientTrace(r.Context(), o.trace())))
	if err != nil {
		return nil, masked{err, c.token}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxReply))
	o.answered, o.whole, o.status, o.retryAfter, o.body = true, err == nil, response.StatusCode, response.Header.Get("Retry-After"), body
	if err != nil {
		return nil, masked{err, c.token}
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

// replayable reads a request's body into memory. The library streams files, so that
// nothing could be sent again when a connection turned out to be dead, and their length
// would not be known.
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

// masked is an error without the token in its text.
type masked struct {
	err   error
	token string
}

func (m masked) Error() string { return strings.ReplaceAll(m.err.Error(), m.token, "***") }

// Is lets errors.Is see through; the error itself stays inside.
func (m masked) Is(target error) bool { return errors.Is(m.err, target) }
