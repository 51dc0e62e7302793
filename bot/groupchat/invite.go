package groupchat

import (
	"context"
	"errors"
	"strings"
	"time"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// JobInvite is the kind of the job that invites the people of a group chat to write to
// Ella in private; its id is the chat's, a colon, and the id of the member who asked.
const JobInvite = "groupchat.invite"

const (
	verbInvite = "groupchat.invite" // id: chat
	// inviteEvery is how long nobody is invited again in a chat, and inviteTried how long
	// it is tried to write the message.
	inviteEvery = 24 * time.Hour
	inviteTried = time.Hour
)

// Inviting is how far the message is that invites the people of a chat.
type Inviting string

// A crash while it is written leaves Writing: it may stand there, and is not written
// again.
const (
	NotInviting Inviting = ""
	Asked       Inviting = "asked"
	Writing     Inviting = "writing"
)

// invite has the people of a chat invited.
func (r *Room) invite(_ context.Context, t bot.Turn, c Chat, _ string) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	switch {
	case !c.open():
		return r.refuse(p, c, "chats.off")
	case t.Now.Sub(c.Invited) < inviteEvery:
		return r.refuse(p, c, "chats.invited-today")
	}
	var out bot.Outcome
	out.Do(func(ctx context.Context, tx bot.Tx) error {
		return r.Store.Invite(ctx, tx, c.ID, t.Now.Add(-inviteEvery), t.Now)
	})
	out.Do(func(ctx context.Context, tx bot.Tx) error {
		return r.Jobs.Add(ctx, tx, bot.Job{Kind: JobInvite, ID: string(c.ID) + ":" + string(t.Person.Member.ID)})
	})
	out.Say(p.Message(p.Paragraph("chats.inviting", c.called()...)))
	out.Notice = p.Text("notice.saved")
	return out, nil
}

// Invite writes the message, once, and tells whoever asked for it what became of it. It
// is the worker of JobInvite.
func (r *Room) Invite(ctx context.Context, id string) error {
	chat, asker, _ := strings.Cut(id, ":")
	c, err := r.Store.Chat(ctx, bot.GroupChatID(chat))
	if errors.Is(err, bot.ErrNotFound) {
		return nil // disconnected meanwhile
	}
	if err != nil {
		return err
	}
	state, name, err := r.Store.Inviting(ctx, c.ID)
	if err != nil {
		return err
	}
	tell := func(key string, from Inviting, again bool, more ...bot.Change) error {
		return r.invited(context.WithoutCancel(ctx), c, bot.MemberID(asker), key, from, again, more...)
	}
	switch {
	case state == NotInviting:
		return nil
	case state == Writing:
		return tell("chats.invite-unknown", Writing, false)
	case !c.open() || r.Clock.Now().Sub(c.Invited) > inviteTried:
		return tell("chats.invite-failed", Asked, true)
	}
	m, err := r.invitation(ctx, c)
	if err != nil {
		return err
	}
	if err := r.Post(ctx, nil, r.inviting(c, Asked, Writing, false)); err != nil {
		return err
	}
	_, err = r.Direct(ctx, c.Account, bot.Outgoing{Chat: name, Message: m})
	switch bot.SendKindOf(err) {
	case "":
		return tell("chats.invite-done", Writing, false)
	case bot.Unclear:
		return tell("chats.invite-unknown", Writing, false)
	case bot.NotSent, bot.NotYet, bot.Throttled, bot.NoAccess:
		return errors.Join(err, r.Post(context.WithoutCancel(ctx), nil, r.inviting(c, Writing, Asked, false)))
	case bot.Blocked, bot.Gone, bot.Forbidden:
		return tell("chats.invite-failed", Writing, true, func(ctx context.Context, tx bot.Tx) error {
			if err := r.Store.Lose(ctx, tx, c.ID, r.Clock.Now()); err != nil {
				return err
			}
			return r.Jobs.Add(ctx, tx, bot.Job{Kind: JobTell, ID: string(c.ID)})
		})
	}
	return tell("chats.invite-failed", Writing, true)
}

func (r *Room) inviting(c Chat, from, to Inviting, again bool) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error {
		return r.Store.SetInviting(ctx, tx, c.ID, from, to, again)
	}
}

// invited ends it. again: it may be asked for again at once, since nothing was written.
func (r *Room) invited(ctx context.Context, c Chat, asker bot.MemberID, key string, from Inviting, again bool, more ...bot.Change) error {
	var replies []bot.Reply
	m, err := r.Store.Asker(ctx, asker)
	switch {
	case err == nil:
		p := r.Language.For(m.Locale)
		var k message.Keyboard
		k.Add(p.Text("chats.back"), verbChat, string(c.ID), "")
		choices, err := k.Choices()
		if err != nil {
			return err
		}
		replies = append(replies, bot.Reply{To: m.ID, Message: p.Message(p.Paragraph(key, c.called()...), choices)})
	case !errors.Is(err, bot.ErrNotFound):
		return err
	}
	return r.Post(ctx, replies, append([]bot.Change{r.inviting(c, from, NotInviting, again)}, more...)...)
}

// invitation is what everybody in a chat reads, in its languages, with the one button.
func (r *Room) invitation(ctx context.Context, c Chat) (message.Message, error) {
	o, err := r.Store.OrganisationOf(ctx, c)
	if err != nil {
		return message.Message{}, err
	}
	var blocks []message.Block
	for _, locale := range c.Locales {
		blocks = append(blocks, r.Language.For(locale).Paragraph("groupchat.opt-in", language.Words("Organisation", o.Name)))
	}
	p := r.Language.For(c.Locales[0])
	var k message.Keyboard
	k.AddStyled(message.Primary, p.Text("groupchat.start"), verbBegin, string(c.ID), "")
	choices, err := k.Choices()
	return p.Message(append(blocks, choices)...), err
}
