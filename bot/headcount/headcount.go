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

// Rough is a number of people rounded down to a multiple of Floor: for what is
// drawn, and for the rest that is left when other numbers are taken off a known
// whole. An exact rest would give away a number that is hidden beside it.
func Rough(n int) int { return n - n%Floor }

// AtLeast is "at least 40 people", or "fewer than 5".
func AtLeast(p language.Printer, n int) []message.Span {
	if n < Floor {
		return People(p, n)
	}
	return p.Plural("people.at-least", Rough(n))
}

// Total sums parts that are shown one by one beside it. Where one of them is
// hidden, the sum is rough.
func Total(p language.Printer, parts ...int) []message.Span {
	sum, hidden := 0, false
	for _, n := range parts {
		sum += n
		hidden = hidden || n < Floor
	}
	if hidden {
		return AtLeast(p, sum)
	}
	return People(p, sum)
}
