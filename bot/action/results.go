package action

import (
	"context"
	"slices"

	"ella/bot"
	"ella/bot/headcount"
	"ella/bot/language"
	"ella/bot/message"
	"ella/bot/picture"
)

// list shows an organiser their last actions.
func (r *Room) list(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	var k message.Keyboard
	for _, role := range t.Person.Roles {
		if role.Kind != bot.Organiser {
			continue
		}
		called, err := r.Store.Called(ctx, role.Organisation, 6)
		if err != nil {
			return bot.Outcome{}, err
		}
		for _, a := range called {
			k.Break().Add(a.title(p), bot.VerbResults, string(a.ID), "")
		}
	}
	var out bot.Outcome
	if k.Empty() {
		return out, sayWithCommand(&out, p, "alert", p.Paragraph("results.none"))
	}
	choices, err := k.Choices()
	out.Say(p.Message(p.Paragraph("results.which"), choices))
	return out, err
}

// sayWithCommand says something with the button of a command: no dead end.
func sayWithCommand(out *bot.Outcome, p language.Printer, command string, said message.Block) error {
	var k message.Keyboard
	k.Add(p.Text("command."+command+".button"), bot.VerbCommand, "", command)
	choices, err := k.Choices()
	out.Say(p.Message(said, choices))
	return err
}

// end notes that an action is over, or that it was not after all.
func (r *Room) end(ctx context.Context, t bot.Turn, a Action, arg string) (bot.Outcome, error) {
	if arg != "yes" && arg != "no" {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	a.Over = arg == "yes"
	out, err := r.results(ctx, t, a)
	if err != nil {
		return bot.Outcome{}, err
	}
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.SetOver(ctx, tx, a.ID, a.Over) })
	out.Notice = r.Language.For(t.Locale).Text("notice.saved")
	return out, nil
}

// results shows the answers to one action, to organisers of its organisation.
func (r *Room) results(ctx context.Context, t bot.Turn, a Action) (bot.Outcome, error) {
	if !t.Person.Organises(a.Organisation) {
		return bot.Outcome{}, bot.ErrNotFound
	}
	counts, err := r.Store.Counts(ctx, a)
	if err != nil {
		return bot.Outcome{}, err
	}
	p := r.Language.For(t.Locale)
	card, err := resultsCard(p, a, counts)
	if err != nil {
		return bot.Outcome{}, err
	}
	reply := bot.Reply{Message: card, Topic: "results:" + string(a.ID)}
	// Looking again changes the card that is there instead of adding another.
	reply.Replace = t.Update.Kind == bot.ButtonPressed
	return bot.Outcome{Replies: []bot.Reply{reply}, Notice: p.Text("results.as-of-now")}, nil
}

func resultsCard(p language.Printer, a Action, c Counts) (message.Message, error) {
	silent := headcount.Least(c.Asked, c.Yes, c.Maybe, c.No)
	fact := func(key string, n int) message.Fact {
		return message.Fact{Label: p.Text(key), Value: headcount.People(p, n)}
	}
	rows := []message.Fact{fact("results.yes", c.Yes)}
	if c.Yes >= headcount.Floor {
		// What a few people bring says how many one of them brings.
		rows = append(rows, fact("results.plus", c.Plus))
	}
	rows = append(rows, fact("results.maybe", c.Maybe), fact("results.no", c.No))
	if rest := headcount.Rest(p, c.Asked, c.Yes, c.Maybe, c.No); rest != nil {
		rows = append(rows, message.Fact{Label: p.Text("results.silent"), Value: rest})
	}
	blocks := []message.Block{a.heading(p)}
	// The bar is drawn from rounded numbers: its widths must not show what the
	// words beside it hide.
	shares := []picture.Share{
		{Parts: headcount.Rough(c.Yes), Color: picture.Yes}, {Parts: headcount.Rough(c.Maybe), Color: picture.Maybe},
		{Parts: headcount.Rough(c.No), Color: picture.No}, {Parts: headcount.Rough(silent), Color: picture.Open},
	}
	if slices.ContainsFunc(shares[:3], func(s picture.Share) bool { return s.Parts > 0 }) {
		bar, err := picture.Bar(shares)
		if err != nil {
			return message.Message{}, err
		}
		blocks = append(blocks, message.Picture{PNG: bar, Width: picture.Width, Height: picture.Height, Alt: p.Text("results.picture")})
	}
	blocks = append(blocks, message.Facts{Rows: rows})
	var k message.Keyboard
	k.Add(p.Text("results.refresh"), bot.VerbResults, string(a.ID), "")
	if a.Over {
		blocks = append(blocks, p.Paragraph("results.over"))
		k.Add(p.Text("results.undo"), verbOver, string(a.ID), "no")
	} else {
		k.Add(p.Text("results.end"), verbOver, string(a.ID), "yes")
	}
	choices, err := k.Choices()
	return p.Message(append(blocks, choices)...), err
}
