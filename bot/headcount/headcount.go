// Package headcount says how many people, without ever saying it of so few that
// somebody could be recognised. Every number of members that a person sees goes
// through here. It is a leaf beside language.
//
// # What is promised
//
// No number below Floor is ever shown, in words or in a picture. Every number
// that is shown is rounded down to a multiple of Floor. And a number that has once
// been shown for a question stands still until what is counted differs by at
// least Floor from what it was when it was last shown anew: whoever asks before
// and after one person came, left or changed their mind is told the same. Count is
// how a room keeps that.
//
// So a number tells how things were when it was last shown anew. By now there may
// be up to four more or fewer.
//
// # What is not
//
// Somebody who knows of everybody else can learn something at the moment when a
// number moves, or is shown for the first time. Questions that differ by a few
// people (near a place, and near the next one) are different questions and stand
// still each for itself; a room therefore offers few, and takes no others from a
// button. The progress of an alert moves while it is sent, so there the last
// promise is not kept, only the first two.
package headcount

import (
	"ella/bot/language"
	"ella/bot/message"
)

// Floor is the smallest number of people that is shown as a number, and the
// smallest difference that anything shown moves by.
const Floor = 5

// People is "at least 10 people", or "fewer than 5".
func People(p language.Printer, n int) []message.Span {
	if n < Floor {
		return p.Spans("people.hidden", language.Count("Floor", Floor))
	}
	return p.Plural("people.at-least", Rough(n))
}

// Rough is a number of people rounded down to a multiple of Floor: what may be
// drawn of it.
func Rough(n int) int { return n - n%Floor }

// Sum adds parts that are shown one by one beside it. Hidden ones are left out: a
// sum that moved with one of them would give it away, a rounded one too.
func Sum(parts ...int) int {
	sum := 0
	for _, n := range parts {
		if n >= Floor {
			sum += n
		}
	}
	return sum
}

// Count is a number of people as it was counted just now, with what was counted
// when it was last shown anew. A room makes it with Of, has its store fill in the
// rest (Recall), shows Shown, and keeps those that are Anew in the unit of work
// that shows them (Keep).
type Count struct {
	// Question names what is counted: the same parts for everybody who may ask
	// it, and no others. They are never shown and stored only as a keyed index.
	Question []string
	Now      int
	// Base is what was counted when the number was last shown anew, if Known.
	Base  int
	Known bool
	// With is set where one person can move the number by more than one, such as
	// how many they all bring: it is shown anew only together with how many people
	// they are. Recall it too.
	With *Count
}

// Of is a number of people that was counted just now, and the question it answers.
func Of(now int, question ...string) *Count { return &Count{Question: question, Now: now} }

// Anew reports whether the number has not been shown before, or differs by so
// many people that it may move.
func (c Count) Anew() bool {
	switch {
	case !c.Known:
		return true
	case c.With != nil:
		return c.With.Anew()
	}
	return c.Now-c.Base >= Floor || c.Base-c.Now >= Floor
}

// Shown is the number that may be shown, with People, and drawn, with Rough.
func (c Count) Shown() int {
	if c.Anew() {
		return c.Now
	}
	return c.Base
}

// Anew are those of some counts that have to be kept if they are shown.
func Anew(counts ...*Count) []*Count {
	var anew []*Count
	for _, c := range counts {
		if c.Anew() {
			anew = append(anew, c)
		}
	}
	return anew
}
