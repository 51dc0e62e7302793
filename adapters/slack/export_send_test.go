package slack

import (
	"context"
	"time"

	library "github.com/slack-go/slack"

	"ella/adapters/wire"
	"ella/bot"
)

// Unpaced has an adapter hold nothing up: pace has tests of its own.
func Unpaced(a *Adapter) { a.pace = pace{} }

// Check is what is wrong with one of Slack's messages.
func Check(p Part) string { return check(p) }

// KindOf is what a code of Slack's means.
func KindOf(code string) (bot.SendKind, bool) { return kindOf(code) }

// Judged is what an answer of Slack's means.
func Judged(status int, retryAfter, body string) (channel, ts string, err *bot.SendError) {
	a, err := judge(&wire.Outcome{Answered: true, Status: status, RetryAfter: retryAfter, Body: []byte(body)})
	return a.channel, a.ts, err
}

// Gate is what holds the calls of one method up.
type Gate struct{ gate *gate }

// Posts and Updates are gates as they are at such a rate.
func Posts(rate float64) Gate { return Gate{newPace(rate).post} }

// Updates is Posts for updates.
func Updates() Gate { return Gate{newPace(0).update} }

// Enter asks to be let through.
func (g Gate) Enter(ctx context.Context, about string, bulk bool) (bool, *bot.SendError) {
	return g.gate.enter(ctx, about, bulk)
}

// Refused tells of a 429.
func (g Gate) Refused(wait time.Duration) { g.gate.refused(wait) }

// RefNames reads a Ref.
func RefNames(ref bot.Ref) (channel string, names []string, ok bool) {
	s, ok := parseRef(ref)
	return s.channel, s.names, ok
}

// Addresses are where messages can be changed.
type Addresses struct{ all *addresses }

// NewAddresses knows none.
func NewAddresses() Addresses { return Addresses{newAddresses()} }

// Keep remembers one.
func (a Addresses) Keep(message, url string) { a.all.keep(message, url) }

// Take is one for an edit.
func (a Addresses) Take(message string) (string, bool) { return a.all.take(message) }

// Len is of how many messages one is known.
func (a Addresses) Len() int { return len(a.all.of) }

// Turns keep edits in order.
type Turns struct{ all *turns }

// NewTurns knows none.
func NewTurns() Turns { return Turns{newTurns()} }

// Next is a turn: how it is made, and how it ends.
func (t Turns) Next(message string) (do func(edit func()) bool, end func()) {
	one := t.all.next(message)
	return func(edit func()) bool { return one.do(0, edit) }, one.end
}

// Len is how many messages have edits under way.
func (t Turns) Len() int { return len(t.all.all) }

// EditsUnderWay is how many messages are being edited.
func EditsUnderWay(a *Adapter) int {
	a.turns.mu.Lock()
	defer a.turns.mu.Unlock()
	return len(a.turns.all)
}

// CheckView is what is wrong with a window.
func CheckView(v library.ModalViewRequest) string { return checkView(v.Blocks.BlockSet, v) }
