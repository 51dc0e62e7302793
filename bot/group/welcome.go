package group

import (
	"context"
	"math"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
	"ella/bot/place"
)

// welcome leads somebody who has just arrived to what their link was about: a
// group's card, groups that help with a need, or the question where they live.
func (r *Room) welcome(ctx context.Context, t bot.Turn, came bot.Welcomed) (bot.Outcome, error) {
	need := known(came.Need)
	if came.Group != "" {
		return r.linked(ctx, t, came.Group, need)
	}
	home := r.home(t.Person.Member)
	switch {
	case home.Outcode == "":
		return r.ask(t, "place.ask", need)
	case need != "":
		return r.helping(ctx, t, home, need)
	}
	return bot.Outcome{}, nil
}

// linked shows the group whose poster somebody followed. One that is no longer
// there must not be the end of the way.
func (r *Room) linked(ctx context.Context, t bot.Turn, id bot.GroupID, need string) (bot.Outcome, error) {
	dir, err := r.directory(ctx)
	if err != nil {
		return bot.Outcome{}, err
	}
	p := r.Language.For(t.Locale)
	home := r.home(t.Person.Member)
	var out bot.Outcome
	g, ok := dir.byID[id]
	if !ok || g.Closed {
		out.Say(p.Message(p.Paragraph("groups.link-gone")))
		var more bot.Outcome
		switch {
		case home.Outcode == "":
			more, err = r.ask(t, "place.ask", need)
		case need != "":
			more, err = r.helping(ctx, t, home, need)
		default:
			more, err = r.near(ctx, t, home, 0, false)
		}
		out.Add(more)
		return out, err
	}
	km := math.NaN()
	if home.Outcode != "" && g.Place != "" {
		km = place.Distance(home.Point, g.Point)
	}
	card, err := r.card(p, g, km)
	if err != nil {
		return bot.Outcome{}, err
	}
	var k message.Keyboard
	k.Add(p.Text("command.groups.button"), bot.VerbCommand, "", "groups")
	choices, err := k.Choices()
	out.Say(p.Message(card, choices))
	return out, err
}

// helping shows the groups near a place that help with one need, and the way to all.
func (r *Room) helping(ctx context.Context, t bot.Turn, where place.Place, need string) (bot.Outcome, error) {
	dir, err := r.directory(ctx)
	if err != nil {
		return bot.Outcome{}, err
	}
	found := dir.around(where.Point, cards, t.Locale, need)
	p := r.Language.For(t.Locale)
	about := []language.Value{language.Place("Place", where.Name), language.Spans("Need", p.Spans("need."+need))}
	if len(found) == 0 {
		var out bot.Outcome
		out.Say(p.Message(p.Paragraph("groups.none-for", about...)))
		all, err := r.near(ctx, t, where, 0, false)
		out.Add(all)
		return out, err
	}
	blocks := []message.Block{p.Paragraph("groups.near-for", about...)}
	for _, g := range found {
		card, err := r.card(p, g.Group, g.Km)
		if err != nil {
			return bot.Outcome{}, err
		}
		blocks = append(blocks, card)
	}
	var k message.Keyboard
	k.Add(p.Text("groups.all"), verbAt, "", at(where))
	k.Add(p.Text("groups.another-place"), verbAsk, "", "")
	choices, err := k.Choices()
	var out bot.Outcome
	out.Say(p.Message(append(blocks, choices)...))
	return out, err
}
