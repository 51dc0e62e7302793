package language

import (
	"slices"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// form is a plural form of the CLDR.
type form int

const (
	zero form = iota
	one
	two
	few
	many
	other
	formCount = 6
)

// String is the form's name in a catalogue.
func (f form) String() string {
	return [formCount]string{"zero", "one", "two", "few", "many", "other"}[f]
}

// texts are the message's texts by form.
func texts(m *i18n.Message) [formCount]string {
	return [formCount]string{m.Zero, m.One, m.Two, m.Few, m.Many, m.Other}
}

// sampled is up to which number the forms are found at load: the rules of every
// language repeat after it, but for those of a million.
const sampled = 200

// plurals are the plural rules of one language, asked of go-i18n. Each has a
// bundle of its own with one language in it: go-i18n's matcher has no choice,
// so it can make no wrong one.
type plurals struct {
	localizer *i18n.Localizer
	small     [sampled + 1]form
	forms     []form // that a catalogue must give, in order, "other" last
}

// newPlurals makes the rules for a tag. The forms of the CLDR's table, when it
// has the language, narrow what go-i18n would ask for. A language that go-i18n
// has no rules for, such as Romani, gets "one" and "other".
func newPlurals(tag string, table []string) *plurals {
	probe := &i18n.Message{ID: "form", Zero: "zero", One: "one", Two: "two", Few: "few", Many: "many", Other: "other"}
	bundle := i18n.NewBundle(language.Make(tag))
	if bundle.AddMessages(language.Make(tag), probe) != nil {
		// go-i18n's own advice for a language without rules: an artificial one.
		tag = "art-x-ella"
		bundle = i18n.NewBundle(language.Make(tag))
		_ = bundle.AddMessages(language.Make(tag), probe) // has rules always
	}
	p := &plurals{localizer: i18n.NewLocalizer(bundle, tag)}
	for n := range p.small {
		f := p.ask(n)
		if table != nil && !slices.Contains(table, f.String()) {
			f = other // go-i18n says "one" in Vietnamese; the CLDR has no such form
		}
		p.small[n] = f
		if !slices.Contains(p.forms, f) {
			p.forms = append(p.forms, f)
		}
	}
	if !slices.Contains(p.forms, other) {
		p.forms = append(p.forms, other)
	}
	slices.Sort(p.forms)
	return p
}

// form is the form for a whole number.
func (p *plurals) form(n int) form {
	if n < 0 {
		n = -n
	}
	if 0 <= n && n < len(p.small) {
		return p.small[n]
	}
	if f := p.ask(n); slices.Contains(p.forms, f) {
		return f
	}
	return other
}

// single reports whether the form is said of one number only, so that the
// number need not stand in its text.
func (p *plurals) single(f form) bool {
	count := 0
	for _, g := range p.small {
		if g == f {
			count++
		}
	}
	return count == 1
}

func (p *plurals) ask(n int) form {
	name, err := p.localizer.Localize(&i18n.LocalizeConfig{MessageID: "form", PluralCount: n})
	if err != nil {
		return other
	}
	for f := range other {
		if f.String() == name {
			return f
		}
	}
	return other
}
