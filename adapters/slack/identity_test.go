package slack_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ella/adapters/slack"
	"ella/adapters/slack/slacktest"
	"ella/bot"
)

func TestTokensHaveAForm(t *testing.T) {
	for token, want := range map[string][2]bool{
		botToken:                           {true, false},
		appToken:                           {false, true},
		"":                                 {},
		"xoxb-":                            {},
		"xoxb-short":                       {},
		"xoxp-123456789012-user":           {},
		"xoxb-123456789012-with space":     {},
		"xoxb-" + strings.Repeat("x", 300): {},
	} {
		if got := [2]bool{slack.IsBotToken(token), slack.IsAppToken(token)}; got != want {
			t.Errorf("%q is %v", token, got)
		}
	}
}

// TestConnectRemembers who she is, and goes on as before when Slack can't be reached, with the same
// token only.
func TestConnectRemembers(t *testing.T) {
	s := slacktest.New(t, slacktest.Options{})
	kept := &shelf{}
	connect := func(ctx context.Context, change func(*slack.Options)) (*slack.Adapter, error) {
		o := slack.Options{Account: "one", BotToken: s.BotToken(), AppToken: s.AppToken(), APIURL: s.APIURL(), Shelf: kept}
		if change != nil {
			change(&o)
		}
		return slack.Connect(ctx, o)
	}
	a, err := connect(t.Context(), nil)
	if err != nil || a.Team() != "Fake Workspace" {
		t.Fatalf("she is in %v, %v", a, err)
	}
	found, err := slack.Workspace(t.Context(), slack.Options{BotToken: s.BotToken(), APIURL: s.APIURL(), Shelf: kept}, "another", "one")
	if err != nil || found != s.Team() || s.Calls("auth.test") != 1 {
		t.Errorf("the token is of %q, %v, after %d questions", found, err, s.Calls("auth.test"))
	}
	for _, value := range kept.values {
		if strings.Contains(string(value), s.BotToken()) {
			t.Error("the token is kept on the shelf")
		}
	}
	s.Close()
	var j journal
	if a, err = connect(t.Context(), j.keep); err != nil || a.Team() != "Fake Workspace" || !strings.Contains(j.String(), "as at the last start") {
		t.Errorf("out of reach she is in %v, %v", a, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err = connect(ended, func(o *slack.Options) { o.BotToken = botToken }); err == nil {
		t.Error("with another token she is who she was before")
	}
	kept.fails = errors.New("the disk is gone")
	if _, err = connect(t.Context(), nil); err == nil {
		t.Error("without a shelf she connects")
	}
}

func TestConnectIsRefused(t *testing.T) {
	for _, code := range []string{"invalid_auth", "account_inactive", "token_revoked", "not_authed", "token_expired"} {
		_, err := slack.Connect(t.Context(), slack.Options{BotToken: botToken, AppToken: appToken, Shelf: &shelf{}, Transport: answers(`{"ok":false,"error":"` + code + `"}`)})
		if !errors.Is(err, slack.ErrRefused) || strings.Contains(err.Error(), botToken) {
			t.Errorf("%s is %v", code, err)
		}
	}
	if _, err := slack.Connect(t.Context(), slack.Options{BotToken: botToken, Shelf: &shelf{}, Transport: scripted{}}); err == nil {
		t.Error("she can't receive, and connects")
	}
}

func answers(body string) scripted {
	return scripted{answer: func(string, *http.Request) (int, string) { return 200, body }}
}

// TestConnectPersists: at the first start there is nobody to be but who Slack says.
func TestConnectPersists(t *testing.T) {
	for name, first := range map[string]scripted{
		"out of reach":     {answer: func(string, *http.Request) (int, string) { return 0, "" }},
		"a page":           {answer: func(string, *http.Request) (int, string) { return 200, "<html>" }},
		"an error of its":  answers(`{"ok":false,"error":"internal_error"}`),
		"no reason":        answers(`{"ok":false}`),
		"well, and not":    answers(`{"ok":true,"error":"internal_error","team_id":"T1","user_id":"U1","bot_id":"B1"}`),
		"nobody":           answers(`{"ok":true}`),
		"a person's token": answers(`{"ok":true,"team_id":"T0ELLA0001","user_id":"U0AMINA001"}`),
		"a strange code":   answers(`{"ok":false,"error":"` + botToken + `!"}`),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began, calls := time.Now(), 0
				var j journal
				a, err := slack.Connect(t.Context(), slack.Options{BotToken: botToken, AppToken: appToken, Shelf: &shelf{}, Log: slog.New(slog.NewTextHandler(&j, nil)),
					Transport: scripted{answer: func(method string, r *http.Request) (int, string) {
						if calls++; calls < 4 {
							return first.answer(method, r)
						}
						return 200, whoAmI
					}}})
				if err != nil || a.Team() != "Another Roof" {
					t.Fatalf("she is %v, %v", a, err)
				}
				if took := time.Since(began); took < 7*time.Second || took > 12*time.Second {
					t.Errorf("three pauses took %v", took)
				}
				if told := j.String(); strings.Contains(told, botToken) || !strings.Contains(told, "all is well again") {
					t.Errorf("the log: %s", told)
				}
			})
		})
	}
}

// TestExamine is what the doctor learns.
func TestExamine(t *testing.T) {
	s := slacktest.New(t, slacktest.Options{})
	o := slack.Options{BotToken: s.BotToken(), AppToken: s.AppToken(), APIURL: s.APIURL()}
	c, err := slack.Examine(t.Context(), o)
	if err != nil || c.Team != "Fake Workspace" || len(c.Missing) > 0 || c.AppToken != nil || c.Ahead.Abs() > time.Second {
		t.Errorf("all is well, and it says %+v, %v", c, err)
	}
	if s.Connections() != 0 {
		t.Error("it receives")
	}
	s.SetScopes(s.Team(), "chat:write", "commands")
	s.InvalidateAppToken()
	c, err = slack.Examine(t.Context(), o)
	if err != nil || len(c.Missing) != len(slack.Scopes())-2 || !errors.Is(c.AppToken, slack.ErrAppToken) {
		t.Errorf("it says %+v, %v", c, err)
	}
	s.Invalidate(s.Team())
	if _, err = slack.Examine(t.Context(), o); !errors.Is(err, slack.ErrRefused) {
		t.Errorf("of a refused token it says %v", err)
	}
	s.Close()
	if _, err = slack.Examine(t.Context(), o); err == nil || errors.Is(err, slack.ErrRefused) {
		t.Errorf("out of reach it says %v", err)
	}
}

// TestClockAhead: at five minutes every signature is refused.
func TestClockAhead(t *testing.T) {
	c, err := slack.Examine(t.Context(), slack.Options{BotToken: botToken, Transport: scripted{header: http.Header{"Date": {time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat)}}}})
	if err != nil || c.Ahead < 59*time.Minute || c.Ahead > 61*time.Minute {
		t.Errorf("it says %+v, %v", c, err)
	}
}

var _ bot.Shelf = (*shelf)(nil)
