package telegram_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"ella/adapters/telegram"
	"ella/adapters/telegram/telegramtest"
)

func TestExamine(t *testing.T) {
	s := telegramtest.New(t, telegramtest.Options{})
	person := s.AddUser(telegramtest.User{FirstName: "Amina"})
	s.Say(person, "hello")
	o := telegram.Options{Token: s.Token(), APIURL: s.URL() + "/"}
	got, err := telegram.Examine(t.Context(), o)
	if err != nil || got != (telegram.Checkup{Username: s.Username(), Pending: 1}) {
		t.Errorf("got %+v, %v", got, err)
	}
	if s.Calls("getUpdates")+s.Calls("setWebhook")+s.Calls("deleteWebhook") > 0 || len(s.Pending()) != 1 {
		t.Error("looking changes something")
	}
	s.Revoke()
	if _, err := telegram.Examine(t.Context(), o); !errors.Is(err, telegram.ErrRefused) {
		t.Errorf("a revoked token is %v", err)
	}
	s.Close()
	if _, err := telegram.Examine(t.Context(), o); err == nil || errors.Is(err, telegram.ErrRefused) || strings.Contains(err.Error(), s.Token()) {
		t.Errorf("out of reach it is %v", err)
	}
}

func TestExamineWebhookAndClock(t *testing.T) {
	for name, c := range map[string]struct {
		ahead time.Duration
		want  func(time.Duration) bool
	}{
		"right":  {0, func(d time.Duration) bool { return d == 0 }},
		"behind": {-2 * time.Minute, func(d time.Duration) bool { return d > -122*time.Second && d < -118*time.Second }},
		"ahead":  {2 * time.Minute, func(d time.Duration) bool { return d < 122*time.Second && d > 118*time.Second }},
	} {
		t.Run(name, func(t *testing.T) {
			date := http.Header{"Date": {time.Now().Add(-c.ahead).UTC().Format(http.TimeFormat)}}
			s := &scripted{answer: answerOf(map[string]*scriptedAnswer{
				"getMe":          {status: 200, header: date, body: `{"ok":true,"result":{"id":123456789,"username":"ella_test_bot"}}`},
				"getWebhookInfo": result(`{"url":"https://ella.example.org/telegram","pending_update_count":12,"last_error_date":1795780800,"last_error_message":"Connection refused"}`),
			})}
			got, err := telegram.Examine(t.Context(), telegram.Options{Token: token, Transport: s})
			if err != nil || !c.want(got.Ahead) {
				t.Errorf("the clock is %v ahead, %v", got.Ahead, err)
			}
			got.Ahead = 0
			want := telegram.Checkup{
				Username: "ella_test_bot", Webhook: "https://ella.example.org/telegram", Pending: 12,
				FailedAt: time.Unix(1795780800, 0).UTC(), Failure: "Connection refused",
			}
			if got != want {
				t.Errorf("got %+v", got)
			}
		})
	}
}
