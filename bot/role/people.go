package role

import (
	"context"
	"errors"
	"strconv"
	"time"

	"ella/bot"
	"ella/bot/headcount"
	"ella/bot/language"
	"ella/bot/message"
)

// people shows an organiser the roles of each organisation that they organise, and
// how many hear from it: never who.
func (r *Room) people(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	var out bot.Outcome
	for _, role := range t.Person.Roles {
		if role.Kind != bot.Organiser {
			continue
		}
		one, err := r.list(ctx, t, role.Organisation, 0)
		if errors.Is(err, bot.ErrNotFound) {
			continue // taken away meanwhile
		}
		if err != nil {
			return bot.Outcome{}, err
		}
		out.Add(one)
	}
	if len(out.Replies) == 0 {
		return bot.Outcome{}, bot.ErrConflict
	}
	return out, nil
}

// more shows a stretch of the list.
func (r *Room) more(ctx context.Context, t bot.Turn, id bot.OrganisationID, arg string) (bot.Outcome, error) {
	from, err := strconv.Atoi(arg)
	if err != nil && arg != "" {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	return r.list(ctx, t, id, from)
}

// list shows an organisation's roles from a number on, in place of the message
// whose button was pressed.
func (r *Room) list(ctx context.Context, t bot.Turn, id bot.OrganisationID, from int) (bot.Outcome, error) {
	o, by, err := r.acting(ctx, t, id)
	if err != nil {
		return bot.Outcome{}, err
	}
	var out bot.Outcome
	people, err := r.hearing(ctx, &out, t.Now, id)
	if err != nil {
		return bot.Outcome{}, err
	}
	p := r.Language.For(t.Locale)
	shown, next := stretch(o.Roles, from)
	var items [][]message.Span
	var k message.Keyboard
	for i, role := range shown {
		items = append(items, line(p, t.Now, o.Organisation, role, by))
		if i%2 == 0 {
			k.Break()
		}
		k.Add(message.Plain(name(p, role.Role)), verbCard, string(role.ID), "")
	}
	k.Break()
	if len(o.Roles) > len(shown) {
		k.Add(p.Text("people.more"), verbList, string(id), strconv.Itoa(next))
	}
	for _, kind := range []bot.RoleKind{bot.Organiser, bot.Leader, bot.Guardian} {
		k.Break().Add(p.Text("people.invite."+string(kind)), verbInvite, string(id), string(kind))
	}
	if t.Can.GroupChats {
		k.Break().Add(p.Text("command.chats.button"), bot.VerbCommand, "", "chats")
	}
	choices, err := k.Choices()
	out.Replies = append(out.Replies, bot.Reply{Edit: t.Update.Message, Message: p.Message(
		message.Heading{Spans: []message.Span{{Kind: message.Words, Text: o.Organisation.Name}}},
		p.Paragraph("people.hear", language.Spans("People", headcount.People(p, people))),
		message.List{Items: items}, choices)})
	return out, err
}

// hearing is how many members hear from an organisation, as far as that is shown.
func (r *Room) hearing(ctx context.Context, out *bot.Outcome, now time.Time, id bot.OrganisationID) (int, error) {
	n, err := r.Store.People(ctx, id)
	if err != nil {
		return 0, err
	}
	count := headcount.Of(n, "role.people", string(id))
	if err := r.Store.Recall(ctx, count); err != nil {
		return 0, err
	}
	if anew := headcount.Anew(count); len(anew) > 0 {
		out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Keep(ctx, tx, anew, now) })
	}
	return count.Shown(), nil
}

// line is one role: what it is called, for which group, and how it stands.
func line(p language.Printer, now time.Time, o bot.Organisation, role, by Role) []message.Span {
	spans := heading(p, role).Spans
	if role.Holder == by.Holder {
		spans = append(append(spans, message.Span{Kind: message.Text, Text: " "}), p.Spans("people.you")...)
	}
	for _, s := range standing(p, now, o, role, by) {
		spans = append(append(spans, message.Span{Kind: message.Text, Text: " · "}), s...)
	}
	return spans
}

// standing is how a role stands, in a few pieces. Whoever looks at their own is here.
func standing(p language.Printer, now time.Time, o bot.Organisation, role, by Role) [][]message.Span {
	zone, err := time.LoadLocation(o.Zone)
	if err != nil {
		zone = time.UTC
	}
	var all [][]message.Span
	if role.GroupClosed {
		all = append(all, p.Spans("people.closed"))
	}
	if role.State != On {
		return append(all, p.Spans("people.state."+string(role.State)))
	}
	all = append(all, p.Spans("people.since", language.Time("Month", p.Month(role.Granted.In(zone)))))
	if role.Holder != by.Holder {
		all = append(all, p.Spans(presence(now, role.Seen)))
	}
	return all
}

// presence is when somebody was last here, as exactly as anyone is told. seen is a
// day, so a week has eight of them in it.
func presence(now, seen time.Time) string {
	const day = 24 * time.Hour
	switch age := now.Sub(seen); {
	case age < 8*day:
		return "people.here.week"
	case age < 31*day:
		return "people.here.month"
	}
	return "people.here.long-ago"
}
