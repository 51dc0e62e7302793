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

const (
	verbLanguage = "member.language" // arg: locale
	verbMore     = "member.more"     // arg: how many were shown
	verbOther    = "member.other"
	verbAgree    = "member.agree" // id: organisation, arg: yes|no
	verbWhom     = "member.whom"  // arg: how many organisations were shown

	stepOther = "other-language"
	stepCode  = "code"
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
	out.Next = bot.NewStep(r.Name(), stepOther, nil)
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
		out.Done = false // they may type another name
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

// speak sets the language and goes on with the first minute, or with what can
// be done. speaks is the language they asked for when we don't have it.
func (r *Room) speak(ctx context.Context, t bot.Turn, locale, speaks string) (bot.Outcome, error) {
	// Whoever tapped the wrong one first, and chooses again before anything else,
	// has not read whom they were asked about.
	first := t.Person.Member.Locale == "" || (len(t.Person.Organisations) == 0 && t.Person.Member.Outcode == "")
	id := t.Person.Member.ID
	t.Locale = locale
	p := r.Language.For(locale)
	var out bot.Outcome
	out.Done = r.own(t)
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.SetLanguage(ctx, tx, id, locale, speaks) })
	out.Events = append(out.Events, bot.LanguageChosen{Locale: locale})

	said := p.Paragraph("language.chosen")
	if speaks != "" {
		said = p.Paragraph("language.not-yet", language.Words("Language", r.Language.Endonym(speaks)))
	}
	if !first {
		blocks := []message.Block{said}
		if t.Step != nil && !out.Done {
			blocks = append(blocks, p.Paragraph("help.still-open"))
		}
		return out, r.sayWithMenu(&out, t, blocks...)
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
	err = r.askAgree(&out, t, organisations, 0)
	return out, err
}

// askAgree asks whom the member wants to hear from, of several from a number in
// the list on. Nobody is written to unasked.
func (r *Room) askAgree(out *bot.Outcome, t bot.Turn, organisations []bot.Organisation, from int) error {
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
		if from < 0 || from >= len(organisations) {
			from = 0
		}
		to := min(from+page, len(organisations))
		for _, o := range organisations[from:to] {
			k.Break().Add(o.Name, verbAgree, string(o.ID), "yes")
		}
		k.Break()
		if len(organisations) > page {
			k.Add(p.Text("agree.more"), verbWhom, "", strconv.Itoa(to%len(organisations)))
		}
		k.Add(p.Text("agree.no"), verbAgree, "", "no")
	}
	choices, err := k.Choices()
	if err != nil {
		return err
	}
	out.Say(p.Message(append(blocks, choices)...))
	return nil
}

// moreOrganisations shows the next ones of the same list.
func (r *Room) moreOrganisations(ctx context.Context, t bot.Turn, arg string) (bot.Outcome, error) {
	from, err := strconv.Atoi(arg)
	if err != nil {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	if t.Person.Member.Locale == "" {
		return r.pickLanguage(t, 0, true)
	}
	organisations, err := r.Store.Organisations(ctx)
	if err != nil {
		return bot.Outcome{}, err
	}
	if len(organisations) == 0 {
		return bot.Outcome{}, bot.ErrNotFound
	}
	var out bot.Outcome
	err = r.askAgree(&out, t, organisations, from)
	inPlace(&out, t)
	return out, err
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
		r.activate(&out, t)
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
