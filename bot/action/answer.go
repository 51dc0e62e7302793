package action

import (
	"context"
	"errors"
	"strconv"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// Invitation is what stands under an alert that asks people to come.
func Invitation(p language.Printer, id bot.ActionID) ([]message.Block, error) {
	choices, err := answers(p, id)
	return []message.Block{p.Paragraph("rsvp.ask"), choices}, err
}

func answers(p language.Printer, id bot.ActionID) (message.Choices, error) {
	var k message.Keyboard
	k.AddStyled(message.Primary, p.Text("rsvp.yes"), bot.VerbRSVP, string(id), string(Yes))
	k.Add(p.Text("rsvp.maybe"), bot.VerbRSVP, string(id), string(Maybe))
	k.Add(p.Text("rsvp.no"), bot.VerbRSVP, string(id), string(No))
	return k.Choices()
}

func (r *Room) answer(ctx context.Context, t bot.Turn, a Action, answer Answer) (bot.Outcome, error) {
	if answer != Yes && answer != Maybe && answer != No {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	// For anyone who was not asked the action does not exist, wherever they got
	// the button from.
	by, err := r.Store.AskedBy(ctx, a.ID, t.Person.Member.ID)
	if err != nil {
		return bot.Outcome{}, err
	}
	rsvp, err := r.Store.RSVP(ctx, a.ID, t.Person.Member.ID)
	if err != nil && !errors.Is(err, bot.ErrNotFound) {
		return bot.Outcome{}, err
	}
	rsvp.Answer = answer
	if answer == No {
		rsvp.Plus = 0
	}
	return r.reply(t, a, by, rsvp)
}

func (r *Room) plus(ctx context.Context, t bot.Turn, a Action, arg string) (bot.Outcome, error) {
	n, err := strconv.Atoi(arg)
	if err != nil || n < 0 || n > maxPlus {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	by, err := r.Store.AskedBy(ctx, a.ID, t.Person.Member.ID)
	if err != nil {
		return bot.Outcome{}, err
	}
	rsvp, err := r.Store.RSVP(ctx, a.ID, t.Person.Member.ID)
	if errors.Is(err, bot.ErrNotFound) || (err == nil && rsvp.Answer == No) {
		return r.reply(t, a, by, RSVP{Answer: Yes, Plus: n})
	}
	if err != nil {
		return bot.Outcome{}, err
	}
	rsvp.Plus = n
	return r.reply(t, a, by, rsvp)
}

// reply stores an answer and shows it, with what can still be changed.
func (r *Room) reply(t bot.Turn, a Action, by bot.OrganisationID, rsvp RSVP) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	if a.Over {
		var out bot.Outcome
		out.Say(p.Message(p.Paragraph("rsvp.over")))
		return out, nil
	}
	id := t.Person.Member.ID
	card, err := r.card(p, a, rsvp)
	if err != nil {
		return bot.Outcome{}, err
	}
	var out bot.Outcome
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Reply(ctx, tx, a.ID, id, by, rsvp, t.Now) })
	out.Replies = append(out.Replies, bot.Reply{Message: card, Topic: "rsvp:" + string(a.ID), Replace: true})
	out.Notice = p.Text("rsvp.noted." + string(rsvp.Answer))
	return out, nil
}

// card shows a member their answer to one action.
func (r *Room) card(p language.Printer, a Action, rsvp RSVP) (message.Message, error) {
	blocks := []message.Block{
		a.heading(p),
		p.Paragraph("rsvp.you." + string(rsvp.Answer)),
	}
	if rsvp.Answer != No {
		switch {
		case rsvp.Plus > 0:
			blocks = append(blocks, message.Paragraph{Spans: p.Plural("rsvp.bring", rsvp.Plus)})
		case rsvp.Answer == Yes:
			blocks = append(blocks, p.Paragraph("rsvp.alone"))
		}
		blocks = append(blocks, p.Paragraph("rsvp.ask-plus"))
		var k message.Keyboard
		for i, n := range offered {
			label := "+" + p.Number(n)
			if n == 0 {
				label = p.Text("rsvp.just-me")
			}
			if n == rsvp.Plus {
				label = "✓ " + label
			}
			if i%3 == 1 { // the first stands alone
				k.Break()
			}
			k.Add(label, verbPlus, string(a.ID), strconv.Itoa(n))
		}
		choices, err := k.Choices()
		if err != nil {
			return message.Message{}, err
		}
		blocks = append(blocks, choices)
	}
	blocks = append(blocks, p.Paragraph("rsvp.change"))
	choices, err := answers(p, a.ID)
	return p.Message(append(blocks, choices)...), err
}

// mine lists what a member was invited to, each with their answer.
func (r *Room) mine(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	open, err := r.Store.Open(ctx, t.Person.Member.ID, 5)
	if err != nil {
		return bot.Outcome{}, err
	}
	var out bot.Outcome
	for _, a := range open {
		rsvp, err := r.Store.RSVP(ctx, a.ID, t.Person.Member.ID)
		switch {
		case errors.Is(err, bot.ErrNotFound):
			invitation, err := Invitation(p, a.ID)
			if err != nil {
				return bot.Outcome{}, err
			}
			out.Replies = append(out.Replies, bot.Reply{
				Message: p.Message(append([]message.Block{a.heading(p)}, invitation...)...), Topic: "rsvp:" + string(a.ID),
			})
		case err != nil:
			return bot.Outcome{}, err
		default:
			card, err := r.card(p, a, rsvp)
			if err != nil {
				return bot.Outcome{}, err
			}
			out.Replies = append(out.Replies, bot.Reply{Message: card, Topic: "rsvp:" + string(a.ID)})
		}
	}
	if len(open) == 0 {
		return out, sayWithCommand(&out, p, "groups", p.Paragraph("actions.none"))
	}
	return out, nil
}
