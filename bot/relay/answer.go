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

// received finds a letter that the member answers for. For anyone else there is no
// such letter, wherever they got the button from.
func (r *Room) received(ctx context.Context, t bot.Turn, id bot.LetterID) (Letter, error) {
	l, err := r.Store.Letter(ctx, id)
	if err != nil {
		return Letter{}, err
	}
	all, err := r.Store.Recipients(ctx, l.Organisation.ID)
	if err != nil {
		return Letter{}, err
	}
	if !slices.ContainsFunc(all, func(to Recipient) bool { return to.Member == t.Person.Member.ID }) {
		return Letter{}, bot.ErrNotFound
	}
	return l, nil
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
	out.Say(p.Message(p.Paragraph("relay.ask-answer", language.Words("Language", r.Language.Endonym(l.Locale)))))
	out.Next = bot.NewStep(r.Name(), stepAnswer, answering{Letter: l.ID})
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
	if errors.Is(err, bot.ErrNotFound) || (err == nil && l.State == Closed) {
		// The role, the letter or its writer went while the answer was written.
		out := bot.Outcome{Done: true}
		return out, sayWithCommand(&out, p, "help", p.Paragraph("relay.closed"))
	}
	if err != nil {
		return bot.Outcome{}, err
	}
	text, why := words(t)
	var out bot.Outcome
	if why != "" {
		out.Say(p.Message(p.Paragraph(why), p.Paragraph("relay.ask-answer", language.Words("Language", r.Language.Endonym(l.Locale)))))
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
