package groupchat

import (
	"context"
	"crypto/hmac"
	"errors"
	"slices"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// Whoever presses the button that stands in a group chat wants to be written to in
// private. It is the only way by which somebody becomes known through a group chat. From
// which chat they came is noted once they have said yes to its organisation.

const (
	verbBegin = "groupchat.begin" // id: chat; pressed in that chat
	verbYes   = "groupchat.yes"   // id: chat, arg: yes|no
)

// beginning is the chat whose button was pressed there, if it may be pressed: not in
// another chat, and not when nothing is connected there any more.
func (r *Room) beginning(ctx context.Context, t bot.Turn) (Chat, bool, error) {
	verb, ok := message.ParseAction(t.Update.Data)
	if !ok || verb.Name != verbBegin || t.Update.Nameless {
		return Chat{}, false, nil
	}
	c, err := r.Store.At(ctx, t.Account, t.Update.Group)
	if errors.Is(err, bot.ErrNotFound) {
		return Chat{}, false, nil
	}
	return c, err == nil && string(c.ID) == verb.ID && c.open(), err
}

// open reports whether a chat is one from which people can opt in.
func (c Chat) open() bool { return c.On && !c.Closed }

// PressInGroup implements bot.PressedInGroup.
func (r *Room) PressInGroup(ctx context.Context, t bot.Turn, v message.Verb) (bot.Outcome, error) {
	if v.Name != verbBegin {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	c, valid, err := r.beginning(ctx, t)
	if err != nil {
		return bot.Outcome{}, err
	}
	if !valid {
		return bot.Outcome{Notice: r.Language.For(t.Locale).Text("notice.old-button")}, nil
	}
	return r.came(ctx, t, c)
}

// fromChat goes on with whoever came from a chat by a link, or has just come through
// the first minute. A link that was handed on begins a conversation like any other, and
// says nothing of the chat: what is meant for its people is for those who pressed there.
func (r *Room) fromChat(ctx context.Context, t bot.Turn, e bot.FromChat) (bot.Outcome, error) {
	c, err := r.Store.Chat(ctx, e.Chat)
	if err == nil && (!c.open() || !hmac.Equal([]byte(e.Pressed), []byte(r.Store.Pressed(t.Account, t.Update.Sender, c.ID)))) {
		err = bot.ErrNotFound
	}
	switch {
	case errors.Is(err, bot.ErrNotFound) && e.New:
		return bot.Outcome{}, nil
	case errors.Is(err, bot.ErrNotFound):
		return r.plain(t, "link.gone")
	case err != nil:
		return bot.Outcome{}, err
	case e.New && t.Person.Belongs(c.Group.Organisation):
		return r.note(t, c), nil
	}
	return r.came(ctx, t, c)
}

// came notes from which chat somebody came who hears from its organisation, and asks
// anybody else whether they want to.
func (r *Room) came(ctx context.Context, t bot.Turn, c Chat) (bot.Outcome, error) {
	hears := t.Person.Belongs(c.Group.Organisation) && !slices.Contains(t.Person.Muted, c.Group.Organisation) && t.Person.Member.State == bot.Active
	if !hears {
		return r.askYes(ctx, t, c)
	}
	before, err := r.Store.OptedIn(ctx, t.Person.Member.ID, c.ID)
	if err != nil {
		return bot.Outcome{}, err
	}
	if before {
		return bot.Outcome{Notice: r.Language.For(t.Locale).Text("groupchat.noted")}, nil
	}
	return r.note(t, c), nil
}

// note notes it and says so, with the way to undo it.
func (r *Room) note(t bot.Turn, c Chat) bot.Outcome {
	p := r.Language.For(t.Locale)
	member := t.Person.Member.ID
	out := bot.Outcome{Notice: p.Text("groupchat.noted")}
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.OptIn(ctx, tx, member, c.ID, t.Now) })
	out.Say(p.Message(p.Paragraph("chats.opted-in", language.Words("Group", c.Group.Name), language.Command("Command", "/mydata"))))
	return out
}

// askYes asks whether the organisation may write. Asked again it is the same message.
func (r *Room) askYes(ctx context.Context, t bot.Turn, c Chat) (bot.Outcome, error) {
	o, err := r.Store.OrganisationOf(ctx, c)
	if err != nil {
		return bot.Outcome{}, err
	}
	p := r.Language.For(t.Locale)
	var k message.Keyboard
	k.AddStyled(message.Primary, p.Text("agree.yes"), verbYes, string(c.ID), "yes")
	k.Add(p.Text("agree.no"), verbYes, string(c.ID), "no")
	choices, err := k.Choices()
	asked := p.Message(p.Paragraph("agree.ask", language.Words("Organisation", o.Name)), choices)
	return bot.Outcome{
		Notice:  p.Text("groupchat.begun"),
		Replies: []bot.Reply{{Message: asked, Topic: "groupchat-ask:" + string(c.ID), Replace: true}},
	}, err
}

// gone forgets that somebody opted in from a chat that they are not in any more. Of whom
// Ella does not know, nothing was noted.
func (r *Room) gone(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	var out bot.Outcome
	member := t.Person.Member.ID
	if member == "" {
		return out, nil
	}
	chats, err := r.Store.Within(ctx, t.Account, t.Update.Group)
	for _, c := range chats {
		out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.UndoChat(ctx, tx, member, c.ID) })
	}
	return out, err
}

// yes takes the answer.
func (r *Room) yes(ctx context.Context, t bot.Turn, v message.Verb) (bot.Outcome, error) {
	c, err := r.Store.Chat(ctx, bot.GroupChatID(v.ID))
	if err != nil {
		return bot.Outcome{}, err
	}
	p := r.Language.For(t.Locale)
	var out bot.Outcome
	switch {
	case v.Arg == "no":
		out.Say(p.Message(p.Paragraph("agree.declined")))
		return out, nil
	case v.Arg != "yes":
		return out, bot.ErrUnknownStep
	case !c.open():
		return out, bot.ErrNotFound
	}
	o, err := r.Store.OrganisationOf(ctx, c)
	if err != nil {
		return bot.Outcome{}, err
	}
	member := t.Person.Member.ID
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Agree(ctx, tx, member, o.ID, t.Now) })
	out.Events = append(out.Events, bot.SaidYes{Organisation: o.ID})
	out.Say(p.Message(p.Paragraph("agree.thanks", language.Words("Organisation", o.Name))))
	out.Add(r.note(t, c))
	out.Notice = p.Text("notice.saved")
	return out, nil
}
