package groupchat

import (
	"context"
	"errors"
	"strings"

	"ella/bot"
	"ella/bot/code"
	"ella/bot/message"
)

// linkMark begins the payload of a link that brings Ella into a group chat with a code.
const linkMark = "c"

// offer makes a code for a group. It works for whoever made it and for nobody else:
// once it is written in a group chat, everybody there has read it.
func (r *Room) offer(ctx context.Context, t bot.Turn, g Group) (bot.Outcome, error) {
	chats, err := r.Store.Chats(ctx, g.ID)
	if err != nil {
		return bot.Outcome{}, err
	}
	if len(chats) >= most {
		return r.card(ctx, t, g)
	}
	made, err := code.New(r.Random)
	if err != nil {
		return bot.Outcome{}, err
	}
	p := r.Language.For(t.Locale)
	var out bot.Outcome
	out.Do(func(ctx context.Context, tx bot.Tx) error {
		return r.Store.Offer(ctx, tx, made, Code{Member: t.Person.Member.ID, Group: g}, t.Now, t.Now.Add(code.Life))
	})
	bring := [][]message.Span{p.Spans("chats.add"), p.Spans("chats.soon")}
	if t.Can.GroupLink != "" {
		bring = [][]message.Span{p.Spans("chats.bring"), p.Spans("chats.write"), p.Spans("chats.soon")}
	}
	blocks := []message.Block{
		message.Heading{Spans: []message.Span{{Kind: message.Words, Text: g.Name}}},
		message.List{Ordered: true, Items: bring},
		message.Paragraph{Spans: []message.Span{{Kind: message.Command, Text: "/connect " + code.Show(made)}}},
	}
	if t.Can.GroupLink != "" {
		link := strings.Replace(t.Can.GroupLink, "{}", linkMark+made, 1)
		blocks = append(blocks, message.LinkButton{Link: message.Link{Label: p.Text("chats.bring-button"), URL: link}})
	}
	out.Say(p.Message(blocks...))
	return out, nil
}

// elsewhere answers the command where it means nothing.
func (r *Room) elsewhere(t bot.Turn) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	var k message.Keyboard
	k.Add(p.Text("command.chats.button"), bot.VerbCommand, "", "chats")
	choices, err := k.Choices()
	var out bot.Outcome
	out.Say(p.Message(p.Paragraph("chats.write-there"), choices))
	return out, err
}

// connect connects the chat in which a code was written, if whoever wrote it made it
// and still answers for the group. A code has 130 bits and serves nobody but its
// maker, so tries need no counting; how often they are answered is bounded.
func (r *Room) connect(ctx context.Context, t bot.Turn, typed string) (bot.Outcome, error) {
	if t.Update.Nameless {
		return r.briefly(ctx, t, "groupchat.nameless")
	}
	parsed, ok := code.Parse(typed)
	if !ok || t.Person.Member.ID == "" {
		return r.briefly(ctx, t, "groupchat.wrong-code")
	}
	c, err := r.Store.Code(ctx, parsed, t.Now)
	if errors.Is(err, bot.ErrNotFound) {
		return r.briefly(ctx, t, "groupchat.wrong-code")
	}
	if err != nil {
		return bot.Outcome{}, err
	}
	role, may := answersFor(t.Person, c.Group)
	if c.Member != t.Person.Member.ID || !may {
		return r.briefly(ctx, t, "groupchat.wrong-code")
	}
	var out bot.Outcome
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Use(ctx, tx, parsed, c, t.Now) })
	before, err := r.Store.At(ctx, t.Account, t.Update.Group)
	switch {
	case errors.Is(err, bot.ErrNotFound):
		return r.connectAnew(ctx, t, out, c.Group, role)
	case err != nil:
		return bot.Outcome{}, err
	case before.Group.ID == c.Group.ID:
		on := before
		on.On = true
		out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Turn(ctx, tx, before, true, true, t.Now) })
		return r.connected(ctx, t, out, on)
	}
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Disconnect(ctx, tx, before.ID) })
	if err := r.tellOthers(ctx, &out, t, before, "chats.taken"); err != nil {
		return bot.Outcome{}, err
	}
	return r.connectAnew(ctx, t, out, c.Group, role)
}

// connectAnew goes on with an outcome in which the code is used up and the chat free.
func (r *Room) connectAnew(ctx context.Context, t bot.Turn, out bot.Outcome, g Group, role bot.RoleID) (bot.Outcome, error) {
	others, err := r.Store.Chats(ctx, g.ID)
	if err != nil {
		return bot.Outcome{}, err
	}
	if len(others) >= most {
		return r.briefly(ctx, t, "groupchat.wrong-code")
	}
	c := Chat{
		ID: bot.GroupChatID(r.IDs.New()), Group: g, Account: t.Account, Number: 1, Locales: []string{r.Language.For(t.Locale).Locale()}, On: true, Told: true,
	}
	for _, other := range others {
		c.Number = max(c.Number, other.Number+1)
	}
	out.Do(func(ctx context.Context, tx bot.Tx) error {
		return r.Store.Connect(ctx, tx, c, t.Update.Group, role, t.Now)
	})
	return r.connected(ctx, t, out, c)
}

// connected says so in the chat, and goes on in private with whoever did it.
func (r *Room) connected(ctx context.Context, t bot.Turn, out bot.Outcome, c Chat) (bot.Outcome, error) {
	out.Aloud = r.announce(t, c)
	p := r.Language.For(t.Locale)
	out.Say(p.Message(p.Paragraph("chats.connected", c.called()...)))
	reply, err := r.chat(p, c)
	if err != nil {
		return bot.Outcome{}, err
	}
	out.Replies = append(out.Replies, reply)
	return out, r.tellOthers(ctx, &out, t, c, "chats.connected-others")
}
