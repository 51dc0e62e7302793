package slack_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"ella/adapters/slack"
)

const (
	botToken      = "xoxb-123456789012-for-tests-only"
	appToken      = "xapp-1-A0ELLA0001-123-for-tests-only"
	signingSecret = "8f742231b10e8888abcd99yyyzzz85a5" // the one of Slack's documentation
)

// scripted answers methods of the Web API without a network: what is not scripted is
// answered as by Slack on a good day.
type scripted struct {
	answer func(method string, r *http.Request) (status int, body string)
	// header is in every answer.
	header http.Header
}

const whoAmI = `{"ok":true,"url":"https://roof.slack.com/","team":"Another Roof","user":"ella","team_id":"T0ELLA0001","user_id":"U0ELLA0001","bot_id":"B0ELLA0001","is_enterprise_install":false}`

// RoundTrip implements http.RoundTripper.
func (s scripted) RoundTrip(r *http.Request) (*http.Response, error) {
	status, body := 200, whoAmI
	if s.answer != nil {
		status, body = s.answer(r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:], r)
	}
	if status == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	header := s.header.Clone()
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// known is an adapter that knows who it is and reaches nobody. It receives over HTTP.
func known(t testing.TB, change ...func(*slack.Options)) *slack.Adapter {
	t.Helper()
	o := slack.Options{Account: "one", BotToken: botToken, SigningSecret: signingSecret, Shelf: &shelf{}, Transport: scripted{}, InChannel: []string{"connect"}}
	for _, c := range change {
		c(&o)
	}
	a, err := slack.Connect(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}
