package storage_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/delivery"
	"ella/storage"
)

// letIn lets Ella into a workspace, with some secret.
func (w *world) letIn(name string, secret []byte) bot.AccountID {
	w.t.Helper()
	id, err := w.LetIn(w.t.Context(), storage.Entry{Platform: "memory", Name: name, Title: marker("title"), Way: "own", Secret: secret})
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

// state is how an account stands.
func (w *world) state(id bot.AccountID) storage.AccountState {
	w.t.Helper()
	all, err := w.AccountStates(w.t.Context(), "memory")
	if err != nil {
		w.t.Fatal(err)
	}
	for _, a := range all {
		if a.ID == id {
			return a
		}
	}
	w.t.Fatalf("there is no account %s", id)
	return storage.AccountState{}
}

// Tokens are read back with the key, and without it by nobody; each change has another
// version, also one that leaves no trace of what was before.
func TestCredentials(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		if _, err := w.Credentials(t.Context(), w.account); !errors.Is(err, bot.ErrNotFound) {
			t.Fatalf("of an account without any: %v", err)
		}
		id := w.letIn("two", []byte(marker("token-1")))
		first, err := w.Credentials(t.Context(), id)
		if err != nil || string(first.Secret) != marker("token-1") {
			t.Fatalf("kept is %q, %v", first.Secret, err)
		}
		if again := w.letIn("two", nil); again != id || w.state(id).Version != first.Version {
			t.Error("letting in without a secret changes what is kept")
		}
		if again := w.letIn("two", []byte(marker("token-2"))); again != id || w.state(id).Version == first.Version {
			t.Error("after a change the version is the same")
		}
		if titles, err := w.AccountTitles(t.Context()); err != nil || titles[id] != marker("title") || len(titles) != 1 {
			t.Errorf("they are called %v, %v", titles, err)
		}
		for _, form := range forms("canary-") {
			if bytes.Contains(w.dump(), form) {
				t.Error("a token or a name is readable")
			}
		}
		if err := w.TakeOut(t.Context(), id, first.Version, nil); !errors.Is(err, bot.ErrConflict) || !w.state(id).On {
			t.Errorf("an old version takes her out: %v", err)
		}
		for name, want := range map[string]bool{"two": true, "three": false, "one": false} {
			if kept, err := w.Kept(t.Context(), "memory", name); err != nil || kept != want {
				t.Errorf("%s is kept: %v, %v", name, kept, err)
			}
		}
		if err := w.TakeOut(t.Context(), id, w.state(id).Version, nil); err != nil || w.state(id).On {
			t.Errorf("she is not taken out: %v", err)
		}
		if _, err := w.Credentials(t.Context(), id); !errors.Is(err, bot.ErrNotFound) {
			t.Errorf("its tokens are still there: %v", err)
		}
		if kept, err := w.Kept(t.Context(), "memory", "two"); err != nil || kept {
			t.Errorf("taken out it is kept: %v", err)
		}
		w.letIn("two", []byte("3"))
		if s := w.state(id); !s.On || s.Version == first.Version || s.Way != "own" {
			t.Errorf("let in again it is %+v", s)
		}
	})
}

// Who could be reached only there is unreachable from then on, with the clock that such
// people have; what was on its way ends, and an alert that runs does. Installed again,
// they can be reached, but for those who could not before.
func TestTakeOut(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		there, blocked, other := w.member("there", w.home), w.member("blocked", w.home), w.memberElsewhere("other")
		w.do(func(ctx context.Context, tx bot.Tx) error {
			return w.Delivery("me").Unreachable(ctx, tx, blocked.Address.ID, bot.Blocked)
		})
		a := w.sending("news", there, other)
		q := w.queue("me", there, say(marker("reply")))[0]
		if _, fresh := w.accept(bot.Raw{Account: w.account, Key: "k", Sender: "there", Body: []byte("hello")}); !fresh {
			t.Fatal("it was known")
		}
		if err := w.Shelf().Put(t.Context(), w.account, map[string][]byte{"identity": []byte("x")}); err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time nothing is left to do
			if err := w.TakeOut(t.Context(), w.account, "", nil); err != nil {
				t.Fatal(err)
			}
		}
		// What waits is worked first: somebody may have asked to be forgotten.
		w.rows("inbox", 1, `SELECT state FROM inbox WHERE raw_sealed IS NOT NULL`, nil, "waiting")
		if n, err := w.WaitingOf(t.Context(), w.account); err != nil || n != 1 {
			t.Errorf("%d wait, %v", n, err)
		}
		if s := w.state(w.account); s.On || !s.Left {
			t.Errorf("before it is emptied it is %+v", s)
		}
		// Whoever wrote counts as reachable, until it is.
		w.Exec(t, `UPDATE addresses SET state = 'on', off_at = 0, with_account = FALSE WHERE id = $1`, string(there.Address.ID))
		if err := w.Emptied(t.Context(), w.account, nil); err != nil {
			t.Fatal(err)
		}
		if s := w.state(w.account); s.On || s.Left {
			t.Errorf("when it is emptied it is %+v", s)
		}
		w.rows("addresses", 2, `SELECT state, off_at > 0 FROM addresses ORDER BY id`, nil, w.truth("gone", true), w.truth("blocked", true), w.truth("on", false), w.truth("gone", true))
		w.rows("outbox", 2, `SELECT state, reason FROM outbox WHERE id = $1 AND message_sealed IS NULL`, []any{q.ID}, "refused no-access")
		w.rows("inbox", 1, `SELECT state FROM inbox WHERE raw_sealed IS NULL`, nil, "done")
		w.rows("shelf", 1, `SELECT key FROM shelf`, nil)
		for _, c := range w.begun("me", a) {
			reachable := c.Member == other.Member.ID
			if (c.Address.ID != "") != reachable {
				t.Errorf("a copy goes to %+v", c.Address)
			}
			state := delivery.Skipped
			if reachable {
				state = delivery.Sent
			}
			w.do(w.ended("me", c, state, ""))
		}
		if closed, err := w.Delivery("me").Close(t.Context(), a.ID, w.now()); err != nil || !closed {
			t.Errorf("the alert does not end: %v", err)
		}
		w.clock.Advance(24 * time.Hour)
		if id := w.letIn("one", nil); id != w.account {
			t.Fatal("it is another account")
		}
		if err := w.Emptied(t.Context(), w.account, nil); !errors.Is(err, bot.ErrConflict) {
			t.Errorf("one that she was let into again is emptied: %v", err)
		}
		w.rows("addresses", 2, `SELECT state, off_at > 0 FROM addresses ORDER BY id`, nil, w.truth("on", false), w.truth("blocked", true), w.truth("on", false), w.truth("on", false))
	})
}

// memberElsewhere is a member of the home organisation on another account.
func (w *world) memberElsewhere(sender string) bot.Person {
	w.t.Helper()
	account, err := w.Account(w.t.Context(), "memory", "elsewhere")
	if err != nil {
		w.t.Fatal(err)
	}
	p := w.stranger(sender)
	p.Address.Account = account
	w.do(w.join(p, sender), w.agree(p, w.home))
	return p
}

// truth is a row with a truth value as its engine writes it.
func (w *world) truth(word string, yes bool) string {
	switch {
	case w.shared() && yes:
		return word + " true"
	case w.shared():
		return word + " false"
	case yes:
		return word + " 1"
	}
	return word + " 0"
}
