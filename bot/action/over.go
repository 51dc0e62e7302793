package action

import (
	"context"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// turn ends an action, or opens it again, and tells the organisers of every other
// organisation whose people have been asked or may be: they must not be left with
// people on the way to what has been called off.
func (r *Room) turn(ctx context.Context, a Action, over bool) (bot.Outcome, error) {
	var out bot.Outcome
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.SetOver(ctx, tx, a.ID, over) })
	if a.Over == over {
		return out, nil
	}
	a.Over = over
	// What group chats show of it has buttons, or has none any more.
	out.Events = append(out.Events, bot.AnswerGiven{Action: a.ID})
	partners, err := r.Store.Partners(ctx, a)
	if err != nil {
		return bot.Outcome{}, err
	}
	owner, err := r.Store.Organisation(ctx, a.Organisation)
	if err != nil {
		return bot.Outcome{}, err
	}
	for _, partner := range partners {
		if partner.Sharing != Accepted && !partner.Wrote {
			continue
		}
		s := sharing{Action: a, owner: owner, partner: partner}
		organisers, err := r.Store.Organisers(ctx, partner.ID)
		if err != nil {
			return bot.Outcome{}, err
		}
		for _, m := range organisers {
			card, err := s.turned(r.Language.For(m.Locale))
			if err != nil {
				return bot.Outcome{}, err
			}
			out.Replies = append(out.Replies, bot.Reply{To: m.ID, Message: card, Topic: s.topic(false)})
		}
	}
	return out, nil
}

// turned says to the organisers of a partner that it is over, or not after all,
// and what that means for their people.
func (s sharing) turned(p language.Printer) (message.Message, error) {
	id, side := string(s.ID), string(s.partner.ID)
	said := "share.partner-open"
	var k message.Keyboard
	if s.Over {
		said = "share.partner-over"
	} else if s.partner.Sharing == Accepted {
		k.AddStyled(message.Primary, p.Text("share.write"), bot.VerbCallFor, id, side).Break()
	}
	k.Add(p.Text("command.results.button"), bot.VerbResults, id, side)
	if s.partner.Sharing == Accepted {
		k.Add(p.Text("share.leave"), verbPart, id, side)
	}
	choices, err := k.Choices()
	return p.Message(p.Paragraph(said, language.Words("Owner", s.owner.Name), s.called(p)), choices), err
}
