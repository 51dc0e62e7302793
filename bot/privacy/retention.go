package privacy

import (
	"time"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// Kept names something that is kept, and the rule for how long.
type Kept string

// What is kept. The set is closed; each is part of a key of the catalogue.
const (
	Updates     Kept = "updates"     // the marks by which a second delivery is recognised
	Parked      Kept = "parked"      // what could not be understood, for a human to look at
	Replies     Kept = "replies"     // messages on their way, and their marks on the platform
	Invitations Kept = "invitations" // codes that have expired
	Copies      Kept = "copies"      // who was sent which message
	Answers     Kept = "answers"     // who said that they come
	OldAnswers  Kept = "old-answers" // the same, where nobody has said that it is over
	Letters     Kept = "letters"     // complaints and questions that were read
	OldLetters  Kept = "old-letters" // and those that nobody has read
	Drafts      Kept = "drafts"      // messages that were begun and left
	Newcomers   Kept = "newcomers"   // who wrote and never said yes
	Silent      Kept = "silent"      // who has not written for long
	Unreachable Kept = "unreachable" // who has blocked Ella, or is gone
	Roles       Kept = "roles"       // what somebody may do
	Backups     Kept = "backups"     // the operator's
)

const day = 24 * time.Hour

// Rule says how long something is kept. What it is, and why it is kept, stands in
// the catalogue under retention.<Name>.
type Rule struct {
	Name Kept
	// Keep is counted from the last time that it was of use.
	Keep time.Duration
	// Shown rules have a line of their own in what people read; the others are
	// the smaller half of one that has.
	Shown bool
}

// Retention is how long everything is kept. Whoever deletes reads it from here,
// so that what is promised and what is done are one thing.
func Retention() []Rule {
	return []Rule{
		{Copies, 30 * day, true},
		{Answers, 30 * day, true},
		{OldAnswers, 180 * day, false},
		{Letters, 30 * day, true},
		{OldLetters, 180 * day, false},
		{Drafts, 180 * day, true},
		{Replies, 30 * day, true},
		{Parked, 30 * day, true},
		{Updates, 7 * day, true},
		{Invitations, day, true},
		{Roles, 180 * day, true},
		{Newcomers, 30 * day, true},
		{Unreachable, 90 * day, true},
		{Silent, 365 * day, true},
		{Backups, 35 * day, true},
	}
}

// Keep is how long one thing is kept. Of what no rule is about it is nothing.
func Keep(name Kept) time.Duration {
	for _, r := range Retention() {
		if r.Name == name {
			return r.Keep
		}
	}
	return 0
}

// span says a length of time as people do: in days, and in months from half a
// year on.
func span(p language.Printer, d time.Duration) []message.Span {
	if d < 180*day {
		return p.Plural("retention.days", int(d/day))
	}
	return p.Plural("retention.months", int(d/(30*day)))
}

// notice says in plain words what is kept, why, how long, and who can see it.
func (r *Room) notice(t bot.Turn) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	items := [][]message.Span{p.Spans("retention.yourself")}
	for _, rule := range Retention() {
		if rule.Shown {
			items = append(items, p.Spans("retention."+string(rule.Name), language.Spans("Time", span(p, rule.Keep))))
		}
	}
	seen := p.Paragraph("privacy.seen-here")
	if t.Can.Platform != "" {
		seen = p.Paragraph("privacy.seen", language.Words("Platform", t.Can.Platform))
	}
	var k message.Keyboard
	k.Add(p.Text("command.mydata.button"), bot.VerbCommand, "", "mydata")
	k.Add(p.Text("command.forgetme.button"), bot.VerbCommand, "", "forgetme")
	choices, err := k.Choices()
	var out bot.Outcome
	out.Say(p.Message(
		p.Heading("privacy.title"), p.Paragraph("privacy.never"), p.Paragraph("privacy.how-long"), message.List{Items: items},
		p.Heading("privacy.who"), p.Paragraph("privacy.organisers"), seen, p.Paragraph("privacy.sealed"), choices,
	))
	return out, err
}
