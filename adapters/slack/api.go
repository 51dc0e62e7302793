package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"ella/adapters/wire"
)

// api calls the methods that say who the bot is and that open connections. What sends
// has a client of its own.
type api struct {
	base   string
	token  string // in no error, no log
	client *http.Client
}

// maxAnswer is how much of an answer is read.
const maxAnswer = 1 << 20

func newAPI(base, token string, transport http.RoundTripper) api {
	return api{base: base + "/", token: token, client: wire.Direct(transport, 0)}
}

// denial is what Slack answered in place of a result.
type denial struct {
	// code is Slack's own word for it, such as invalid_auth; empty where a page of
	// something in between came.
	code   string
	status int
	// needed is the scope that is missing.
	needed     string
	retryAfter time.Duration
}

func (d *denial) Error() string {
	if d.code != "" {
		return "slack answers " + d.code
	}
	return "slack answers with status " + strconv.Itoa(d.status)
}

// call calls a method without arguments and reads its answer. Its errors are safe to
// log; one is a *denial if Slack answered.
func (c api) call(ctx context.Context, method string, result any) (http.Header, error) {
	return c.callWith(ctx, method, nil, result)
}

// callWith does the same with arguments. Without a token it authorises by these alone.
func (c api) callWith(ctx context.Context, method string, args url.Values, result any) (http.Header, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+method, strings.NewReader(args.Encode()))
	if err != nil {
		return nil, fmt.Errorf("%s: the address of the API can't be used", method)
	}
	// The app-level token is taken from this header only
	// (https://docs.slack.dev/reference/methods/apps.connections.open).
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := c.client.Do(request)
	if err != nil {
		if around, ok := errors.AsType[*url.Error](err); ok {
			err = around.Err
		}
		return nil, fmt.Errorf("%s: %w", method, err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return response.Header, fmt.Errorf("%s: %w", method, err)
	}
	var a struct {
		OK     bool   `json:"ok"`
		Error  string `json:"error"`
		Needed string `json:"needed"`
	}
	// What says that it is well and names an error is not believed.
	if json.Unmarshal(raw, &a) != nil || !a.OK || a.Error != "" {
		return response.Header, fmt.Errorf("%s: %w", method, &denial{
			code: word(a.Error), status: response.StatusCode, needed: word(a.Needed), retryAfter: waitOf(response.Header.Get("Retry-After")),
		})
	}
	if json.Unmarshal(raw, result) != nil {
		return response.Header, errors.New(method + ": the answer has an unknown shape")
	}
	return response.Header, nil
}

// word is a code of Slack's, which may be logged, or empty: codes are words of small
// letters, scopes have colons and commas.
func word(s string) string {
	if len(s) > 100 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_.:,") != "" {
		return ""
	}
	return s
}

// waitOf reads the header Retry-After: whole seconds.
func waitOf(header string) time.Duration {
	seconds, err := strconv.ParseFloat(header, 64)
	if err != nil || !(seconds > 0 && seconds < 24*60*60) {
		return 0
	}
	return time.Duration(seconds * float64(time.Second))
}

// isCode reports one of Slack's own errors.
func isCode(err error, code string) bool {
	d, ok := errors.AsType[*denial](err)
	return ok && d.code == code
}

// isRefused reports that a token does not work, or no longer does
// (https://docs.slack.dev/reference/methods/auth.test, apps.connections.open).
func isRefused(err error) bool {
	d, ok := errors.AsType[*denial](err)
	return ok && slices.Contains([]string{
		"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "not_allowed_token_type", "missing_args",
		"no_permission", "missing_scope", "forbidden_team", "team_access_not_granted", "access_denied", "ekm_access_denied", "org_login_required", "invalid_app_id", "app_not_found",
	}, d.code)
}
