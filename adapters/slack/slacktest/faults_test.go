package slacktest_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"ella/adapters/slack/slacktest"
)

// TestFaults sends one message through each fault: what comes back, and whether it
// stands in the conversation.
func TestFaults(t *testing.T) {
	for name, one := range map[string]struct {
		fault  slacktest.Fault
		status int // 0 where the connection breaks
		body   string
		stands int
	}{
		"reset before":      {slacktest.ResetBefore(), 0, "", 0},
		"reset after":       {slacktest.ResetAfter(), 0, "", 1},
		"garbled":           {slacktest.Garbled(), 200, `{"ok":true,"channel":["not`, 1},
		"not ok":            {slacktest.NotOK(), 200, `{"ok":false}`, 0},
		"strange":           {slacktest.Strange(), 200, `hologram_button`, 1},
		"server error":      {slacktest.ServerError(503), 503, `internal_error`, 0},
		"and done":          {slacktest.ServerErrorAfter(500), 500, `internal_error`, 1},
		"bad gateway":       {slacktest.BadGateway(), 502, `<html>`, 0},
		"throttled":         {slacktest.Throttled(30 * time.Second), 429, `"ratelimited"`, 0},
		"throttled bare":    {slacktest.ThrottledBare(), 429, `"ratelimited"`, 0},
		"throttled oddly":   {slacktest.ThrottledOddly("1.5"), 429, `"ratelimited"`, 0},
		"throttled in body": {slacktest.ThrottledInBody("rate_limited"), 200, `"rate_limited"`, 0},
		"refused":           {slacktest.Refused("restricted_action"), 200, `"restricted_action"`, 0},
		"late":              {slacktest.Delayed(time.Millisecond), 200, `"ok":true`, 1},
		"none":              {slacktest.Fault{}, 200, `"ok":true`, 1},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, slacktest.Options{Limits: slacktest.Limits{Off: true}})
			dm := c.s.DM(c.s.AddUser(slacktest.User{}))
			c.s.Next("chat.postMessage", one.fault)
			status, body, retry := c.try(t.Context(), dm)
			if status != one.status || !strings.Contains(body, one.body) {
				t.Errorf("answered %d %s", status, body)
			}
			if want := map[string]string{"throttled": "30", "throttled oddly": "1.5"}[name]; retry != want {
				t.Errorf("Retry-After is %q, want %q", retry, want)
			}
			if n := len(c.s.Shown(dm)); n != one.stands {
				t.Errorf("%d messages stand there", n)
			}
			c.broke()
		})
	}
	t.Run("never answered", func(t *testing.T) {
		c := newClient(t, slacktest.Options{})
		dm := c.s.DM(c.s.AddUser(slacktest.User{}))
		c.s.Next(slacktest.AnyMethod, slacktest.NeverAnswered())
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if status, _, _ := c.try(ctx, dm); status != 0 {
			t.Errorf("answered %d", status)
		}
		if n := len(c.s.Shown(dm)); n != 1 {
			t.Errorf("%d messages stand there", n)
		}
	})
	t.Run("by chance", func(t *testing.T) {
		c := newClient(t, slacktest.Options{Seed: 4, Limits: slacktest.Limits{Off: true}})
		dm := c.s.DM(c.s.AddUser(slacktest.User{}))
		c.s.Sometimes("chat.postMessage", 0.5, slacktest.ServerError(500))
		for range 100 {
			c.try(t.Context(), dm)
		}
		if n := len(c.s.Shown(dm)); n < 30 || n > 70 {
			t.Errorf("of 100 %d arrived", n)
		}
		c.s.Heal()
		before := len(c.s.Shown(dm))
		for range 10 {
			c.try(t.Context(), dm)
		}
		if n := len(c.s.Shown(dm)) - before; n != 10 {
			t.Errorf("healed, %d of 10 arrived", n)
		}
	})
}

// try posts a message, and survives that nobody answers.
func (c client) try(ctx context.Context, channel string) (status int, body, retry string) {
	form := url.Values{"channel": {channel}, "text": {"hello"}, "unfurl_links": {"false"}, "unfurl_media": {"false"}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.s.APIURL()+"chat.postMessage", strings.NewReader(form.Encode()))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "Bearer "+c.token)
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", ""
	}
	defer w.Body.Close()
	raw, _ := io.ReadAll(w.Body)
	return w.StatusCode, string(raw), w.Header.Get("Retry-After")
}
