package telegram

import (
	"encoding/json"
	"time"

	"ella/adapters/wire"
)

// Unpaced lifts Telegram's limits from an adapter, for tests that send more than they
// allow and are about something else.
func Unpaced(a *Adapter) { a.pace = nil }

// Judge says what became of a request from what happened on the wire.
func Judge(left, answered bool, status int, retryAfter, body string) (json.RawMessage, error) {
	o := &wire.Outcome{Answered: answered, Whole: answered, Status: status, RetryAfter: retryAfter, Body: []byte(body)}
	if left {
		o.Trace().WroteHeaders()
	}
	result, err := judge(o)
	return result, err.OrNil()
}

// Heard tells an adapter that somebody answered in a chat, as receiving does.
func Heard(a *Adapter, chat string) { a.located(chat) }

// Wall is the time as an adapter reads it for what Telegram forgets.
func Wall(a *Adapter) time.Time { return a.wall() }
