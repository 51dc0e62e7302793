package alert

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// maxText is how many characters an alert holds: one message on every platform,
// with what Ella writes around it, in the most verbose language.
const maxText = 1500

// waiting is what a step of this room waits for.
type waiting struct {
	Alert  bot.AlertID `json:"alert,omitempty"`
	Locale string      `json:"locale,omitempty"`
}

func readStep(s *bot.Step) (waiting, error) {
	var w waiting
	if len(s.Data) == 0 {
		return w, nil
	}
	if err := json.Unmarshal(s.Data, &w); err != nil {
		return w, bot.ErrUnknownStep
	}
	return w, nil
}

// clean makes a typed text fit to be sent: no control and no direction
// characters, which could make a text show what it does not say. why is the key of
// the reason that it can't be sent, empty when it can.
func clean(text string) (cleaned, why string) {
	text = strings.Map(func(c rune) rune {
		switch {
		case c == '\n' || c == '\u200c' || c == '\u200d': // joiners are spelling in Persian and in emoji
			return c
		case c == '\t':
			return ' '
		case unicode.IsControl(c) || unicode.Is(unicode.Cf, c):
			return -1
		}
		return c
	}, text)
	text = strings.TrimSpace(text)
	switch {
	case !strings.ContainsFunc(text, func(c rune) bool { return unicode.IsLetter(c) || unicode.IsNumber(c) }):
		return "", "alert.empty"
	case utf8.RuneCountInString(text) > maxText:
		return "", "alert.too-long"
	}
	return text, ""
}

// refuse says why a text can't be sent; the question stays open.
func (r *Room) refuse(t bot.Turn, why string) (bot.Outcome, error) {
	return r.say(t, why, language.Count("Max", maxText))
}

// begin asks for the text of a new alert. Beside it stand those that are there
// already: any organiser can go on with a draft and stop what is under way.
func (r *Room) begin(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	var k message.Keyboard
	k.AddStyled(message.Primary, p.Text("alert.new"), verbNew, "", "")
	found := false
	for _, organisation := range organises(t.Person) {
		recent, err := r.Store.Recent(ctx, organisation, 5)
		if err != nil {
			return bot.Outcome{}, err
		}
		for _, a := range recent {
			if len(a.Variants) == 0 {
				continue
			}
			verb := verbProgress
			if a.State == Draft {
				verb = verbCard
			}
			label := p.Text("alert.listed", language.Words("Title", title(a.Variants[0].Text)), language.Spans("State", p.Spans("progress."+string(a.State))))
			k.Break().Add(label, verb, string(a.ID), "")
			found = true
		}
	}
	if !found {
		return r.askText(t)
	}
	choices, err := k.Choices()
	if t.Can.Forms {
		choices.Rows[0][0].Form = true
	}
	var out bot.Outcome
	out.Say(p.Message(p.Paragraph("alert.new-or-one"), choices))
	out.Next = r.waitFor(stepText, nil)
	return out, err
}

func (r *Room) askText(t bot.Turn) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	blocks := []message.Block{p.Paragraph("alert.ask-text")}
	var err error
	if t.Can.Forms {
		var choices message.Choices
		choices, err = r.withForm(p, choices)
		blocks = append(blocks, choices)
	}
	var out bot.Outcome
	out.Say(p.Message(blocks...))
	out.Next = r.waitFor(stepText, nil)
	return out, err
}

// waitFor is a step that waits for a text: what is typed then is for others to read,
// so that a command in the middle of it is none.
func (r *Room) waitFor(name string, data any) *bot.Step {
	step := bot.NewStep(r.Name(), name, data)
	step.Verbatim = true
	return step
}

// organises are the organisations of an organiser, in the same order always.
func organises(p bot.Person) []bot.OrganisationID {
	var all []bot.OrganisationID
	for _, role := range p.Roles {
		if role.Kind == bot.Organiser {
			all = append(all, role.Organisation)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// write begins a draft with its first text. The draft is a row of its own: an
// upgrade in the middle of writing loses nothing.
func (r *Room) write(_ context.Context, t bot.Turn, text string) (bot.Outcome, error) {
	text, why := clean(text)
	if why != "" {
		out, err := r.refuse(t, why)
		out.Next = r.waitFor(stepText, nil)
		return out, err
	}
	mine := organises(t.Person)
	if len(mine) == 0 {
		return r.closed(t)
	}
	a := Alert{
		ID: bot.AlertID(r.IDs.New()), Organisation: mine[0], Author: t.Person.Member.ID,
		State: Draft, Expires: t.Now.Add(life), Variants: []Variant{{Text: text}},
	}
	var out bot.Outcome
	out.Done = true
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Create(ctx, tx, a, t.Now) })
	return out, r.askWritten(&out, t, a)
}

// askWritten asks which language the author wrote in: their own buttons may be
// in another, and a wrong guess would send a text as something that it is not.
func (r *Room) askWritten(out *bot.Outcome, t bot.Turn, a Alert) error {
	p := r.Language.For(t.Locale)
	var k message.Keyboard
	for i, l := range r.Language.Ordered(t.Locale) {
		if i%2 == 0 {
			k.Break()
		}
		k.Add(l.Endonym, verbWritten, string(a.ID), l.Tag)
	}
	if a.Variants[0].Locale != "" {
		k.Break().Add(p.Text("alert.back"), verbCard, string(a.ID), "")
	}
	choices, err := k.Choices()
	if err != nil {
		return err
	}
	out.Say(p.Message(p.Paragraph("alert.which-language"), choices))
	return nil
}

// wrong asks once more which language the original is in.
func (r *Room) wrong(_ context.Context, t bot.Turn, a Alert, _ string) (bot.Outcome, error) {
	var out bot.Outcome
	return out, r.askWritten(&out, t, a)
}

// written notes the language of the original. A text that stood under it says the
// same in a language that nobody has named, so it goes.
func (r *Room) written(_ context.Context, t bot.Turn, a Alert, locale string) (bot.Outcome, error) {
	if !r.Language.Resolve(locale).Exact {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	if a.Variants[0].Locale == locale {
		return r.card(t, a) // pressed twice
	}
	before := a
	a.Variants = []Variant{{Locale: locale, Text: a.Variants[0].Text}}
	for _, v := range before.Variants[1:] {
		if v.Locale != locale {
			a.Variants = append(a.Variants, v)
		}
	}
	a.Version++
	out, err := r.card(t, a)
	out.Do(func(ctx context.Context, tx bot.Tx) error {
		return r.Store.NameOriginal(ctx, tx, before, locale, t.Now)
	})
	return out, err
}

func (r *Room) back(_ context.Context, t bot.Turn, a Alert, _ string) (bot.Outcome, error) {
	out, err := r.resume(t, a)
	if t.Step != nil && t.Step.Room == r.Name() {
		out.Done = true
	}
	return out, err
}

// resume shows a draft, or asks what is still to be said of it before that.
func (r *Room) resume(t bot.Turn, a Alert) (bot.Outcome, error) {
	if a.Variants[0].Locale != "" {
		return r.card(t, a)
	}
	var out bot.Outcome
	return out, r.askWritten(&out, t, a)
}

func (r *Room) askRewrite(_ context.Context, t bot.Turn, a Alert, _ string) (bot.Outcome, error) {
	out, err := r.ask(t, a, "alert.ask-new-text")
	out.Next = r.waitFor(stepText, waiting{Alert: a.ID})
	return out, err
}

// rewrite replaces the original. Texts in other languages said the same as the
// old one, so they go: a reader must not get yesterday's time in their language.
func (r *Room) rewrite(_ context.Context, t bot.Turn, a Alert) (bot.Outcome, error) {
	if t.Update.Kind != bot.TextSent {
		return r.ask(t, a, "alert.ask-new-text")
	}
	text, why := clean(t.Update.Text)
	if why != "" {
		return r.refuse(t, why)
	}
	var changes []bot.Change
	for _, v := range a.Variants[1:] {
		changes = append(changes, r.set(a, Variant{Locale: v.Locale}, t))
		a.Version++
	}
	dropped := len(a.Variants) > 1
	changes = append(changes, r.set(a, Variant{Locale: a.Variants[0].Locale, Text: text}, t))
	a.Version++
	a.Variants = []Variant{{Locale: a.Variants[0].Locale, Text: text}}
	var out bot.Outcome
	if dropped {
		p := r.Language.For(t.Locale)
		out.Say(p.Message(p.Paragraph("alert.translations-dropped")))
	}
	card, err := r.card(t, a)
	out.Add(card)
	out.Done = true
	out.Changes = changes
	return out, err
}

func (r *Room) set(a Alert, v Variant, t bot.Turn) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error { return r.Store.SetVariant(ctx, tx, a, v, t.Now) }
}
