// Package headcount says how many people, without ever saying it of so few that
// somebody could be recognised. Every number of members that a person sees goes
// through here. It is a leaf beside language.
//
// # What is promised
//
// No number below Floor is ever shown, in words or in a picture. Every number
// that is shown is rounded down to a multiple of Floor. And a number that has once
// been shown for a question stands still until what is counted differs by at
// least Floor from what it was when it was last shown anew: whoever asks it before
// and after one person came, left or changed their mind is told the same. Count is
// how a room keeps that.
//
// So a number tells how things were when it was last shown anew. By now there may
// be up to four more or fewer.
//
// One question is not enough: whoever asks about the readers of Arabic near one
// place, and about those near the next place when somebody has come, would be told
// the new number there. So all audiences of an organisation are counted in one
// cohort, its people as they were last counted (bot/alert), and the cohort is made
// anew only when at least Floor people differ from it. Between two such moments no
// question about an audience, or number of questions, tells anything of those who
// differ. Several of them, kept still each for itself as well, tell at most what
// two cohorts do that differ by Floor people or more.
//
// # What is not
//
// When a cohort is made anew, whoever knows of all but one of those who differ,
// because they brought them in themselves, can learn something of the last one:
// that somebody came, and by asking about more audiences, roughly which language,
// place and group. So it is with the answers to an action, when one of its numbers
// moves, or is shown for the first time.
//
// How many hear from an organisation (/people), how many are with a group
// (/mygroup), and the answers to an action are questions of their own, counted as
// things are now, and not in the cohort: asked for the first time just after
// one person came, such a number tells of that person whoever has seen the audience
// before and after. Nor is the progress of an alert: it tells how many were reached
// while it is sent, so there only no number below Floor, and the rounding, is
// promised.
//
// A cohort holds numbers and no ids. Somebody who is forgotten stays in its numbers
// until it is made anew, as in every other number that was shown.
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
