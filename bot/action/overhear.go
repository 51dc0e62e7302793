package action

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

var _ bot.Listener = (*Room)(nil)

// heardFor is for how long after an invitation a word such as "yes" may be an answer
// to it. Later it may mean anything, and buttons and /actions still work.
const heardFor = 14 * 24 * time.Hour

// maxOpen is how many invitations are shown, or asked about, at a time.
const maxOpen = 5

// Overhear implements bot.Listener: invitations are answered in words too.
func (r *Room) Overhear(ctx context.Context, t bot.Turn) (bot.Outcome, bool, error) {
	said, plus, ok := r.Language.AnswerFor(t.Locale, t.Update.Text)
	if !ok {
		return bot.Outcome{}, false, nil
	}
	h := heard{said, plus}
	if t.Update.Answers != "" {
		id, err := r.Store.Answered(ctx, t.Person.Address.ID, t.Update.Answers)
		if err == nil {
			return r.about(ctx, t, id, h)
		}
		if !errors.Is(err, bot.ErrNotFound) {
			return bot.Outcome{}, false, err
		}
	}
	open, err := r.open(ctx, t)
	if err != nil || len(open) == 0 {
		return bot.Outcome{}, false, err
	}
	// A word under another of Ella's messages, or after it, may be about that one.
	if len(open) == 1 && t.Update.Answers == "" {
		last, err := r.Store.LastAsked(ctx, open[0].ID, t.Person)
		if err != nil {
			return bot.Outcome{}, false, err
		}
		if !last || t.Person.Member.State == bot.Stopped {
			h.said = language.Unsure
		}
		return r.about(ctx, t, open[0].ID, h)
	}
	out, err := r.which(t, open, h)
	return out, true, err
}

// heard is what somebody said in words, and how many they bring.
type heard struct {
	said language.Said
	plus int
}

// arg is it as a button carries it.
func (h heard) arg() string { return string(h.said) + "+" + strconv.Itoa(h.plus) }

func readHeard(arg string) (heard, bool) {
	said, plus, _ := strings.Cut(arg, "+")
	n, err := strconv.Atoi(plus)
	return heard{language.Said(said), n}, err == nil && n >= 0
}

// open are the invitations that a word may be an answer to.
func (r *Room) open(ctx context.Context, t bot.Turn) ([]Action, error) {
	invited, err := r.Store.Invited(ctx, t.Person, t.Now.Add(-heardFor), maxOpen)
	if err != nil {
		return nil, err
	}
	var open []Action
	for _, a := range invited {
		switch by, err := r.askedBy(ctx, t, a); {
		case errors.Is(err, bot.ErrNotFound): // no longer theirs to answer
		case err != nil:
			return nil, err
		case t.Person.Belongs(by): // else they have left: their words are not about it
			open = append(open, a)
		}
	}
	return open, nil
}

// about takes the answer as one to this action. Where it is not theirs to answer, the
// words mean nothing here.
func (r *Room) about(ctx context.Context, t bot.Turn, id bot.ActionID, h heard) (bot.Outcome, bool, error) {
	a, err := r.Store.Action(ctx, id)
	var out bot.Outcome
	if err == nil {
		out, err = r.said(ctx, t, a, h)
	}
	if errors.Is(err, bot.ErrNotFound) {
		return bot.Outcome{}, false, nil
	}
	return out, true, err
}

// which asks which invitation the words are about: nothing is guessed.
func (r *Room) which(t bot.Turn, open []Action, h heard) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	var k message.Keyboard
	for _, a := range open {
		k.Break().Add(a.title(p), verbSaid, string(a.ID), h.arg())
	}
	choices, err := k.Choices()
	var out bot.Outcome
	out.Say(p.Message(p.Paragraph("rsvp.which"), choices))
	return out, err
}

// chosen takes the action that somebody meant: the question becomes the card.
func (r *Room) chosen(ctx context.Context, t bot.Turn, a Action, h heard) (bot.Outcome, error) {
	out, err := r.said(ctx, t, a, h)
	for i := range out.Replies {
		out.Replies[i].Replace, out.Replies[i].Edit = false, t.Update.Message
	}
	return out, err
}

// said notes an answer in words as a press would. Words that are no clear answer are
// answered with the question, and nothing is noted.
func (r *Room) said(ctx context.Context, t bot.Turn, a Action, h heard) (bot.Outcome, error) {
	switch h.said {
	case language.SaidYes:
		if h.plus == 0 || h.plus > maxPlus {
			return r.answer(ctx, t, a, Yes)
		}
		by, err := r.askedBy(ctx, t, a)
		if err != nil {
			return bot.Outcome{}, err
		}
		return r.reply(t, a, by, RSVP{Answer: Yes, Plus: h.plus})
	case language.SaidMaybe:
		return r.answer(ctx, t, a, Maybe)
	case language.SaidNo:
		return r.answer(ctx, t, a, No)
	case language.Numbered:
		return r.numbered(ctx, t, a, h.plus)
	case language.Brings:
		return r.plus(ctx, t, a, strconv.Itoa(min(h.plus, maxPlus)))
	case language.Unsure:
		if _, err := r.askedBy(ctx, t, a); err != nil {
			return bot.Outcome{}, err
		}
		return r.show(ctx, t, a)
	}
	return bot.Outcome{}, bot.ErrUnknownStep
}

// numbered takes a bare number for the button of that number, unless the card has asked
// how many they bring: then it may be that.
func (r *Room) numbered(ctx context.Context, t bot.Turn, a Action, n int) (bot.Outcome, error) {
	before, err := r.Store.RSVP(ctx, a.ID, t.Person.Member.ID)
	if err != nil && !errors.Is(err, bot.ErrNotFound) {
		return bot.Outcome{}, err
	}
	said, _ := language.Button(n)
	if err == nil && before.Answer != No {
		said = language.Unsure
	}
	return r.said(ctx, t, a, heard{said: said})
}
