package member

import (
	"context"
	"strconv"
	"strings"
	"unicode/utf8"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

const (
	verbLanguage = "member.language" // arg: locale
	verbMore     = "member.more"     // arg: how many were shown
	verbOther    = "member.other"
	verbAgree    = "member.agree" // id: organisation, arg: yes|no

	stepOther = "other-language"
	stepCode  = "code"
)

// page is how many languages are offered at a time: few enough to read, in
// scripts that one may not read.
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
	out.Done = true
	out.Say(p.Message(append(blocks, choices)...))
	return out, nil
}

func (r *Room) pickMore(t bot.Turn, arg string) (bot.Outcome, error) {
	from, err := strconv.Atoi(arg)
	if err != nil {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	out, err := r.pickLanguage(t, from, false)
	for i := range out.Replies {
		out.Replies[i].Edit = t.Update.Message
	}
	return out, err
}

// choose takes a language that a button offered.
func (r *Room) choose(ctx context.Context, t bot.Turn, tag string) (bot.Outcome, error) {
	found := r.Language.Resolve(tag)
	if !found.Exact {
		return bot.Outcome{}, bot.ErrUnknownStep // forged, or a catalogue that was taken out
	}
	return r.speak(ctx, t, found.Locale, "")
}

// askOther asks for the name of a language that no button shows.
func (r *Room) askOther(t bot.Turn) (bot.Outcome, error) {
	var out bot.Outcome
	p := r.Language.For(t.Locale)
	out.Say(p.Message(p.Paragraph("language.ask-name")))
	out.Next = bot.NewStep(r.Name(), stepOther, nil)
	return out, nil
}

// nameLanguage reads the name of a language, typed in English, in itself, or in
// any language that we have.
func (r *Room) nameLanguage(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	text := strings.TrimSpace(t.Update.Text)
	tag, ok := "", false
	if utf8.RuneCountInString(text) <= 60 {
		tag, ok = r.Language.Recognise(text)
	}
	if !ok {
		out, err := r.pickLanguage(t, 0, false)
		if err != nil {
			return out, err
		}
		p := r.Language.For(t.Locale)
		out.Replies[0].Message.Blocks[0] = p.Paragraph("language.unknown-name")
		// The question stays open: they may type another name.
		out.Done, out.Next = false, bot.NewStep(r.Name(), stepOther, nil)
		return out, nil
	}
	found := r.Language.Resolve(tag)
	if found.Exact || found.Declared {
		return r.speak(ctx, t, found.Locale, "")
	}
	return r.speak(ctx, t, language.English, tag)
}

// speak sets the language and goes on with the first minute, or with what can
// be done. speaks is the language they asked for when we don't have it.
func (r *Room) speak(ctx context.Context, t bot.Turn, locale, speaks string) (bot.Outcome, error) {
	first := t.Person.Member.Locale == ""
	id := t.Person.Member.ID
	t.Locale = locale
	p := r.Language.For(locale)
	var out bot.Outcome
	out.Done = true
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.SetLanguage(ctx, tx, id, locale, speaks) })
	out.Events = append(out.Events, bot.LanguageChosen{Locale: locale})

	said := p.Paragraph("language.chosen")
	if speaks != "" {
		said = p.Paragraph("language.not-yet", language.Words("Language", r.endonym(speaks)))
	}
	if !first {
		return out, r.sayWithMenu(&out, t, said)
	}
	organisations, err := r.Store.Organisations(ctx)
	if err != nil {
		return bot.Outcome{}, err
	}
	out.Say(p.Message(said))
	if len(organisations) == 0 {
		out.Events = append(out.Events, bot.Welcomed{})
		return out, nil
	}
	err = r.askAgree(&out, t, organisations)
	return out, err
}

func (r *Room) endonym(tag string) string {
	for _, l := range r.Language.Languages() {
		if l.Tag == tag {
			return l.Endonym
		}
	}
	return tag
}

// askAgree asks whom the member wants to hear from. Nobody is written to unasked.
func (r *Room) askAgree(out *bot.Outcome, t bot.Turn, organisations []bot.Organisation) error {
	p := r.Language.For(t.Locale)
	var blocks []message.Block
	var k message.Keyboard
	if len(organisations) == 1 {
		o := organisations[0]
		blocks = append(blocks, p.Paragraph("agree.ask", language.Words("Organisation", o.Name)))
		k.AddStyled(message.Primary, p.Text("agree.yes"), verbAgree, string(o.ID), "yes")
		k.Add(p.Text("agree.no"), verbAgree, string(o.ID), "no")
	} else {
		blocks = append(blocks, p.Paragraph("agree.ask-several"))
		for _, o := range organisations[:min(len(organisations), 8)] {
			k.Break().Add(o.Name, verbAgree, string(o.ID), "yes")
		}
		k.Break().Add(p.Text("agree.no"), verbAgree, "", "no")
	}
	choices, err := k.Choices()
	if err != nil {
		return err
	}
	out.Say(p.Message(append(blocks, choices)...))
	return nil
}

// agree takes the answer; the first one leads on to the place where they live.
func (r *Room) agree(ctx context.Context, t bot.Turn, organisation bot.OrganisationID, answer string) (bot.Outcome, error) {
	if t.Person.Member.Locale == "" {
		return r.pickLanguage(t, 0, true)
	}
	organisations, err := r.Store.Organisations(ctx)
	if err != nil {
		return bot.Outcome{}, err
	}
	known := organisation == "" && answer == "no"
	name := ""
	for _, o := range organisations {
		if o.ID == organisation {
			known, name = true, o.Name
		}
	}
	if !known {
		return bot.Outcome{}, bot.ErrNotFound
	}
	p := r.Language.For(t.Locale)
	id := t.Person.Member.ID
	var out bot.Outcome
	if answer == "yes" {
		out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Agree(ctx, tx, id, organisation, t.Now) })
		out.Say(p.Message(p.Paragraph("agree.thanks", language.Words("Organisation", name))))
	} else {
		// A no to everybody takes back each yes said before: nobody writes to them.
		no := t.Person.Organisations
		if organisation != "" {
			no = []bot.OrganisationID{organisation}
		}
		for _, o := range no {
			out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Leave(ctx, tx, id, o) })
		}
		out.Say(p.Message(p.Paragraph("agree.declined")))
	}
	out.Notice = p.Text("notice.saved")
	if t.Person.Member.Outcode == "" && t.Step == nil {
		out.Events = append(out.Events, bot.Welcomed{})
	}
	return out, nil
}
