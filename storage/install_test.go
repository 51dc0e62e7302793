package storage_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"ella/bot"
)

// An invitation lets Ella into one workspace; an installation ends once, in the browser
// in which it was begun, in time.
func TestInstalls(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		s, ctx := w.Installs(), t.Context()
		begin := func(code, state, nonce string) error {
			return s.Begin(ctx, code, state, nonce, w.now(), w.now().Add(10*time.Minute))
		}
		end := func(state, nonce string) (string, error) { return s.End(ctx, state, nonce, w.now()) }
		refused := func(what string, err error) {
			t.Helper()
			if !errors.Is(err, bot.ErrNotFound) {
				t.Errorf("%s: %v", what, err)
			}
		}
		refused("no invitation", begin(marker("code"), "s", "n"))
		if err := s.Invite(ctx, marker("code"), w.now(), w.now().Add(24*time.Hour)); err != nil {
			t.Fatal(err)
		}
		for i := range 30 {
			if err := begin(marker("code"), marker(fmt.Sprint("state-", i)), marker("nonce")); err != nil {
				t.Fatal(err)
			}
		}
		for _, form := range forms("canary-") {
			if bytes.Contains(w.dump(), form) {
				t.Error("a code is readable")
			}
		}
		_, err := end(marker("state-0"), marker("nonce"))
		refused("one of very many", err)
		_, err = end(marker("state-29"), "another")
		refused("another browser", err)
		_, err = end(marker("state-29"), marker("nonce"))
		refused("after it was tried in another browser", err)
		_, err = end(marker("code"), marker("nonce"))
		refused("an invitation", err)
		invitation, err := end(marker("state-28"), marker("nonce"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = end(marker("state-28"), marker("nonce"))
		refused("twice", err)
		_, err = end(marker("state-27"), marker("nonce"))
		refused("when its invitation is used", err)
		refused("a used invitation", begin(marker("code"), "s", "n"))
		if err := s.Reopen(ctx, invitation); err != nil {
			t.Fatal(err)
		}
		if n, err := s.Open(ctx, w.now()); err != nil || n != 1 {
			t.Errorf("%d are open, %v", n, err)
		}
		if err := begin(marker("code"), "late", "n"); err != nil {
			t.Fatal(err)
		}
		w.clock.Advance(10 * time.Minute)
		_, err = end("late", "n")
		refused("too late", err)
		w.clock.Advance(24 * time.Hour)
		refused("an old invitation", begin(marker("code"), "s", "n"))
		w.tidied(25*time.Hour, "installs 0")
	})
}
