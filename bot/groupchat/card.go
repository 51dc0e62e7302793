package groupchat

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// list shows the groups that somebody answers for; of a single one its chats at once.
func (r *Room) list(ctx context.Context, t bot.Turn, from int) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	if !t.Can.GroupChats {
		return r.plain(t, "chats.not-here")
	}
	groups, err := r.groups(ctx, t.Person)
	if err != nil {
		return bot.Outcome{}, err
	}
	switch len(groups) {
	case 0:
		return r.plain(t, "chats.no-group")
	case 1:
		return r.card(ctx, t, groups[0])
	}
	if from < 0 || from >= len(groups) {
		from = 0
	}
	to := min(from+page, len(groups))
	var k message.Keyboard
	for _, g := range groups[from:to] {
		k.Break().Add(g.Name, verbGroup, string(g.ID), "")
	}
	if len(groups) > page {
		k.Break().Add(p.Text("chats.more"), verbList, "", strconv.Itoa(to%len(groups)))
	}
	choices, err := k.Choices()
	var out bot.Outcome
	out.Say(p.Message(p.Paragraph("chats.which"), choices))
	return out, err
}

func (r *Room) more(ctx context.Context, t bot.Turn, arg string) (bot.Outcome, error) {
	from, err := strconv.Atoi(arg)
	if err != nil {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	if !t.Person.Has(bot.Organiser) && !t.Person.Has(bot.Leader) {
		return bot.Outcome{}, bot.ErrNotFound
	}
	return r.list(ctx, t, from)
}

// groups are those that somebody answers for: their own first, then those of the
// organisations that they organise for.
func (r *Room) groups(ctx context.Context, p bot.Person) ([]Group, error) {
	var all []Group
	add := func(more ...Group) {
		for _, g := range more {
			if !slices.Contains(all, g) {
				all = append(all, g)
			}
		}
	}
	for _, role := range p.Roles {
		if role.Kind != bot.Leader {
			continue
		}
		g, err := r.Store.Group(ctx, role.Group)
		if err == nil {
			add(g)
		} else if !errors.Is(err, bot.ErrNotFound) {
			return nil, err
		}
	}
	for _, role := range p.Roles {
		if role.Kind != bot.Organiser {
			continue
		}
		more, err := r.Store.Groups(ctx, role.Organisation)
		if err != nil {
			return nil, err
		}
		add(more...)
	}
	return all, nil
}

// card shows the chats of one group.
func (r *Room) card(ctx context.Context, t bot.Turn, g Group) (bot.Outcome, error) {
	chats, err := r.Store.Chats(ctx, g.ID)
	if err != nil {
		return bot.Outcome{}, err
	}
	p := r.Language.For(t.Locale)
	blocks := []message.Block{
		message.Heading{Spans: []message.Span{{Kind: message.Words, Text: g.Name}}},
		p.Paragraph("chats.about"),
	}
	if len(chats) == 0 {
		blocks = append(blocks, p.Paragraph("chats.none"))
	}
	var k message.Keyboard
	for _, c := range chats {
		k.Break().Add(r.label(p, c), verbChat, string(c.ID), "")
	}
	if len(chats) < most {
		k.Break().AddStyled(message.Primary, p.Text("chats.connect"), verbConnect, string(g.ID), "")
	}
	choices, err := k.Choices()
	var out bot.Outcome
	out.Say(p.Message(append(blocks, choices)...))
	return out, err
}

// label is a chat's button: its number, and the languages or that it is off.
func (r *Room) label(p language.Printer, c Chat) string {
	if !c.On {
		return p.Text("chats.listed-off", language.Count("Number", c.Number))
	}
	return p.Text("chats.listed", language.Count("Number", c.Number), language.Spans("Languages", r.languages(p, c)))
}

func (r *Room) languages(p language.Printer, c Chat) []message.Span {
	var names [][]message.Span
	for _, tag := range c.Locales {
		names = append(names, []message.Span{{Kind: message.Words, Text: r.Language.Endonym(tag)}})
	}
	return p.ListSpans(names)
}

// show is one chat with what can be changed.
func (r *Room) show(_ context.Context, t bot.Turn, c Chat, _ string) (bot.Outcome, error) {
	reply, err := r.chat(r.Language.For(t.Locale), c)
	return bot.Outcome{Replies: []bot.Reply{reply}}, err
}

func (r *Room) chat(p language.Printer, c Chat) (bot.Reply, error) {
	blocks := []message.Block{p.Heading("chats.title", c.called()...)}
	if !c.On {
		blocks = append(blocks, p.Paragraph("chats.off"))
	}
	blocks = append(blocks, p.Paragraph("chats.languages"))
	var k message.Keyboard
	for i, l := range r.Language.Ordered(p.Locale()) {
		if i%2 == 0 {
			k.Break()
		}
		label := l.Endonym
		if slices.Contains(c.Locales, l.Tag) {
			label = "✓ " + label
		}
		k.Add(label, verbLanguage, string(c.ID), l.Tag)
	}
	if c.open() {
		k.Break().Add(p.Text("chats.invite"), verbInvite, string(c.ID), "")
	}
	k.Break().AddStyled(message.Danger, p.Text("chats.cut"), verbCut, string(c.ID), "")
	k.Add(p.Text("chats.back"), verbGroup, string(c.Group.ID), "")
	choices, err := k.Choices()
	return bot.Reply{Message: p.Message(append(blocks, choices)...), Topic: "groupchat:" + string(c.ID)}, err
}

// speak takes a language in, or out. One stays, and more than a message holds are
// not taken.
func (r *Room) speak(_ context.Context, t bot.Turn, c Chat, locale string) (bot.Outcome, error) {
	if !r.Language.Resolve(locale).Exact {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	p := r.Language.For(t.Locale)
	locales := slices.DeleteFunc(slices.Clone(c.Locales), func(tag string) bool { return tag == locale })
	if len(locales) == len(c.Locales) {
		locales = append(locales, locale)
	}
	switch {
	case len(locales) == 0:
		return r.refuse(p, c, "chats.one-stays")
	case len(locales) > mostLanguages:
		return r.refuse(p, c, "chats.too-many-languages", language.Count("Max", mostLanguages))
	}
	before := c
	c.Locales = locales
	reply, err := r.chat(p, c)
	reply.Replace = true
	out := bot.Outcome{Replies: []bot.Reply{reply}, Notice: p.Text("notice.saved")}
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Speak(ctx, tx, before, locales, t.Now) })
	return out, err
}

// refuse says why nothing changes.
func (r *Room) refuse(p language.Printer, c Chat, key string, values ...language.Value) (bot.Outcome, error) {
	var k message.Keyboard
	k.Add(p.Text("chats.back"), verbChat, string(c.ID), "")
	choices, err := k.Choices()
	var out bot.Outcome
	out.Say(p.Message(p.Paragraph(key, values...), choices))
	return out, err
}

// cut disconnects a chat, once that was asked twice: it takes a new code to undo it.
func (r *Room) cut(ctx context.Context, t bot.Turn, c Chat, arg string) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	var k message.Keyboard
	if arg != "yes" {
		k.AddStyled(message.Danger, p.Text("chats.cut-yes"), verbCut, string(c.ID), "yes")
		k.Add(p.Text("chats.back"), verbChat, string(c.ID), "")
		choices, err := k.Choices()
		var out bot.Outcome
		out.Say(p.Message(p.Paragraph("chats.cut-ask", c.called()...), choices))
		return out, err
	}
	var out bot.Outcome
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Disconnect(ctx, tx, c.ID) })
	k.Add(p.Text("chats.back"), verbGroup, string(c.Group.ID), "")
	choices, err := k.Choices()
	if err != nil {
		return bot.Outcome{}, err
	}
	out.Say(p.Message(p.Paragraph("chats.cut-done", c.called()...), choices))
	out.Notice = p.Text("notice.saved")
	return out, r.tellOthers(ctx, &out, t, c, "chats.cut-others")
}

// plain says one thing, with the way to everything else.
func (r *Room) plain(t bot.Turn, key string, values ...language.Value) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	var k message.Keyboard
	k.Add(p.Text("command.help.button"), bot.VerbCommand, "", "help")
	choices, err := k.Choices()
	var out bot.Outcome
	out.Say(p.Message(p.Paragraph(key, values...), choices))
	return out, err
}
