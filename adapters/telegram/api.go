package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"ella/adapters/wire"
)

// api calls the methods that receive and those that say how Ella looks. What
// sends has a client of its own: an answer that is waited for must never queue
// behind a long poll.
type api struct {
	base   string // with the token: in no error, no log
	token  string
	client *http.Client
}

// maxAnswer is how much of an answer is read: 100 updates are far below.
const maxAnswer = 64 << 20

// newTransport carries requests over connections of its own.
func newTransport() *http.Transport {
	t := wire.NewTransport()
	// A connection that died without a word is given up within half a minute.
	t.HTTP2 = &http.HTTP2Config{SendPingTimeout: 20 * time.Second, PingTimeout: 10 * time.Second}
	return t
}

func newAPI(base, token string, transport http.RoundTripper) api {
	return api{base: base + "/bot" + token + "/", token: token, client: wire.Direct(transport, 0)}
}

// refusal is what Telegram answered in place of a result. Its description may quote
// what was sent, so it is in no message.
type refusal struct {
	code        int
	description string
	retryAfter  time.Duration
}

func (r *refusal) Error() string { return "telegram answers " + strconv.Itoa(r.code) }

// isRefused reports that the token is not known: 401, or 404 where its form is wrong.
func isRefused(err error) bool {
	r, ok := errors.AsType[*refusal](err)
	return ok && r.description != "" && (r.code == http.StatusUnauthorized || r.code == http.StatusNotFound && !isNoMethod(r.description))
}

// isNoMethod reports that a 404 is about the method: a Bot API of one's own may be
// older than this program. About the token it says no more than "Not Found".
func isNoMethod(description string) bool {
	return strings.Contains(strings.ToLower(description), "method not found")
}

// answer is how every answer of the API looks
// (https://core.telegram.org/bots/api#making-requests).
type answer struct {
	OK          bool            `json:"ok"`
	Result      json.RawMessage `json:"result"`
	Code        int             `json:"error_code"`
	Description string          `json:"description"`
	Parameters  struct {
		RetryAfter float64 `json:"retry_after"` // seconds
		MigrateTo  int64   `json:"migrate_to_chat_id"`
	} `json:"parameters"`
}

// call calls a method and reads its result. Its errors are safe to log; one is a
// *refusal if Telegram answered.
func (c api) call(ctx context.Context, method string, params, result any) error {
	_, err := c.dated(ctx, method, params, result)
	return err
}

// dated is call, and when the server says that it answered.
func (c api) dated(ctx context.Context, method string, params, result any) (time.Time, error) {
	if params == nil {
		params = struct{}{}
	}
	body, err := json.Marshal(params)
	if err != nil {
		return time.Time{}, fmt.Errorf("%s: %w", method, err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+method, bytes.NewReader(body))
	if err != nil {
		return time.Time{}, fmt.Errorf("%s: the address of the API can't be used", method)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := c.client.Do(request)
	if err != nil {
		// The error around it is only the address; what is inside may quote it, too.
		if around, ok := errors.AsType[*url.Error](err); ok {
			err = around.Err
		}
		return time.Time{}, fmt.Errorf("%s: %w", method, wire.Mask(err, c.token))
	}
	defer response.Body.Close()
	at, _ := http.ParseTime(response.Header.Get("Date"))
	raw, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return at, fmt.Errorf("%s: %w", method, wire.Mask(err, c.token))
	}
	var a answer
	if json.Unmarshal(raw, &a) != nil || !a.OK && a.Code == 0 {
		a = answer{Code: response.StatusCode} // a page of something in between
	}
	if !a.OK {
		r := &refusal{code: a.Code, description: a.Description}
		if a.Code == http.StatusTooManyRequests {
			r.retryAfter = waitOf(a.Parameters.RetryAfter, response.Header.Get("Retry-After"))
		}
		return at, fmt.Errorf("%s: %w", method, r)
	}
	if result == nil {
		return at, nil
	}
	if json.Unmarshal(a.Result, result) != nil {
		return at, errors.New(method + ": the result has an unknown shape")
	}
	return at, nil
}
