package group

import (
	"context"

	"ella/bot"
	"ella/bot/message"
)

var _ bot.Paged = (*Room)(nil)

// onPage is how many of a member's groups a page shows.
const onPage = 5

// Page implements bot.Paged: the groups that a member is with, and the way to others.
func (r *Room) Page(ctx context.Context, t bot.Turn) ([]message.Block, error) {
	mine, err := r.Store.GroupsOf(ctx, t.Person.Member.ID, onPage+1)
	if err != nil {
		return nil, err
	}
	dir, err := r.directory(ctx)
	if err != nil {
		return nil, err
	}
	p := r.Language.For(t.Locale)
	blocks := []message.Block{p.Heading("page.groups")}
	for _, id := range mine[:min(len(mine), onPage)] {
		g, ok := dir.byID[id]
		if !ok {
			continue
		}
		var k message.Keyboard
		k.Add(p.Text("page.leave"), verbWithout, string(g.ID), "")
		actions, err := k.Actions()
		if err != nil {
			return nil, err
		}
		card := message.Card{Title: []message.Span{{Kind: message.Words, Text: g.Name}}, Actions: actions}
		if meets := r.words(p, g.Meets); meets != nil {
			card.Rows = []message.Fact{{Label: p.Text("group.meets"), Value: meets}}
		}
		blocks = append(blocks, card)
	}
	if len(blocks) == 1 {
		blocks = append(blocks, p.Paragraph("page.no-groups"))
	}
	var k message.Keyboard
	k.Add(p.Text("command.groups.button"), bot.VerbCommand, "", "groups")
	if len(mine) > onPage {
		k.Add(p.Text("command.mydata.button"), bot.VerbCommand, "", "mydata") // where all of them stand
	}
	choices, err := k.Choices()
	return append(blocks, choices), err
}
