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
	Standings   Kept = "standing"    // what stands in a chat and can be taken away
	Replies     Kept = "replies"     // messages on their way, and their marks on the platform
	Invitations Kept = "invitations" // codes that have expired, for roles, group chats, workspaces and links
	GroupChats  Kept = "group-chats" // group chats that Ella was taken out of, and who opted in from them
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
	// Shown rules have a line of their own in what people read. The others are the
	// Most of such a line.
	Shown bool
	// Most is the rule for the same thing when what Keep is counted from never comes.
	Most Kept
}

// Retention is how long everything is kept. Whoever deletes reads it from here,
// so that what is promised and what is done are one thing.
func Retention() []Rule {
	return []Rule{
		{Name: Copies, Keep: 30 * day, Shown: true},
		{Name: Answers, Keep: 30 * day, Shown: true, Most: OldAnswers},
		{Name: OldAnswers, Keep: 180 * day},
		{Name: Letters, Keep: 30 * day, Shown: true, Most: OldLetters},
		{Name: OldLetters, Keep: 180 * day},
		{Name: Drafts, Keep: 180 * day, Shown: true},
		{Name: Standings, Keep: 2 * day, Shown: true},
		{Name: Replies, Keep: 30 * day, Shown: true},
		{Name: Parked, Keep: 30 * day, Shown: true},
		{Name: Updates, Keep: 7 * day, Shown: true},
		{Name: Invitations, Keep: day, Shown: true},
		{Name: GroupChats, Keep: 30 * day, Shown: true},
		{Name: Roles, Keep: 180 * day, Shown: true},
		{Name: Newcomers, Keep: 30 * day, Shown: true},
		{Name: Unreachable, Keep: 90 * day, Shown: true},
		{Name: Silent, Keep: 365 * day, Shown: true},
		{Name: Backups, Keep: 35 * day, Shown: true},
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
		if rule.Name == Standings && t.Can.TakesBack == 0 {
			continue // nothing of it is kept
		}
		if rule.Shown {
			items = append(items, p.Spans("retention."+string(rule.Name),
				language.Spans("Time", span(p, rule.Keep)), language.Spans("Most", span(p, Keep(rule.Most)))))
		}
	}
	seen := p.Paragraph("privacy.seen-here")
	if t.Can.Platform != "" {
		seen = p.Paragraph("privacy.seen", language.Words("Platform", t.Can.Platform))
	}
	var k message.Keyboard
	k.Add(p.Text("command.mydata.button"), bot.VerbCommand, "", "mydata")
	k.Add(p.Text("command.forgetme.button"), bot.VerbCommand, "", "forgetme")
	if t.Person.Member.Consent == 0 {
		// Whoever reads this before saying yes or no comes back to the question.
		k.Break().Add(p.Text("start.button"), bot.VerbCommand, "", "start")
	}
	choices, err := k.Choices()
	var out bot.Outcome
	out.Say(p.Message(
		p.Heading("privacy.title"), p.Paragraph("privacy.never"), p.Paragraph("privacy.how-long"), message.List{Items: items},
		p.Heading("privacy.who"), p.Paragraph("privacy.organisers"), seen, p.Paragraph("privacy.sealed"), choices,
	))
	return out, err
}
