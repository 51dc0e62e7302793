package telegram_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ella/adapters/telegram"
	"ella/bot"
)

// everything is what all tests of this package have adapters log, down to debug.
var everything journal

// TestMain looks, when all tests are over, for what must be in no log.
func TestMain(m *testing.M) {
	code := m.Run()
	for what, words := range map[string][]string{
		"the token":     {token, "AAtelegramtest"},
		"the secret":    {webhookSecret},
		"a chat":        {"71000000", "42000000"}, // how the fake's numbers begin
		"a name":        {"Amina", "Bogdan", "Celia"},
		"what was said": {"hello", "Will you come", "Thank you", "canary"},
	} {
		for _, word := range words {
			if told := everything.lines(word); len(told) > 0 {
				fmt.Printf("the log tells %s: %s", what, told[0])
				code = 1
			}
		}
	}
	os.Exit(code)
}

// log is a log that a test reads; it also goes to everything.
func (j *journal) log() *slog.Logger {
	return slog.New(slog.NewTextHandler(j, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// Write implements io.Writer.
func (j *journal) Write(p []byte) (int, error) {
	if j != &everything {
		_, _ = everything.Write(p)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

// TestErrorsQuoteNoAddress: an odd redirect brings the address, and with it the token,
// into what net/http says is wrong.
func TestErrorsQuoteNoAddress(t *testing.T) {
	gate := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "https://elsewhere.example.org/%zz?from="+r.URL.Path)
		w.WriteHeader(http.StatusFound)
	}))
	defer gate.Close()
	var j journal
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	o := telegram.Options{Token: token, APIURL: gate.URL, Shelf: &shelf{}, Log: j.log()}
	_, connect := telegram.Connect(ctx, o)
	_, examine := telegram.Examine(ctx, o)
	for _, err := range []error{connect, examine} {
		if err == nil || strings.Contains(err.Error(), token) {
			t.Errorf("the error is %v", err)
		}
	}
	if told := j.lines("can't be reached"); len(told) != 1 || strings.Contains(told[0], token) {
		t.Errorf("the log says %q", told)
	}
}

// TestRedirect: whoever redirects would get the token.
func TestRedirect(t *testing.T) {
	var caught atomic.Bool
	thief := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { caught.Store(true) }))
	defer thief.Close()
	gate := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, thief.URL+r.URL.Path, http.StatusTemporaryRedirect)
	}))
	defer gate.Close()
	a := at(t, gate.URL, nil)
	if _, err := a.Send(t.Context(), bot.Outgoing{Chat: "7", Message: hello().Message}); bot.SendKindOf(err) != bot.Unclear {
		t.Errorf("got %v", err)
	}
	if caught.Load() {
		t.Error("the redirect was followed")
	}
}
