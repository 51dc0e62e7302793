// Package member is the room for the first minute and for what is a person's
// own: their language, whom they hear from, stop and resume, help, and joining
// with a code. It also answers whatever fits nowhere else, so that nobody is
// left in silence.
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
	// Invite finds an unused, unexpired code. bot.ErrNotFound for any other:
	// wrong, used and expired codes are told apart by nobody.
	Invite(ctx context.Context, code string, now time.Time) (Invite, error)

	SetLanguage(ctx context.Context, tx bot.Tx, id bot.MemberID, locale, speaks string) error
	SetState(ctx context.Context, tx bot.Tx, id bot.MemberID, state bot.MemberState) error
	// Agree and Leave are a member's own yes and no to an organisation; each may be repeated.
	Agree(ctx context.Context, tx bot.Tx, id bot.MemberID, organisation bot.OrganisationID, now time.Time) error
	Leave(ctx context.Context, tx bot.Tx, id bot.MemberID, organisation bot.OrganisationID) error
	// Redeem uses a code up and gives its role. bot.ErrConflict when somebody
	// was faster, or it has expired meanwhile.
	Redeem(ctx context.Context, tx bot.Tx, code string, id bot.MemberID, now time.Time) error
}

// Invite is what a code gives.
type Invite struct {
	Organisation bot.Organisation
	Kind         bot.RoleKind
	// GroupName is set for leaders.
	GroupName string
}

// Room is the member room.
type Room struct {
	Store    Store
	Language *language.Bundle
}

var _ bot.Home = (*Room)(nil)

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
		{Name: "join", Hidden: true, Early: true},
	}
}

// Command implements bot.Room.
func (r *Room) Command(ctx context.Context, t bot.Turn, name, rest string) (bot.Outcome, error) {
	switch name {
	case "start":
		return r.start(t)
	case "language":
		return r.pickLanguage(t, 0, false)
	case "stop":
		return r.stop(t)
	case "resume":
		return r.resume(ctx, t)
	case "join":
		return r.join(ctx, t, rest)
	default:
		return r.help(t)
	}
}

// Press implements bot.Room.
func (r *Room) Press(ctx context.Context, t bot.Turn, v message.Verb) (bot.Outcome, error) {
	switch v.Name {
	case verbLanguage:
		return r.choose(ctx, t, v.Arg)
	case verbWhom:
		return r.moreOrganisations(ctx, t, v.Arg)
	case verbMore:
		return r.pickMore(t, v.Arg)
	case verbOther:
		return r.askOther(t)
	case verbAgree:
		return r.agree(ctx, t, bot.OrganisationID(v.ID), v.Arg)
	}
	return bot.Outcome{}, bot.ErrUnknownStep
}

// Step implements bot.Room.
func (r *Room) Step(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	question, ok := r.question(t)
	switch {
	case !ok:
		return bot.Outcome{}, bot.ErrUnknownStep
	case t.Update.Kind != bot.TextSent:
		p := r.Language.For(t.Locale)
		var out bot.Outcome
		out.Say(p.Message(p.Paragraph(question)))
		return out, nil
	case t.Step.Name == stepCode:
		return r.join(ctx, t, t.Update.Text)
	}
	return r.nameLanguage(ctx, t)
}

// question is what this room has asked and waits for, if it does.
func (r *Room) question(t bot.Turn) (key string, ok bool) {
	if !r.own(t) || t.Step.Version != 1 {
		return "", false
	}
	key, ok = map[string]string{stepOther: "language.ask-name", stepCode: "join.ask"}[t.Step.Name]
	return key, ok
}

// own reports whether the conversation under way is one of this room's. One of
// another room goes on, whatever is chosen here meanwhile.
func (r *Room) own(t bot.Turn) bool { return t.Step != nil && t.Step.Room == r.Name() }

// On implements bot.Room: who stopped and now says yes wants messages again.
func (r *Room) On(_ context.Context, t bot.Turn, e bot.Event) (bot.Outcome, error) {
	var out bot.Outcome
	if _, ok := e.(bot.SaidYes); ok && t.Person.Member.State == bot.Stopped {
		r.activate(&out, t)
	}
	return out, nil
}

func (r *Room) activate(out *bot.Outcome, t bot.Turn) {
	id := t.Person.Member.ID
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.SetState(ctx, tx, id, bot.Active) })
}

// start greets. Whoever has no language yet picks one; whoever has one is shown
// the way on.
func (r *Room) start(t bot.Turn) (bot.Outcome, error) {
	if t.Person.Member.Locale == "" {
		return r.pickLanguage(t, 0, true)
	}
	p := r.Language.For(t.Locale)
	var out bot.Outcome
	out.Done = true
	err := r.sayWithMenu(&out, t, p.Paragraph("start.again"))
	return out, err
}

// sayWithMenu says something and shows what can be done next.
func (r *Room) sayWithMenu(out *bot.Outcome, t bot.Turn, blocks ...message.Block) error {
	p := r.Language.For(t.Locale)
	menu, err := r.menu(t)
	if err != nil {
		return err
	}
	if len(menu.Rows) > 0 {
		blocks = append(blocks, menu)
	}
	out.Say(p.Message(blocks...))
	return nil
}

// menu is a button for every command that this person may use, two in a row.
func (r *Room) menu(t bot.Turn) (message.Choices, error) {
	p := r.Language.For(t.Locale)
	var k message.Keyboard
	n := 0
	for _, c := range t.Commands {
		if c.Hidden || c.Aside || c.Name == "help" || c.Name == absent(t.Person.Member.State) {
			continue
		}
		if n%2 == 0 {
			k.Break()
		}
		k.Add(p.Text("command."+c.Name+".button"), bot.VerbCommand, "", c.Name)
		n++
	}
	return k.Choices()
}

// absent is the command that makes no sense in a state.
func absent(state bot.MemberState) string {
	if state == bot.Stopped {
		return "stop"
	}
	return "resume"
}
