// Package member is the room for the first minute and for what is a person's own:
// their language, their yes to what is stored, whom they hear from, stop and resume,
// and help. It also answers whatever fits nowhere else, so that nobody is left in
// silence.
package member

import (
	"context"
	"time"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// Store is what this room reads and writes.
type Store interface {
	// Organisations are those that a member can agree to hear from, oldest first.
	Organisations(ctx context.Context) ([]bot.Organisation, error)

	SetLanguage(ctx context.Context, tx bot.Tx, id bot.MemberID, locale, speaks string) error
	SetState(ctx context.Context, tx bot.Tx, id bot.MemberID, state bot.MemberState) error
	// Consent notes the yes to a version of the words about what is stored, and the
	// language that they were read in.
	Consent(ctx context.Context, tx bot.Tx, id bot.MemberID, version int, locale string, now time.Time) error
	// Agree and Leave are a member's own yes and no to an organisation; each may be repeated.
	Agree(ctx context.Context, tx bot.Tx, id bot.MemberID, organisation bot.OrganisationID, now time.Time) error
	Leave(ctx context.Context, tx bot.Tx, id bot.MemberID, organisation bot.OrganisationID) error
	// Mute stops messages of one organisation that the member belongs to, or lets
	// them come again.
	Mute(ctx context.Context, tx bot.Tx, id bot.MemberID, organisation bot.OrganisationID, mute bool) error
}

// Room is the member room.
type Room struct {
	Store    Store
	Language *language.Bundle
}

var _ bot.Home = (*Room)(nil)

const (
	verbLanguage = "member.language" // arg: locale
	verbMore     = "member.more"     // arg: how many were shown
	verbOther    = "member.other"
	verbOver     = "member.over"    // start the first minute over
	verbConsent  = "member.consent" // arg: yes|no
	verbAgree    = "member.agree"   // id: organisation, arg: yes|no
	verbWhom     = "member.whom"    // arg: how many organisations were shown
	verbHear     = "member.hear"    // id: organisation: messages from it after all
	verbMute     = "member.mute"    // id: organisation: none from it for now
)

// Name implements bot.Room.
func (*Room) Name() string { return "member" }

// Commands implements bot.Room.
func (*Room) Commands() []bot.Command {
	return []bot.Command{
		{Name: "start", Hidden: true, Early: true},
		{Name: "language", Early: true},
		{Name: "stop", Early: true},
		{Name: "resume", Early: true},
		{Name: "help"},
	}
}

// Command implements bot.Room.
func (r *Room) Command(ctx context.Context, t bot.Turn, name, rest string) (bot.Outcome, error) {
	switch name {
	case "start":
		return r.start(ctx, t, bot.ParseArrival(rest))
	case "language":
		return r.pickLanguage(t, 0, false)
	case "stop":
		return r.stop(ctx, t, rest)
	case "resume":
		return r.resume(ctx, t)
	default:
		return r.help(t)
	}
}

// Press implements bot.Room.
func (r *Room) Press(ctx context.Context, t bot.Turn, v message.Verb) (bot.Outcome, error) {
	switch v.Name {
	case verbLanguage:
		return r.choose(ctx, t, v.Arg)
	case verbMore:
		return r.pickMore(t, v.Arg)
	case verbOther:
		return r.askOther(t)
	case verbOver:
		return r.startOver(t)
	case verbConsent:
		return r.consent(ctx, t, v.Arg)
	}
	if missing(t.Person.Member) {
		return r.goOn(ctx, t)
	}
	organisation := bot.OrganisationID(v.ID)
	switch v.Name {
	case verbWhom:
		return r.moreOrganisations(ctx, t, v.Arg)
	case verbAgree:
		return r.agree(ctx, t, organisation, v.Arg)
	case verbHear:
		return r.hear(ctx, t, organisation)
	case verbMute:
		return r.mute(ctx, t, organisation)
	}
	return bot.Outcome{}, bot.ErrUnknownStep
}

// Step implements bot.Room.
func (r *Room) Step(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	switch {
	case !r.own(t) || t.Step.Version != 1:
		return bot.Outcome{}, bot.ErrUnknownStep
	case t.Step.Name == stepArriving:
		return r.goOn(ctx, t)
	case t.Step.Name == stepCode && t.Update.Kind == bot.TextSent:
		return bot.Outcome{Done: true, Events: []bot.Event{bot.CodeShown{Code: t.Update.Text}}}, nil
	case t.Step.Name != stepOther:
		return bot.Outcome{}, bot.ErrUnknownStep
	case t.Update.Kind != bot.TextSent:
		p := r.Language.For(t.Locale)
		var out bot.Outcome
		out.Say(p.Message(p.Paragraph("language.ask-name")))
		return out, nil
	}
	return r.nameLanguage(ctx, t)
}

// own reports whether the conversation under way is one of this room's. One of
// another room goes on, whatever is chosen here meanwhile.
func (r *Room) own(t bot.Turn) bool { return t.Step != nil && t.Step.Room == r.Name() }

// On implements bot.Room: who stopped and now says yes wants messages again.
func (r *Room) On(_ context.Context, t bot.Turn, e bot.Event) (bot.Outcome, error) {
	var out bot.Outcome
	if yes, ok := e.(bot.SaidYes); ok {
		r.activate(&out, t, yes.Organisation)
	}
	return out, nil
}
