package alert

import (
	"ella/bot"
	"ella/bot/headcount"
)

// Readers is how many people read which language, by the tag that they asked for.
type Readers map[string]int

// Cohort is an organisation's people as they were last counted: how many, never
// who. Every number of an audience is taken from one cohort, so that whoever asks
// about the same people in two ways, before and after somebody came, left or changed
// something, is told of the same cohort. It is made anew when at least
// headcount.Floor people differ from it, and then for all audiences at once.
type Cohort struct {
	// Version tells it from what was counted before; 0 while nothing was.
	Version int64
	// Places are the readers by where they live: a sector, an outcode, or "".
	Places map[string]Readers
	// Groups are the readers by the group they are with. They are in Places too.
	Groups map[bot.GroupID]Readers
	// Chats are the readers by the group chat that they opted in from. They are in Places
	// too.
	Chats map[bot.GroupChatID]Readers
}

// stands reports whether a cohort may still be shown, when now is what it would be
// if it were made anew. It never takes fewer people for five: whoever changed their
// language or place has left one number and come to another, and is one.
func (c Cohort) stands(now Cohort) bool {
	if c.Version == 0 {
		return false
	}
	came, left := 0, 0
	for where := range both(c.Places, now.Places) {
		here, gone := differ(c.Places[where], now.Places[where])
		came, left = came+here, left+gone
	}
	if max(came, left) >= headcount.Floor {
		return false
	}
	return alike(c.Groups, now.Groups) && alike(c.Chats, now.Chats)
}

// alike reports whether fewer than five came to any of these numbers, and left it. Somebody
// may be with many groups, so each is compared by itself.
func alike[K comparable](was, now map[K]Readers) bool {
	for k := range both(was, now) {
		if came, left := differ(was[k], now[k]); max(came, left) >= headcount.Floor {
			return false
		}
	}
	return true
}

// differ is how many readers came to numbers, and how many left them.
func differ(was, now Readers) (came, left int) {
	for tag := range both(was, now) {
		d := now[tag] - was[tag]
		came, left = came+max(d, 0), left+max(-d, 0)
	}
	return came, left
}

// both are the keys of two maps.
func both[K comparable, V any](a, b map[K]V) map[K]bool {
	keys := make(map[K]bool, len(a)+len(b))
	for k := range a {
		keys[k] = true
	}
	for k := range b {
		keys[k] = true
	}
	return keys
}

// in are the readers of a cohort whom an audience picks.
func (c Cohort) in(k *picker) Readers {
	picked := Readers{}
	add := func(readers Readers) {
		for tag, n := range readers {
			if k.reads(tag) {
				picked[tag] += n
			}
		}
	}
	if k.audience.Group != "" {
		add(c.Groups[k.audience.Group])
		return picked
	}
	if k.audience.Chat != "" {
		add(c.Chats[k.audience.Chat])
		return picked
	}
	if k.audience.unnumbered() {
		return picked
	}
	for where, readers := range c.Places {
		if k.near(where) {
			add(readers)
		}
	}
	return picked
}
