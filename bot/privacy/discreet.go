package privacy

import (
	"context"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

const (
	argOn  = "on"
	argOff = "off"
)

// discreetButton offers to begin, or to end, what is discreet.
func discreetButton(p language.Printer, k *message.Keyboard, m bot.Member) {
	key, arg := "discreet.hide", argOn
	if m.Discreet {
		key, arg = "discreet.show", argOff
	}
	k.Break().Add(p.Text(key), verbDiscreet, "", arg)
}

// discreet notes whether what others cause begins with a line that gives nothing
// away, and says what that does, with the way back.
func (r *Room) discreet(ctx context.Context, t bot.Turn, arg string) (bot.Outcome, error) {
	if arg != argOn && arg != argOff {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	_, blank, err := r.known(ctx, t.Person)
	if err != nil {
		return bot.Outcome{}, err
	}
	if blank {
		return bot.Outcome{}, bot.ErrUnknownStep // nothing is kept of them
	}
	m := t.Person.Member
	m.Discreet = arg == argOn
	p := r.Language.For(t.Locale)
	var out bot.Outcome
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.SetDiscreet(ctx, tx, m.ID, m.Discreet) })
	out.Notice = p.Text("notice.saved")
	said := []message.Block{p.Paragraph("discreet.is-off")}
	if m.Discreet {
		said = []message.Block{p.Paragraph("discreet.is-on"), p.Paragraph("discreet.line")}
	}
	var k message.Keyboard
	discreetButton(p, &k, m)
	choices, err := k.Choices()
	out.Replies = append(out.Replies, bot.Reply{Message: p.Message(append(said, choices)...), Topic: "privacy-discreet", Replace: true})
	return out, err
}

// Neutral is the line that gives nothing away, in a language.
func Neutral(words *language.Bundle) func(locale string) message.Paragraph {
	return func(locale string) message.Paragraph { return words.For(locale).Paragraph("discreet.line") }
}
