package language

import (
	"cmp"
	"slices"
	"strings"
)

// Language is a language that people in the United Kingdom speak, with or
// without a catalogue.
type Language struct {
	Tag     string // as a catalogue of it would be named
	Endonym string
	English string
}

// Languages are the languages that Ella can name, sorted by tag. Every locale is
// among them.
func (b *Bundle) Languages() []Language { return slices.Clone(b.languages) }

// Endonym is a language's name in itself, or the tag of one that Ella can't name.
func (b *Bundle) Endonym(tag string) string {
	for _, l := range b.languages {
		if l.Tag == tag {
			return l.Endonym
		}
	}
	return tag
}

// Recognise finds the language whose name somebody typed: its own name, its
// English one, or its name in the language of any catalogue. It is not ok for an
// unknown name, nor for one that means several languages ("Kurdish"): offer those
// that Meanings has.
func (b *Bundle) Recognise(text string) (tag string, ok bool) {
	if found := b.meanings[fold(text)]; len(found) == 1 {
		return found[0].Tag, true
	}
	return "", false
}

// Meanings are all the languages that a typed name may mean, sorted by tag.
func (b *Bundle) Meanings(text string) []Language { return slices.Clone(b.meanings[fold(text)]) }

// readNames lists the languages and indexes all their names.
func (b *Bundle) readNames() ([]Language, map[string][]Language) {
	var all []Language
	meanings := map[string][]Language{}
	mean := func(name string, tags ...string) {
		key := fold(name)
		if key == "" {
			return
		}
		for _, l := range all {
			if slices.Contains(tags, l.Tag) && !slices.Contains(meanings[key], l) {
				meanings[key] = append(meanings[key], l)
			}
		}
		slices.SortFunc(meanings[key], byTag)
	}
	known := tongues()
	for _, t := range known {
		all = append(all, t.Language)
	}
	for _, l := range b.locales {
		if !slices.ContainsFunc(all, func(k Language) bool { return k.Tag == l.Tag }) {
			all = append(all, Language{Tag: l.Tag, Endonym: l.Endonym, English: b.english.convention.Names[l.Tag]})
		}
	}
	slices.SortFunc(all, byTag)

	for names, tags := range several() {
		for name := range strings.SplitSeq(names, "|") {
			mean(name, tags...)
		}
	}
	for _, t := range known {
		for name := range strings.SplitSeq(t.also, "|") {
			mean(name, t.Tag)
		}
	}
	for _, l := range all {
		mean(l.Endonym, l.Tag)
		mean(l.English, l.Tag)
	}
	for _, l := range b.locales {
		mean(l.Endonym, l.Tag)
		for code, name := range b.catalogues[l.Tag].convention.Names {
			mean(name, meansAll(code)...)
		}
	}
	return all, meanings
}

func byTag(a, b Language) int { return cmp.Compare(a.Tag, b.Tag) }
