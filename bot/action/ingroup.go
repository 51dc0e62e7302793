package action

import (
	"context"
	"errors"
	"time"

	"ella/bot"
	"ella/bot/headcount"
	"ella/bot/language"
	"ella/bot/message"
)

var _ bot.PressedInGroup = (*Room)(nil)

// Asking are the buttons with which an action is answered, without the words that stand
// above them in private: what is written in a group chat is not read.
func Asking(p language.Printer, id bot.ActionID) (message.Choices, error) { return answers(p, id) }

// PressInGroup implements bot.PressedInGroup: an answer that is given in a group chat
// counts as any other, and is shown to nobody there. Whoever belongs to none of the
// organisations that call to it comes by a link to where they can say yes to one.
func (r *Room) PressInGroup(ctx context.Context, t bot.Turn, v message.Verb) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	answer := Answer(v.Arg)
	if v.Name != bot.VerbRSVP || answer != Yes && answer != Maybe && answer != No {
		return bot.Outcome{Notice: p.Text("notice.old-button")}, nil
	}
	id := bot.ActionID(v.ID)
	in, err := r.Store.AskedIn(ctx, id, t.Account, t.Update.Group)
	if errors.Is(err, bot.ErrNotFound) {
		// Not asked there, or not any more. Told apart, the answer would say which.
		return bot.Outcome{Notice: p.Text("lost.no-such-right")}, nil
	}
	if err != nil {
		return bot.Outcome{}, err
	}
	a, err := r.Store.Action(ctx, id)
	if err != nil {
		return bot.Outcome{}, err
	}
	if a.Over {
		return bot.Outcome{Notice: p.Text("rsvp.over")}, nil
	}
	by, err := r.Store.AskedBy(ctx, id, t.Person.Member.ID)
	if errors.Is(err, bot.ErrNotFound) && t.Person.Belongs(in) {
		by, err = in, nil
	}
	if errors.Is(err, bot.ErrNotFound) {
		return bot.Outcome{Notice: p.Text("groupchat.yes-first"), NoticeLink: t.Can.Link(bot.Arrival{Action: id})}, nil
	}
	if err != nil {
		return bot.Outcome{}, err
	}
	before, err := r.Store.RSVP(ctx, id, t.Person.Member.ID)
	first := errors.Is(err, bot.ErrNotFound)
	if err != nil && !first {
		return bot.Outcome{}, err
	}
	rsvp := RSVP{Answer: answer, Plus: before.Plus}
	if answer == No {
		rsvp.Plus = 0
	}
	out, err := r.reply(t, a, by, rsvp)
	if first {
		// There is no card in their own chat yet that would say something else.
		out.Replies = nil
	}
	return out, err
}

// Coming is how many come to an action because an organisation asked them, as everybody
// in a group chat may be told: nobody as long as they are so few that they are hidden.
// open says that it can still be answered, and keep, unless it is nil, notes that the
// number is shown anew.
func (r *Room) Coming(ctx context.Context, id bot.ActionID, organisation bot.OrganisationID, now time.Time) (people int, open bool, keep bot.Change, err error) {
	a, err := r.Store.Action(ctx, id)
	if err != nil {
		return 0, false, nil, err
	}
	n, err := r.count(ctx, a, organisation)
	if err != nil {
		return 0, false, nil, err
	}
	if anew := headcount.Anew(n.yes, n.plus); len(anew) > 0 {
		keep = func(ctx context.Context, tx bot.Tx) error { return r.Store.Keep(ctx, tx, anew, now) }
	}
	return n.coming(), !a.Over, keep, nil
}
