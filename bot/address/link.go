package address

import (
	"context"
	"errors"
	"time"

	"ella/bot"
	"ella/bot/code"
	"ella/bot/language"
	"ella/bot/message"
)

// A code alone joins nobody: whoever has typed it is asked, and then whoever made it.
// Until both have said yes neither learns anything of the other.
//
// Whoever stays is who made the code, and theirs is the last yes. So whoever has a role
// makes the code and types none: nobody can be talked into carrying a role into a chat
// that somebody else made a code in. Where both have one they are not joined: each role
// was given to one of what others took for two people, and two of them decide together.

func ignoreMissing(err error) error {
	if errors.Is(err, bot.ErrNotFound) {
		return nil
	}
	return err
}

// offer explains and gives a code. An earlier one of theirs is void with it.
func (r *Room) offer(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	chats, err := r.Store.Chats(ctx, t.Person.Member.ID)
	if err != nil {
		return bot.Outcome{}, err
	}
	p := r.Language.For(t.Locale)
	var out bot.Outcome
	if len(chats) >= most {
		return out, r.sayChats(&out, p, chats, p.Paragraph("address.full", command("address.full")))
	}
	made, err := code.New(r.Random)
	if err != nil {
		return out, err
	}
	l := Link{ID: r.IDs.New(), Maker: t.Person.Member.ID, MadeAt: t.Person.Address.ID, Expires: t.Now.Add(code.Life)}
	out.Do(func(ctx context.Context, tx bot.Tx) error {
		return r.Store.Offer(ctx, tx, made, l, t.Update.Sender, t.Now)
	})
	blocks := []message.Block{
		message.List{Ordered: true, Items: [][]message.Span{p.Spans("address.what"), p.Spans("address.type"), p.Spans("address.then")}},
		message.Paragraph{Spans: []message.Span{{Kind: message.Command, Text: "/link " + code.Show(made)}}},
	}
	if len(chats) > 1 {
		var k message.Keyboard
		r.chatButtons(p, &k)
		choices, err := k.Choices()
		if err != nil {
			return out, err
		}
		blocks = append(blocks, choices)
	}
	out.Say(p.Message(blocks...))
	return out, nil
}

// typed takes a code. A code has 130 bits, so tries need no counting; of a wrong, a used
// and an old one the answer is the same.
func (r *Room) typed(ctx context.Context, t bot.Turn, text string) (bot.Outcome, error) {
	parsed, ok := code.Parse(text)
	if !ok {
		return r.say(t, "address.no-code")
	}
	l, err := r.Store.Typed(ctx, parsed, t.Now)
	if errors.Is(err, bot.ErrNotFound) {
		return r.say(t, "address.no-code")
	}
	if err != nil {
		return bot.Outcome{}, err
	}
	me := t.Person.Member.ID
	if l.Maker == me {
		if l.MadeAt == t.Person.Address.ID {
			return r.say(t, "address.own-code")
		}
		return r.say(t, "address.already")
	}
	answers, err := r.Store.Answers(ctx, me)
	if err != nil {
		return bot.Outcome{}, err
	}
	if answers {
		return r.say(t, "address.answers")
	}
	// How many the other one has is nothing for this one to learn.
	chats, err := r.Store.Chats(ctx, me)
	if err != nil {
		return bot.Outcome{}, err
	}
	if len(chats) >= most {
		return r.say(t, "address.full")
	}
	l.Other, l.TypedAt, l.Expires = me, t.Person.Address.ID, t.Now.Add(code.Life)
	var out bot.Outcome
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Type(ctx, tx, l, t.Update.Sender, t.Now) })
	return out, r.askOther(&out, t, l.ID)
}

// askOther asks whoever typed the code. A newcomer reads it in the language of the
// platform's hint, as they do all before they have chosen, and can choose.
func (r *Room) askOther(out *bot.Outcome, t bot.Turn, id string) error {
	p := r.Language.For(t.Locale)
	var k message.Keyboard
	k.AddStyled(message.Danger, p.Text("address.yes"), verbYes, id, "")
	k.Add(p.Text("address.no"), verbNo, id, "")
	if t.Person.Member.Locale == "" {
		k.Break().Add(p.Text("command.language.button"), bot.VerbCommand, "", "language")
	}
	choices, err := k.Choices()
	out.Say(p.Message(p.Paragraph("address.ask-here"), p.Paragraph("address.warn"), choices))
	return err
}

// answered takes a yes or no of either side. Whose it is, is seen from who pressed.
func (r *Room) answered(ctx context.Context, t bot.Turn, id string, yes bool) (bot.Outcome, error) {
	l, err := r.Store.Link(ctx, id, t.Now)
	if errors.Is(err, bot.ErrNotFound) {
		return r.edit(t, "address.gone")
	}
	if err != nil {
		return bot.Outcome{}, err
	}
	switch me := t.Person.Member.ID; {
	case l.Answers && (me == l.Maker && l.Asked || me == l.Other):
		return r.otherAnswers(t, l)
	case me == l.Maker && l.Asked && yes:
		return r.join(ctx, t, l)
	case me == l.Maker && l.Asked:
		return r.refuse(t, l, "address.no-harm")
	case me == l.Other && l.Asked && yes:
		return r.edit(t, "address.confirm-there")
	case me == l.Other && !yes:
		return r.refuse(t, l, "address.declined")
	case me == l.Other:
		return r.askMaker(t, l)
	}
	return bot.Outcome{}, bot.ErrNotFound
}

// otherAnswers ends a request whose other side has been given a role since it typed the
// code. The maker learns nothing of that.
func (r *Room) otherAnswers(t bot.Turn, l Link) (bot.Outcome, error) {
	key := "address.answers"
	if t.Person.Member.ID == l.Maker {
		key = "address.gone"
	}
	out, err := r.edit(t, key)
	if key == "address.gone" {
		out.Replies = append(out.Replies, bot.Reply{To: l.Other, Message: sentence(r.reads(l.OtherLocale), "address.answers"), Asked: true})
	}
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Drop(ctx, tx, l.ID) })
	return out, err
}

// refuse ends a request, and tells the other side if it was waiting.
func (r *Room) refuse(t bot.Turn, l Link, key string) (bot.Outcome, error) {
	out, err := r.edit(t, key)
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Drop(ctx, tx, l.ID) })
	if t.Person.Member.ID == l.Maker {
		p := r.reads(l.OtherLocale)
		out.Replies = append(out.Replies, bot.Reply{To: l.Other, Message: sentence(p, "address.refused"), Asked: true})
	}
	return out, err
}

// reads is for whoever is in the other chat. Of a newcomer no language is known.
func (r *Room) reads(locale string) language.Printer {
	return r.Language.For(r.Language.Resolve(locale).Locale)
}

// askMaker asks whoever made the code, which may be lost or stolen: it says from where
// and when, and nothing of who typed it.
func (r *Room) askMaker(t bot.Turn, l Link) (bot.Outcome, error) {
	out, err := r.edit(t, "address.confirm-there")
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Ask(ctx, tx, l, t.Now) })
	p := r.reads(l.MakerLocale)
	at := t.Now
	if zone, err := time.LoadLocation(l.MakerZone); err == nil {
		at = at.In(zone)
	}
	var k message.Keyboard
	k.AddStyled(message.Danger, p.Text("address.was-me"), verbYes, l.ID, "")
	k.Add(p.Text("address.not-me"), verbNo, l.ID, "")
	choices, kerr := k.Choices()
	out.Replies = append(out.Replies, bot.Reply{To: l.Maker, Asked: true, Message: p.Message(
		p.Paragraph("address.ask-maker", r.platform(p, t.Account), language.Time("Time", p.Time(at))), p.Paragraph("address.becomes-one"), choices)})
	return out, errors.Join(err, kerr)
}

// platform names where an account is.
func (r *Room) platform(p language.Printer, id bot.AccountID) language.Value {
	if name := r.Platform(id); name != "" {
		return language.Words("Platform", name)
	}
	return language.Words("Platform", p.Text("address.somewhere"))
}

// join makes one of two, once who made the code has said yes as the last.
func (r *Room) join(ctx context.Context, t bot.Turn, l Link) (bot.Outcome, error) {
	mine, err := r.Store.Chats(ctx, l.Maker)
	if err != nil {
		return bot.Outcome{}, err
	}
	theirs, err := r.Store.Chats(ctx, l.Other)
	if err != nil {
		return bot.Outcome{}, err
	}
	if len(mine)+len(theirs) > most {
		return r.refuse(t, l, "address.full")
	}
	freezing, err := r.Store.Freezing(ctx, l.Maker, l.Other)
	if err != nil {
		return bot.Outcome{}, err
	}
	if freezing {
		return r.say(t, "address.busy")
	}
	out, err := r.edit(t, "address.joined")
	if err != nil {
		return out, err
	}
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Join(ctx, tx, l, t.Now) })
	p := r.Language.For(t.Locale)
	if l.Stopped {
		out.Say(sentence(p, "address.joined-stopped"))
	}
	// From now on both are read in the language of who stays.
	out.Replies = append(out.Replies, bot.Reply{At: l.TypedAt, Message: sentence(p, "address.joined-here")})
	chats := append(mine, theirs...)
	for i := range chats {
		chats[i].Preferred = chats[i].ID == t.Person.Address.ID
	}
	return out, r.sayChats(&out, p, chats, p.Paragraph("address.where-ask"))
}
