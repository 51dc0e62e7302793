package groupchat

import (
	"context"
	"errors"

	"ella/bot"
	"ella/bot/message"
)

// JobTell is the kind of the job that tells those who answer for a group chat that it
// is off, or on again; its id is the chat's.
const JobTell = "groupchat.tell"

// left turns off what is connected in a chat that Ella was taken out of.
func (r *Room) left(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	chats, err := r.Store.Within(ctx, t.Account, t.Update.Group)
	if err != nil {
		return bot.Outcome{}, err
	}
	var out bot.Outcome
	for _, c := range chats {
		if c.On {
			r.turn(&out, t, c, false)
		}
	}
	return out, nil
}

// joined turns it on again when she is brought back. Those who were told that it was
// off are told: else they would take it to be off. Where nothing is connected she says
// who she is.
func (r *Room) joined(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	chats, err := r.Store.Within(ctx, t.Account, t.Update.Group)
	if err != nil {
		return bot.Outcome{}, err
	}
	if len(chats) == 0 {
		return r.hello(t), nil
	}
	var out bot.Outcome
	for _, c := range chats {
		if !c.On {
			r.turn(&out, t, c, true)
			if !c.Closed && r.quiet.may(t, "connected") {
				out.Aloud = r.announce(t, c)
			}
		}
	}
	return out, nil
}

// turn has those who answer for a chat told in a while: whoever takes Ella out and
// brings her back again and again makes nobody's phone ring. Who has not been told of
// the change before this one knows how things stand now.
func (r *Room) turn(out *bot.Outcome, t bot.Turn, c Chat, on bool) {
	told := !c.Told
	out.Do(func(ctx context.Context, tx bot.Tx) error {
		if err := r.Store.Turn(ctx, tx, c, on, told, t.Now); err != nil || told {
			return err
		}
		return r.Jobs.Add(ctx, tx, bot.Job{Kind: JobTell, ID: string(c.ID), At: t.Now.Add(between)})
	})
}

// moved gives a chat the name that the platform has for it now.
func (r *Room) moved(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	chats, err := r.Store.Within(ctx, t.Account, t.Update.Group)
	if err != nil || len(chats) == 0 || t.Update.NewGroup == "" {
		return bot.Outcome{}, err
	}
	var out bot.Outcome
	out.Do(func(ctx context.Context, tx bot.Tx) error {
		return r.Store.Move(ctx, tx, t.Account, t.Update.Group, t.Update.NewGroup, t.Now)
	})
	return out, nil
}

// Tell tells them, once. It is the worker of JobTell.
func (r *Room) Tell(ctx context.Context, id string) error {
	c, err := r.Store.Chat(ctx, bot.GroupChatID(id))
	if errors.Is(err, bot.ErrNotFound) || err == nil && c.Told {
		return nil
	}
	if err != nil {
		return err
	}
	key := "chats.lost"
	if c.On {
		key = "chats.on-again"
	}
	var out bot.Outcome
	if err := r.tell(ctx, &out, c, key, ""); err != nil {
		return err
	}
	return r.Post(ctx, out.Replies, func(ctx context.Context, tx bot.Tx) error {
		return r.Store.Turn(ctx, tx, c, c.On, true, r.Clock.Now())
	})
}

// tellOthers tells those who answer for a chat, but for whoever did it.
func (r *Room) tellOthers(ctx context.Context, out *bot.Outcome, t bot.Turn, c Chat, key string) error {
	return r.tell(ctx, out, c, key, t.Person.Member.ID)
}

func (r *Room) tell(ctx context.Context, out *bot.Outcome, c Chat, key string, but bot.MemberID) error {
	keepers, err := r.Store.Keepers(ctx, c)
	if err != nil {
		return err
	}
	for _, m := range keepers {
		if m.ID == but {
			continue
		}
		p := r.Language.For(m.Locale)
		var k message.Keyboard
		k.Add(p.Text("chats.see"), verbGroup, string(c.Group.ID), "")
		choices, err := k.Choices()
		if err != nil {
			return err
		}
		out.Replies = append(out.Replies, bot.Reply{To: m.ID, Message: p.Message(p.Paragraph(key, c.called()...), choices)})
	}
	return nil
}
