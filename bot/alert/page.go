package alert

import (
	"context"

	"ella/bot"
	"ella/bot/headcount"
	"ella/bot/language"
	"ella/bot/message"
)

var (
	_ bot.Paged  = (*Room)(nil)
	_ bot.Formed = (*Room)(nil)
)

// onPage is how many alerts a page shows; the command shows more.
const onPage = 5

// Page implements bot.Paged: to an organiser, what their organisations write and have
// written, how far it is, and who comes because of it.
func (r *Room) Page(ctx context.Context, t bot.Turn) ([]message.Block, error) {
	mine := organises(t.Person)
	if len(mine) == 0 {
		return nil, nil
	}
	p := r.Language.For(t.Locale)
	blocks := []message.Block{p.Heading("page.alerts")}
	left := onPage
	for _, organisation := range mine {
		if left == 0 {
			break
		}
		recent, err := r.Store.Recent(ctx, organisation, left)
		if err != nil {
			return nil, err
		}
		for _, a := range recent {
			if len(a.Variants) == 0 {
				continue
			}
			card, err := r.onPage(ctx, p, a)
			if err != nil {
				return nil, err
			}
			blocks = append(blocks, card)
			left--
		}
	}
	if left == onPage {
		blocks = append(blocks, p.Paragraph("page.no-alerts"))
	}
	var k message.Keyboard
	k.Add(p.Text("command.alert.button"), bot.VerbCommand, "", "alert")
	k.Add(p.Text("command.results.button"), bot.VerbCommand, "", "results")
	choices, err := k.Choices()
	if t.Can.Forms {
		choices, err = r.withForm(p, choices)
	}
	return append(blocks, choices), err
}

// onPage is one of them, with no number that its card does not show.
func (r *Room) onPage(ctx context.Context, p language.Printer, a Alert) (message.Card, error) {
	card := message.Card{
		Title: []message.Span{{Kind: message.Words, Text: title(a.Variants[0].Text)}},
		Rows:  []message.Fact{{Label: p.Text("alert.from-label"), Value: []message.Span{{Kind: message.Words, Text: a.From}}}},
		Text:  p.Spans("progress." + string(a.State)),
	}
	var k message.Keyboard
	switch a.State {
	case Draft:
		k.Add(p.Text("page.draft"), verbCard, string(a.ID), "")
	default:
		k.Add(p.Text("page.progress"), verbProgress, string(a.ID), "")
	}
	if a.State != Draft && a.State != Freezing && !a.Audience.unnumbered() {
		tally, err := r.Store.Tally(ctx, a.ID)
		if err != nil {
			return message.Card{}, err
		}
		card.Rows = append(card.Rows, message.Fact{Label: p.Text("progress.sent"), Value: headcount.People(p, tally.Sent)})
	}
	if a.State != Draft && a.Action != "" {
		told, err := r.Told(ctx, p, a.Action, a.Organisation)
		if err != nil {
			return message.Card{}, err
		}
		card.Rows = append(card.Rows, told...)
		k.Add(p.Text("progress.answers"), bot.VerbResults, string(a.Action), string(a.Organisation))
	}
	var err error
	card.Actions, err = k.Actions()
	return card, err
}
