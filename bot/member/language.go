package member

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// page is how many languages, or organisations, are offered at a time: few enough
// to read, in scripts that one may not read.
const page = 8

// pickLanguage shows the picker. A newcomer is greeted in each of the languages
// that they are offered, since nothing is known of them yet.
func (r *Room) pickLanguage(t bot.Turn, from int, greet bool) (bot.Outcome, error) {
	locales := r.Language.Ordered(t.Person.Member.Locale, t.Update.LocaleHint)
	if from < 0 || from >= len(locales) {
		from = 0
	}
	shown := locales[from:min(from+page, len(locales))]
	var blocks []message.Block
	if greet {
		var greetings [][]message.Span
		for _, l := range shown {
			greetings = append(greetings, []message.Span{{Kind: message.Words, Text: r.Language.For(l.Tag).Text("start.greeting")}})
		}
		blocks = append(blocks, r.Language.For(t.Locale).Heading("start.title"), message.List{Items: greetings})
	} else {
		blocks = append(blocks, r.Language.For(t.Locale).Paragraph("language.choose"))
	}
	var k message.Keyboard
	for i, l := range shown {
		if i%2 == 0 {
			k.Break()
		}
		k.Add(l.Endonym, verbLanguage, "", l.Tag)
	}
	p := r.Language.For(t.Locale)
	k.Break()
	if rest := len(locales) - from - len(shown); rest > 0 || from > 0 {
		k.Add(p.Text("language.more"), verbMore, "", strconv.Itoa((from+len(shown))%len(locales)))
	}
	k.Add(p.Text("language.another"), verbOther, "", "")
	choices, err := k.Choices()
	if err != nil {
		return bot.Outcome{}, err
	}
	var out bot.Outcome
	out.Done = r.own(t)
	if missing(t.Person.Member) {
		if a := r.arrived(t); a != (arriving{}) {
			r.keep(&out, a)
		}
	}
	out.Say(p.Message(append(blocks, choices)...))
	return out, nil
}

func (r *Room) pickMore(t bot.Turn, arg string) (bot.Outcome, error) {
	from, err := strconv.Atoi(arg)
	if err != nil {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	out, err := r.pickLanguage(t, from, false)
	inPlace(&out, t)
	return out, err
}

// inPlace shows what is said in place of the message whose button was pressed.
func inPlace(out *bot.Outcome, t bot.Turn) {
	for i := range out.Replies {
		out.Replies[i].Edit = t.Update.Message
	}
}

// choose takes a language that a button offered.
func (r *Room) choose(ctx context.Context, t bot.Turn, tag string) (bot.Outcome, error) {
	if !slices.ContainsFunc(r.Language.Languages(), func(l language.Language) bool { return l.Tag == tag }) {
		return bot.Outcome{}, bot.ErrUnknownStep // forged
	}
	return r.take(ctx, t, tag)
}

// take speaks a language if there is a catalogue of it, and English otherwise.
func (r *Room) take(ctx context.Context, t bot.Turn, tag string) (bot.Outcome, error) {
	found := r.Language.Resolve(tag)
	if found.Exact || found.Declared {
		return r.speak(ctx, t, found.Locale, "")
	}
	return r.speak(ctx, t, language.English, tag)
}

// askOther asks for the name of a language that no button shows.
func (r *Room) askOther(t bot.Turn) (bot.Outcome, error) {
	var out bot.Outcome
	p := r.Language.For(t.Locale)
	out.Say(p.Message(p.Paragraph("language.ask-name")))
	out.Next = bot.NewStep(r.Name(), stepOther, r.arrived(t))
	return out, nil
}

// nameLanguage reads the name of a language, typed in English, in itself, or in
// any language that we have.
func (r *Room) nameLanguage(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	text := strings.TrimSpace(t.Update.Text)
	var meanings []language.Language
	if utf8.RuneCountInString(text) <= 60 {
		meanings = r.Language.Meanings(text)
	}
	switch len(meanings) {
	case 0:
		out, err := r.pickLanguage(t, 0, false)
		if err != nil {
			return out, err
		}
		p := r.Language.For(t.Locale)
		out.Replies[0].Message.Blocks[0] = p.Paragraph("language.unknown-name")
		out.Next, out.Done = bot.NewStep(r.Name(), stepOther, r.arrived(t)), false // they may type another name
		return out, nil
	case 1:
		return r.take(ctx, t, meanings[0].Tag)
	}
	p := r.Language.For(t.Locale)
	var k message.Keyboard
	for i, l := range meanings {
		if i%2 == 0 {
			k.Break()
		}
		k.Add(l.Endonym, verbLanguage, "", l.Tag)
	}
	choices, err := k.Choices()
	var out bot.Outcome
	out.Say(p.Message(p.Paragraph("language.which"), choices))
	return out, err
}

// speak sets the language and goes on with the first minute, or with what can be
// done. speaks is the language they asked for when we don't have it.
func (r *Room) speak(ctx context.Context, t bot.Turn, locale, speaks string) (bot.Outcome, error) {
	id := t.Person.Member.ID
	t.Locale, t.Person.Member.Locale = locale, locale
	p := r.Language.For(locale)
	a := r.arrived(t)
	var out bot.Outcome
	out.Done = r.own(t)
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.SetLanguage(ctx, tx, id, locale, speaks) })
	out.Events = append(out.Events, bot.LanguageChosen{Locale: locale})

	said := p.Paragraph("language.chosen")
	if speaks != "" {
		said = p.Paragraph("language.not-yet", language.Words("Language", r.Language.Endonym(speaks)))
	}
	if !missing(t.Person.Member) && !a.Asked {
		blocks := []message.Block{said}
		if t.Step != nil && !out.Done {
			blocks = append(blocks, p.Paragraph("help.still-open"))
		}
		return out, r.sayWithMenu(&out, t, blocks...)
	}
	out.Say(p.Message(said))
	if a != (arriving{}) {
		r.keep(&out, a)
	}
	if t.Person.Member.Consent == 0 {
		return out, r.askConsent(ctx, &out, t)
	}
	organisations, err := r.Store.Organisations(ctx)
	if err != nil {
		return bot.Outcome{}, err
	}
	if len(organisations) == 0 {
		out.Next, out.Done = nil, true
		out.Events = append(out.Events, through(a.Arrival)...)
		return out, nil
	}
	return out, r.askAgree(&out, t, organisations, 0)
}
