package slack_test

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"ella/adapters/slack"
	"ella/bot"
)

// TestEveryErrorHasAMeaning goes through all codes that Slack's pages list for the
// methods that sending calls.
func TestEveryErrorHasAMeaning(t *testing.T) {
	body, err := os.ReadFile("testdata/errors.json")
	if err != nil {
		t.Fatal(err)
	}
	var facts struct{ Methods map[string][]string }
	if err := json.Unmarshal(body, &facts); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for method, codes := range facts.Methods {
		for _, code := range codes {
			seen++
			if _, ok := slack.KindOf(code); !ok {
				t.Errorf("%s can answer %s, which means nothing here", method, code)
			}
		}
	}
	if seen < 100 {
		t.Errorf("there are only %d codes", seen)
	}
	if kind, ok := slack.KindOf("of_a_later_year"); ok || kind != bot.Invalid {
		t.Errorf("a code that nobody knows is %v, %v", kind, ok)
	}
}

// TestWhatAnErrorMeans spells out those that a run of alerts depends upon.
func TestWhatAnErrorMeans(t *testing.T) {
	for kind, codes := range map[bot.SendKind][]string{
		bot.NoAccess:  {"invalid_auth", "account_inactive", "token_revoked", "not_authed", "team_access_not_granted", "missing_scope"},
		bot.Gone:      {"channel_not_found", "user_disabled", "user_not_found", "user_not_visible", "is_archived"},
		bot.Forbidden: {"restricted_action", "restricted_action_read_only_channel", "not_in_channel", "app_access_restricted"},
		bot.NotYet:    {"messages_tab_disabled"},
		bot.Throttled: {"ratelimited", "rate_limited", "message_limit_exceeded", "service_unavailable", "team_added_to_org"},
		bot.Unclear:   {"internal_error", "fatal_error"},
		bot.NotSent:   {"request_timeout"},
		bot.Invalid:   {"invalid_blocks", "msg_too_long", "msg_blocks_too_long", "no_text", "too_many_attachments", "message_not_found"},
	} {
		for _, code := range codes {
			if got, _ := slack.KindOf(code); got != kind {
				t.Errorf("%s is %s, want %s", code, got, kind)
			}
		}
	}
}

// TestWhatAnAnswerMeans is about answers as they come over the wire, whatever the library
// makes of them.
func TestWhatAnAnswerMeans(t *testing.T) {
	const posted = `{"ok":true,"channel":"D1","ts":"1405895017.000506","message":`
	for name, c := range map[string]struct {
		status      int
		retryAfter  string
		body        string
		kind        bot.SendKind
		code        string
		wait        time.Duration
		channel, ts string
	}{
		"posted":                  {200, "", posted + `{}}`, "", "", 0, "D1", "1405895017.000506"},
		"posted, unknown inside":  {200, "", posted + `{"blocks":[{"type":"actions","elements":[{"type":"hologram"}]}]}}`, "", "", 0, "D1", "1405895017.000506"},
		"posted, broken off":      {200, "", posted + `{"blocks":[{"ty`, "", "", 0, "D1", "1405895017.000506"},
		"posted, odd status":      {500, "", posted + `{}}`, "", "", 0, "D1", "1405895017.000506"},
		"ephemeral":               {200, "", `{"ok":true,"message_ts":"1405895017.000506"}`, "", "", 0, "", "1405895017.000506"},
		"broken off before":       {200, "", `{"ok":true,"chan`, bot.Unclear, "odd-answer-200", 0, "", ""},
		"no reason":               {200, "", `{"ok":false}`, bot.Unclear, "odd-answer-200", 0, "", ""},
		"both":                    {200, "", `{"ok":true,"error":"channel_not_found"}`, bot.Gone, "channel_not_found", 0, "", ""},
		"a page":                  {200, "", `<html>`, bot.Unclear, "odd-answer-200", 0, "", ""},
		"a gateway":               {502, "", `<html>`, bot.Unclear, "odd-answer-502", 0, "", ""},
		"nothing":                 {500, "", ``, bot.Unclear, "odd-answer-500", 0, "", ""},
		"too large":               {413, "", `<html>`, bot.Invalid, "413", 0, "", ""},
		"refused":                 {200, "", `{"ok":false,"error":"user_not_found"}`, bot.Gone, "user_not_found", 0, "", ""},
		"refused, with a status":  {403, "", `{"ok":false,"error":"invalid_auth"}`, bot.NoAccess, "invalid_auth", 0, "", ""},
		"unknown":                 {200, "", `{"ok":false,"error":"canary words"}`, bot.Invalid, "unknown-code", 0, "", ""},
		"429":                     {429, "30", `{"ok":false,"error":"ratelimited"}`, bot.Throttled, "429", 30 * time.Second, "", ""},
		"429 without the header":  {429, "", `{"ok":false,"error":"ratelimited"}`, bot.Throttled, "429", 30 * time.Second, "", ""},
		"429 with a fraction":     {429, "1.5", `{"ok":false,"error":"ratelimited"}`, bot.Throttled, "429", 1500 * time.Millisecond, "", ""},
		"429 with nonsense":       {429, "soon", `<html>`, bot.Throttled, "429", 30 * time.Second, "", ""},
		"429 for ever":            {429, "80000", ``, bot.Throttled, "429", time.Hour, "", ""},
		"200 ratelimited":         {200, "", `{"ok":false,"error":"ratelimited"}`, bot.Throttled, "ratelimited", 30 * time.Second, "", ""},
		"200 rate_limited, timed": {200, "7", `{"ok":false,"error":"rate_limited"}`, bot.Throttled, "rate_limited", 7 * time.Second, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			channel, ts, err := slack.Judged(c.status, c.retryAfter, c.body)
			got := bot.SendError{}
			if err != nil {
				got = *err
			}
			if got.Kind != c.kind || got.Code != c.code || got.RetryAfter != c.wait || channel != c.channel || ts != c.ts {
				t.Errorf("it is %q %q %v, %q %q", got.Kind, got.Code, got.RetryAfter, channel, ts)
			}
		})
	}
}
