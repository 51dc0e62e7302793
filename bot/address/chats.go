package address

import (
	"context"
	"errors"
	"slices"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// name is how chats are told apart: by their platforms, and by a number where several are
// on one. It never shows what the platform calls them.
func name(p language.Printer, platform func(bot.AccountID) string, chats []Chat, id bot.AddressID) string {
	called := func(c Chat) string {
		if of := platform(c.Account); of != "" {
			return of
		}
		return p.Text("address.somewhere")
	}
	at := slices.IndexFunc(chats, func(c Chat) bool { return c.ID == id })
	if at < 0 {
		return ""
	}
	number, alike := 1, 0
	for i, c := range chats {
		if called(c) != called(chats[at]) {
			continue
		}
		alike++
		if i < at {
			number++
		}
	}
	if alike == 1 {
		return called(chats[at])
	}
	return called(chats[at]) + " " + p.Number(number)
}

func (r *Room) named(p language.Printer, chats []Chat, id bot.AddressID) string {
	return name(p, r.Platform, chats, id)
}

// sayChats says something, lists the chats with where messages come, and has a button
// for each other one.
func (r *Room) sayChats(out *bot.Outcome, p language.Printer, chats []Chat, about message.Block) error {
	var items [][]message.Span
	var k message.Keyboard
	for _, c := range chats {
		called := r.named(p, chats, c.ID)
		key := "address.chat"
		switch {
		case c.Off:
			key = "address.chat-off"
		case c.Preferred:
			key = "address.chat-preferred"
		}
		items = append(items, p.Spans(key, language.Words("Chat", called)))
		if !c.Preferred && !c.Off {
			k.Break().Add(p.Text("address.prefer", language.Words("Chat", called)), verbPrefer, string(c.ID), "")
		}
	}
	k.Break().Add(p.Text("address.unlink"), bot.VerbCommand, "", "unlink")
	choices, err := k.Choices()
	out.Say(p.Message(about, message.List{Items: items}, choices))
	return err
}

// chatButtons lead to what can be done with several chats.
func (r *Room) chatButtons(p language.Printer, k *message.Keyboard) {
	k.Add(p.Text("address.where"), bot.VerbWhere, "", "")
	k.Break().Add(p.Text("address.unlink"), bot.VerbCommand, "", "unlink")
}

// where shows the chats.
func (r *Room) where(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	chats, err := r.Store.Chats(ctx, t.Person.Member.ID)
	if err != nil {
		return bot.Outcome{}, err
	}
	if len(chats) < 2 {
		return r.say(t, "address.only")
	}
	p := r.Language.For(t.Locale)
	var out bot.Outcome
	return out, r.sayChats(&out, p, chats, p.Paragraph("address.where-ask"))
}

// prefer has messages come to one of the chats.
func (r *Room) prefer(ctx context.Context, t bot.Turn, id bot.AddressID) (bot.Outcome, error) {
	chats, err := r.Store.Chats(ctx, t.Person.Member.ID)
	if err != nil {
		return bot.Outcome{}, err
	}
	if !slices.ContainsFunc(chats, func(c Chat) bool { return c.ID == id }) {
		return bot.Outcome{}, bot.ErrNotFound
	}
	p := r.Language.For(t.Locale)
	out, err := r.edit(t, "address.preferred", language.Words("Chat", r.named(p, chats, id)))
	out.Notice = p.Text("notice.saved")
	out.Do(func(ctx context.Context, tx bot.Tx) error {
		return r.Store.Prefer(ctx, tx, t.Person.Member.ID, id, t.Now)
	})
	return out, err
}

// unlink asks which chat is to be on its own again.
func (r *Room) unlink(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	chats, err := r.Store.Chats(ctx, t.Person.Member.ID)
	if err != nil {
		return bot.Outcome{}, err
	}
	if len(chats) < 2 {
		return r.say(t, "address.only")
	}
	p := r.Language.For(t.Locale)
	var k message.Keyboard
	for _, c := range chats {
		key := "address.part"
		if c.ID == t.Person.Address.ID {
			key = "address.part-this"
		}
		k.Break().Add(p.Text(key, language.Words("Chat", r.named(p, chats, c.ID))), verbPart, string(c.ID), "")
	}
	k.Break().Add(p.Text("address.keep"), verbStay, "", "")
	choices, err := k.Choices()
	var out bot.Outcome
	out.Say(p.Message(p.Paragraph("address.which"), choices))
	return out, err
}

// part says what stays where and asks once more, and then takes a chat out.
func (r *Room) part(ctx context.Context, t bot.Turn, id bot.AddressID, sure bool) (bot.Outcome, error) {
	me := t.Person.Member.ID
	chats, err := r.Store.Chats(ctx, me)
	if err != nil {
		return bot.Outcome{}, err
	}
	if len(chats) < 2 || !slices.ContainsFunc(chats, func(c Chat) bool { return c.ID == id }) {
		return r.edit(t, "address.parted-before")
	}
	p := r.Language.For(t.Locale)
	called := language.Words("Chat", r.named(p, chats, id))
	if !sure {
		var k message.Keyboard
		k.AddStyled(message.Danger, p.Text("address.part-yes"), verbParted, string(id), "")
		k.Add(p.Text("address.keep"), verbStay, "", "")
		choices, err := k.Choices()
		out, eerr := r.edit(t, "address.part-ask", called)
		out.Replies[0].Message = p.Message(p.Paragraph("address.part-ask", called), p.Paragraph("address.part-stays"), choices)
		return out, errors.Join(err, eerr)
	}
	freezing, err := r.Store.Freezing(ctx, me, me)
	if err != nil {
		return bot.Outcome{}, err
	}
	if freezing {
		return r.say(t, "address.busy")
	}
	as := bot.MemberID(r.IDs.New())
	out, err := r.edit(t, "address.parted", called)
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Part(ctx, tx, me, id, as) })
	for _, c := range chats {
		if c.ID == t.Person.Address.ID {
			continue
		}
		// The chat that is on its own now is the new member's.
		reply := bot.Reply{At: c.ID, Message: sentence(p, "address.parted", called)}
		if c.ID == id {
			reply = bot.Reply{To: as, Message: sentence(p, "address.parted-here"), Asked: true}
		}
		out.Replies = append(out.Replies, reply)
	}
	return out, err
}
