package role

import (
	"context"
	"errors"

	"ella/bot"
	"ella/bot/code"
	"ella/bot/language"
	"ella/bot/message"
)

func (r *Room) askCode(t bot.Turn) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	var out bot.Outcome
	out.Say(p.Message(p.Paragraph("join.ask")))
	out.Next = bot.NewStep(r.Name(), stepCode, nil)
	return out, nil
}

// join says what a code would give, and asks. The code itself is not needed any
// more after that: it stays in nobody's button.
func (r *Room) join(ctx context.Context, t bot.Turn, text string) (bot.Outcome, error) {
	if text == "" {
		return r.askCode(t)
	}
	typed, ok := code.Parse(text)
	if !ok {
		return r.noSuchCode(t)
	}
	i, err := r.Store.Invitation(ctx, typed, t.Now)
	if errors.Is(err, bot.ErrNotFound) {
		return r.noSuchCode(t)
	}
	if err != nil {
		return bot.Outcome{}, err
	}
	if i.of(t.Person.Member.ID) {
		return r.ownCode(t)
	}
	p := r.Language.For(t.Locale)
	var k message.Keyboard
	k.AddStyled(message.Primary, p.Text("join.yes"), verbYes, i.ID, "")
	k.Add(p.Text("join.no"), verbNo, i.ID, "")
	choices, err := k.Choices()
	var out bot.Outcome
	out.Done = r.own(t)
	out.Say(p.Message(
		p.Paragraph("join.offer."+string(i.Kind), language.Words("Organisation", i.Organisation.Name), language.Words("Group", i.GroupName)),
		p.Paragraph("join.want"), choices))
	return out, err
}

// noSuchCode is the answer to a wrong, a used, an expired and a foreign code: told
// apart, it would say which codes there are.
func (r *Room) noSuchCode(t bot.Turn) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	var out bot.Outcome
	out.Done = r.own(t)
	return out, sayWithHelp(&out, p, p.Paragraph("join.unknown"))
}

// of reports whether a member made the code themselves. What it takes two people for
// is not done by one with a code.
func (i Invitation) of(member bot.MemberID) bool { return i.Inviter != "" && i.Inviter == member }

// ownCode leaves the code as it is, for whom it was made.
func (r *Room) ownCode(t bot.Turn) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	var out bot.Outcome
	out.Done = r.own(t)
	return out, sayWithHelp(&out, p, p.Paragraph("join.yours"))
}

func (r *Room) decline(t bot.Turn) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	var out bot.Outcome
	return out, sayWithHelp(&out, p, p.Paragraph("join.declined"))
}

// accept takes the newcomer's yes. A leader's role is on with it, and so is one
// that was invited to from the command line; an organiser's waits for a second.
func (r *Room) accept(ctx context.Context, t bot.Turn, id string) (bot.Outcome, error) {
	i, err := r.Store.InvitationByID(ctx, id, t.Now)
	if errors.Is(err, bot.ErrNotFound) {
		return r.noSuchCode(t)
	}
	if err != nil {
		return bot.Outcome{}, err
	}
	if i.of(t.Person.Member.ID) {
		return r.ownCode(t)
	}
	o, err := r.Store.Roster(ctx, i.Organisation.ID, t.Now)
	if errors.Is(err, bot.ErrNotFound) || o.Paused {
		return r.noSuchCode(t)
	}
	if err != nil {
		return bot.Outcome{}, err
	}
	p := r.Language.For(t.Locale)
	member := t.Person.Member.ID
	given := Role{
		Role: bot.Role{
			ID: bot.RoleID(r.IDs.New()), Kind: i.Kind, Number: o.next(i.Kind), Organisation: o.Organisation.ID, Group: i.Group,
		},
		State: On, Holder: member, Locale: t.Locale, GroupName: i.GroupName, InvitedBy: i.By,
	}
	second := i.Kind == bot.Organiser && i.By != ""
	for _, held := range o.held(member, i.Kind, i.Group) {
		var out bot.Outcome
		switch {
		case held.State == On:
			return out, sayWithHelp(&out, p, heading(p, held), of(p, o.Organisation), p.Paragraph("join.have"))
		case held.State != Asked && i.By != "" && !second:
			// One organiser's code must not undo what takes two to undo.
			return out, sayWithHelp(&out, p, heading(p, held), of(p, o.Organisation), p.Paragraph("join.suspended"))
		}
		given.Number = held.Number // it is known by that number already
	}
	var out bot.Outcome
	out.Events = append(out.Events, bot.SaidYes{Organisation: o.Organisation.ID})
	r.hold(&out, o, i.By)
	if second {
		given.State = Asked
		if given.Check, err = newNumber(r.Random); err != nil {
			return bot.Outcome{}, err
		}
	}
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Accept(ctx, tx, id, given, t.Now) })
	if second {
		return out, r.askSecond(&out, p, o, given)
	}
	if err := r.welcome(&out, o.Organisation, given); err != nil {
		return bot.Outcome{}, err
	}
	return out, r.tellAccepted(&out, o, given)
}

// tellAccepted tells whoever gave the code that it was used. Of a new organiser from
// the command line, and of whoever reads complaints from now on, all others are told:
// a role that nobody expects is soon noticed.
func (r *Room) tellAccepted(out *bot.Outcome, o Roster, given Role) error {
	switchOff := func(p language.Printer, k *message.Keyboard) {
		k.AddStyled(message.Danger, p.Text("role.suspend"), verbSuspend, string(given.ID), "")
	}
	inviter, invited := o.Role(given.InvitedBy)
	if invited {
		if err := r.tell(out, o.Organisation, given, []Role{inviter}, "join.used", switchOff); err != nil {
			return err
		}
	}
	others := o.organisers(given.Holder, inviter.Holder)
	switch given.Kind {
	case bot.Organiser:
		return r.tell(out, o.Organisation, given, others, "join.named", switchOff)
	case bot.Guardian:
		return r.tell(out, o.Organisation, given, others, "join.announced", switchOff)
	}
	return nil
}

// welcome tells the holder of a role that it is on, what it is called, and what
// that is good for.
func (r *Room) welcome(out *bot.Outcome, o bot.Organisation, given Role) error {
	p := r.Language.For(given.Locale)
	called := language.Spans("Role", name(p, given.Role))
	var k message.Keyboard
	k.Add(p.Text("command.help.button"), bot.VerbCommand, "", "help").Add(p.Text("role.resign"), verbResign, string(given.ID), "")
	choices, err := k.Choices()
	out.Replies = append(out.Replies, bot.Reply{To: given.Holder, Message: p.Message(
		p.Paragraph("join."+string(given.Kind), language.Words("Organisation", o.Name), language.Words("Group", given.GroupName)),
		p.Paragraph("join.number", called), choices)})
	return err
}
