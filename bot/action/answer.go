package action

import (
	"context"
	"errors"
	"strconv"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// Invitation is what stands under an alert that asks people to come. It says that words
// work too: a press made while nobody listened is lost, and what was written is not.
func Invitation(p language.Printer, id bot.ActionID) ([]message.Block, error) {
	choices, err := answers(p, id)
	return []message.Block{p.Paragraph("rsvp.ask"), p.Paragraph("rsvp.words"), choices}, err
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
	by, err := r.askedBy(ctx, t, a)
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
	by, err := r.askedBy(ctx, t, a)
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
	// Whoever wrote sees the answer below their words, not somewhere above them.
	pressed := t.Update.Kind == bot.ButtonPressed
	out.Replies = append(out.Replies, bot.Reply{Message: card, Topic: topic(a.ID), Replace: pressed})
	out.Notice = p.Text("rsvp.noted." + string(rsvp.Answer))
	out.Events = append(out.Events, bot.AnswerGiven{Action: a.ID})
	return out, nil
}

// topic names the card with a member's answer to an action.
func topic(id bot.ActionID) string { return bot.TopicAnswer + string(id) }

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

// stands is an action with a member's answer, or with the question whether they come.
func (r *Room) stands(ctx context.Context, p language.Printer, a Action, member bot.MemberID) (message.Message, error) {
	rsvp, err := r.Store.RSVP(ctx, a.ID, member)
	if errors.Is(err, bot.ErrNotFound) {
		invitation, err := Invitation(p, a.ID)
		return p.Message(append([]message.Block{a.heading(p)}, invitation...)...), err
	}
	if err != nil {
		return message.Message{}, err
	}
	return r.card(p, a, rsvp)
}

// mine lists what a member was invited to, each with their answer.
func (r *Room) mine(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	open, err := r.Store.Open(ctx, t.Person.Member.ID, maxOpen)
	if err != nil {
		return bot.Outcome{}, err
	}
	var out bot.Outcome
	for _, a := range open {
		shown, err := r.show(ctx, t, a)
		if err != nil {
			return bot.Outcome{}, err
		}
		out.Add(shown)
	}
	if len(open) == 0 {
		return out, sayWithCommand(&out, p, "groups", p.Paragraph("actions.none"))
	}
	return out, nil
}
