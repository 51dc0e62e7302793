package slack

import (
	"context"
	"time"

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
	a, err := judge(&outcome{answered: true, status: status, retryAfter: retryAfter, body: []byte(body)})
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
