package action

import (
	"context"
	"errors"

	"ella/bot"
	"ella/bot/headcount"
	"ella/bot/language"
	"ella/bot/message"
)

var _ bot.Paged = (*Room)(nil)

// mostOnPage is how many actions a page shows; the command shows more.
const mostOnPage = 5

// Page implements bot.Paged: what a member was asked to come to, each with their answer
// and the buttons that change it.
func (r *Room) Page(ctx context.Context, t bot.Turn) ([]message.Block, error) {
	open, err := r.Store.Open(ctx, t.Person.Member.ID, mostOnPage+1)
	if err != nil || len(open) == 0 {
		return nil, err
	}
	p := r.Language.For(t.Locale)
	blocks := []message.Block{p.Heading("page.actions")}
	for _, a := range open[:min(len(open), mostOnPage)] {
		card, err := r.onPage(ctx, p, a, t.Person.Member.ID)
		if err != nil {
			return nil, err
		}
		blocks = append(blocks, card)
	}
	if len(open) <= mostOnPage {
		return blocks, nil
	}
	var k message.Keyboard
	k.Add(p.Text("command.actions.button"), bot.VerbCommand, "", "actions")
	choices, err := k.Choices()
	return append(blocks, choices), err
}

// onPage is one of them. How many somebody brings is asked in the conversation.
func (r *Room) onPage(ctx context.Context, p language.Printer, a Action, member bot.MemberID) (message.Card, error) {
	rsvp, err := r.Store.RSVP(ctx, a.ID, member)
	if err != nil && !errors.Is(err, bot.ErrNotFound) {
		return message.Card{}, err
	}
	said := p.Spans("rsvp.ask")
	if err == nil {
		said = p.Spans("rsvp.you." + string(rsvp.Answer))
		if rsvp.Answer != No && rsvp.Plus > 0 {
			said = append(append(said, message.Span{Kind: message.Text, Text: " "}), p.Plural("rsvp.bring", rsvp.Plus)...)
		}
	}
	choices, err := answers(p, a.ID)
	if err != nil {
		return message.Card{}, err
	}
	return message.Card{Title: a.heading(p).Spans, Text: said, Actions: choices.Rows[0]}, nil
}

// Told are the answers to an action of those whom an organisation asked, as they were
// last shown to anybody: a page shows no number anew, since it is made by a look.
func (r *Room) Told(ctx context.Context, p language.Printer, id bot.ActionID, organisation bot.OrganisationID) ([]message.Fact, error) {
	a, err := r.Store.Action(ctx, id)
	if errors.Is(err, bot.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	n, err := r.count(ctx, a, organisation)
	if err != nil {
		return nil, err
	}
	var rows []message.Fact
	for _, of := range []struct {
		key string
		n   *headcount.Count
	}{{"results.yes", n.yes}, {"results.maybe", n.maybe}, {"results.no", n.no}} {
		if of.n.Known {
			rows = append(rows, message.Fact{Label: p.Text(of.key), Value: headcount.People(p, of.n.Base)})
		}
	}
	return rows, nil
}
