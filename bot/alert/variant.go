package alert

import (
	"context"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// askVariant offers the languages that have no text yet, and those that have
// one to change it.
func (r *Room) askVariant(_ context.Context, t bot.Turn, a Alert, _ string) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	var k message.Keyboard
	n := 0
	for _, l := range r.Language.Ordered() {
		if l.Tag == a.Variants[0].Locale {
			continue
		}
		if n%2 == 0 {
			k.Break()
		}
		n++
		label := l.Endonym
		if _, has := a.variant(l.Tag); has {
			label = "✓ " + label
		}
		k.Add(label, verbVariant, string(a.ID), l.Tag)
	}
	k.Break().Add(p.Text("alert.wrong"), verbWrong, string(a.ID), "").Add(p.Text("alert.back"), verbCard, string(a.ID), "")
	choices, err := k.Choices()
	var out bot.Outcome
	out.Say(p.Message(p.Paragraph("alert.ask-variant"), choices))
	return out, err
}

func (r *Room) askVariantText(_ context.Context, t bot.Turn, a Alert, locale string) (bot.Outcome, error) {
	endonym, ok := r.endonym(locale)
	if !ok || locale == a.Variants[0].Locale {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	p := r.Language.For(t.Locale)
	var k message.Keyboard
	k.Add(p.Text("alert.back"), verbCard, string(a.ID), "")
	if _, has := a.variant(locale); has {
		k.Add(p.Text("alert.drop"), verbDrop, string(a.ID), locale)
	}
	choices, err := k.Choices()
	var out bot.Outcome
	out.Say(p.Message(
		p.Paragraph("alert.ask-variant-text", language.Words("Language", endonym)),
		message.Paragraph{Spans: []message.Span{{Kind: message.Words, Text: a.Variants[0].Text}}},
		choices))
	out.Next = r.waitFor(stepVariant, waiting{Alert: a.ID, Locale: locale})
	return out, err
}

func (r *Room) endonym(locale string) (string, bool) {
	for _, l := range r.Language.Locales() {
		if l.Tag == locale {
			return l.Endonym, true
		}
	}
	return "", false
}

func (r *Room) addVariant(_ context.Context, t bot.Turn, a Alert, locale string) (bot.Outcome, error) {
	endonym, ok := r.endonym(locale)
	if !ok {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	if t.Update.Kind != bot.TextSent {
		return r.say(t, "alert.ask-variant-again", language.Words("Language", endonym))
	}
	text, why := clean(t.Update.Text)
	if why != "" {
		return r.refuse(t, why)
	}
	return r.withVariant(t, a, Variant{Locale: locale, Text: text})
}

func (r *Room) drop(_ context.Context, t bot.Turn, a Alert, locale string) (bot.Outcome, error) {
	if _, ok := a.variant(locale); !ok || locale == a.Variants[0].Locale {
		return r.card(t, a)
	}
	return r.withVariant(t, a, Variant{Locale: locale})
}

func (r *Room) withVariant(t bot.Turn, a Alert, v Variant) (bot.Outcome, error) {
	before := a
	var kept []Variant
	for _, old := range a.Variants {
		if old.Locale != v.Locale {
			kept = append(kept, old)
		}
	}
	if v.Text != "" {
		kept = append(kept, v)
	}
	a.Variants = kept
	a.Version++
	out, err := r.card(t, a)
	out.Do(r.set(before, v, t))
	out.Done = true
	return out, err
}
