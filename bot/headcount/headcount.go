// Package headcount says how many people, without ever saying it of so few that
// somebody could be recognised. Every number of members that a person sees goes
// through here. It is a leaf beside language.
package headcount

import (
	"ella/bot/language"
	"ella/bot/message"
)

// Floor is the smallest number of people that is shown as a number.
const Floor = 5

// People is "12 people", or "fewer than 5".
func People(p language.Printer, n int) []message.Span {
	if n < Floor {
		return p.Spans("people.hidden", language.Count("Floor", Floor))
	}
	return p.Plural("people.count", n)
}

// Rough is a number of people rounded down to a multiple of Floor, for what is
// drawn: nothing of a number that is hidden beside it.
func Rough(n int) int { return n - n%Floor }

// About is a number that stands alone and whose parts are shown elsewhere, some
// of them hidden: "at least 40 people", or "fewer than 5".
func About(p language.Printer, n int) []message.Span {
	if n < Floor {
		return People(p, n)
	}
	return p.Plural("people.at-least", Rough(n))
}

// Total sums parts that are shown one by one beside it. Of hidden parts it says
// no more than how many there are: a sum that moved with one of them would give
// it away, a rounded one too.
func Total(p language.Printer, parts ...int) []message.Span {
	shown, hidden := split(parts)
	switch {
	case hidden == 0:
		return People(p, shown)
	case shown == 0:
		return p.Spans("people.hidden", language.Count("Floor", hidden*Floor))
	}
	return p.Plural("people.at-least", shown)
}

// Rest says what is left of a whole when the parts that are shown beside it are
// taken off. Like Total it never moves with a hidden part, so at times it can
// say nothing and is nil.
func Rest(p language.Printer, whole int, parts ...int) []message.Span {
	shown, hidden := split(parts)
	least := Least(whole, parts...)
	switch {
	case hidden == 0 || whole-shown < Floor:
		return People(p, whole-shown)
	case least < Floor:
		return nil
	}
	return p.Plural("people.at-least", least)
}

// Least is how many are left of a whole at least: a hidden part counts as the
// most that it can be.
func Least(whole int, parts ...int) int {
	shown, hidden := split(parts)
	return max(0, whole-shown-hidden*(Floor-1))
}

// split sums the parts that are shown and counts those that are hidden.
func split(parts []int) (shown, hidden int) {
	for _, n := range parts {
		if n < Floor {
			hidden++
		} else {
			shown += n
		}
	}
	return shown, hidden
}
