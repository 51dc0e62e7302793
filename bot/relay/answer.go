package relay

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// answering is the question for the words of an answer.
type answering struct {
	Letter bot.LetterID `json:"letter"`
}

// received finds a letter that the member may answer: a guardian or an organiser of
// its organisation, whoever was told of it when it came, but not its writer. For
// anyone else there is no such letter, wherever they got the button from.
func (r *Room) received(ctx context.Context, t bot.Turn, id bot.LetterID) (Letter, error) {
	l, err := r.Store.Letter(ctx, id)
	if err != nil {
		return Letter{}, err
	}
	if l.From == t.Person.Member.ID || !answersFor(t.Person, l.Organisation.ID) {
		return Letter{}, bot.ErrNotFound
	}
	return l, nil
}

func answersFor(p bot.Person, id bot.OrganisationID) bool {
	return slices.ContainsFunc(p.Roles, func(role bot.Role) bool {
		return role.Organisation == id && (role.Kind == bot.Guardian || role.Kind == bot.Organiser)
	})
}

// atOnce is how many letters are shown at a time.
const atOnce = 5

// letters shows those that wait for an answer, to those who are told of new ones.
func (r *Room) letters(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	var out bot.Outcome
	seen := map[bot.OrganisationID]bool{}
	for _, role := range t.Person.Roles {
		if !answersFor(t.Person, role.Organisation) || seen[role.Organisation] {
			continue
		}
		seen[role.Organisation] = true
		told, err := r.Store.Recipients(ctx, role.Organisation, "")
		if err != nil {
			return bot.Outcome{}, err
		}
		if !slices.ContainsFunc(told, func(to Recipient) bool { return to.Member == t.Person.Member.ID }) {
			continue
		}
		waiting, err := r.Store.Unanswered(ctx, role.Organisation, atOnce)
		if err != nil {
			return bot.Outcome{}, err
		}
		for _, l := range waiting {
			if l.From == t.Person.Member.ID {
				continue
			}
			said, err := r.letter(p, l, l.Text)
			if err != nil {
				return bot.Outcome{}, err
			}
			out.Say(said)
		}
	}
	if len(out.Replies) == 0 {
		return out, sayWithHelp(&out, p, p.Paragraph("relay.none"))
	}
	return out, nil
}

// read tells the writer that their letter has been read.
func (r *Room) read(t bot.Turn, l Letter) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	out := bot.Outcome{Notice: p.Text("notice.saved")}
	if l.State == Closed {
		out.Say(p.Message(p.Paragraph("relay.closed")))
		return out, nil
	}
	if l.State != Open {
		out.Say(p.Message(p.Paragraph("relay.was-read")))
		return out, nil
	}
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Mark(ctx, tx, l.ID, Read, t.Now) })
	theirs := r.Language.For(l.Locale)
	out.Replies = append(out.Replies, bot.Reply{
		To: l.From, Asked: true,
		Message: theirs.Message(theirs.Paragraph("relay.has-read", language.Words("Organisation", l.Organisation.Name))),
	})
	out.Say(p.Message(p.Paragraph("relay.told")))
	return out, nil
}

func (r *Room) askAnswer(t bot.Turn, l Letter) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	var out bot.Outcome
	if l.State == Closed {
		out.Say(p.Message(p.Paragraph("relay.closed")))
		return out, nil
	}
	out.Say(p.Message(p.Paragraph("relay.ask-answer", language.Words("Language", r.Language.Endonym(l.speaks())))))
	out.Next = bot.NewStep(r.Name(), stepAnswer, answering{Letter: l.ID})
	out.Next.Verbatim = true
	return out, nil
}

// answer carries an answer back.
func (r *Room) answer(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	var a answering
	if err := json.Unmarshal(t.Step.Data, &a); err != nil {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	p := r.Language.For(t.Locale)
	l, err := r.received(ctx, t, a.Letter)
	key := ""
	switch {
	case err == nil && l.State == Closed, errors.Is(err, bot.ErrNotFound) && t.Person.Has(bot.Guardian), errors.Is(err, bot.ErrNotFound) && t.Person.Has(bot.Organiser):
		key = "relay.closed" // its writer went while the answer was written
	case errors.Is(err, bot.ErrNotFound):
		key = "lost.no-such-right" // the role did
	case err != nil:
		return bot.Outcome{}, err
	}
	if key != "" {
		out := bot.Outcome{Done: true}
		return out, sayWithHelp(&out, p, p.Paragraph(key))
	}
	text, why := words(t)
	var out bot.Outcome
	if why != "" {
		out.Say(p.Message(p.Paragraph(why), p.Paragraph("relay.ask-answer", language.Words("Language", r.Language.Endonym(l.speaks())))))
		return out, nil
	}
	out.Done = true
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Mark(ctx, tx, l.ID, Answered, t.Now) })
	theirs := r.Language.For(l.Locale)
	var k message.Keyboard
	k.Add(theirs.Text("relay.write-again"), verbTo, string(l.Organisation.ID), string(l.Kind))
	choices, err := k.Choices()
	out.Replies = append(out.Replies, bot.Reply{To: l.From, Asked: true, Message: theirs.Message(
		theirs.Heading("relay.answers", language.Words("Organisation", l.Organisation.Name)),
		message.Paragraph{Spans: []message.Span{{Kind: message.Words, Text: text}}}, choices,
	)})
	out.Say(p.Message(p.Paragraph("relay.answered")))
	return out, err
}
