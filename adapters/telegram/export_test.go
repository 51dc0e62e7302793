package telegram

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// Unpaced lifts Telegram's limits from an adapter, for tests that send more than they
// allow and are about something else.
func Unpaced(a *Adapter) { a.pace = nil }

// Judge says what became of a request from what happened on the wire.
func Judge(left, answered bool, status int, retryAfter, body string) (json.RawMessage, error) {
	o := &outcome{begun: left, answered: answered, status: status, retryAfter: retryAfter, body: []byte(body)}
	result, err := judge(o)
	return result, fault(err)
}

// Heard tells an adapter that somebody answered in a chat, as receiving does.
func Heard(a *Adapter, chat string) { a.located(chat) }

// PacedChats is of how many chats an adapter remembers the pace.
func PacedChats(a *Adapter) int {
	a.pace.mu.Lock()
	defer a.pace.mu.Unlock()
	return len(a.pace.chats)
}

// Carry has the library's client carry a request to an address, and says how it failed.
func Carry(ctx context.Context, token, address string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://127.0.0.1", http.NoBody)
	if err != nil {
		return err
	}
	if r.URL, err = url.Parse(address); err != nil {
		// As net/http would say it.
		return masked{err, token}
	}
	w, err := newClient(token, &http.Transport{}).Do(r)
	if err == nil {
		return w.Body.Close()
	}
	return err
}

// Wall is the time as an adapter reads it for what Telegram forgets.
func Wall(a *Adapter) time.Time { return a.wall() }
