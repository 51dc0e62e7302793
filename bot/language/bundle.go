// Package language decides which language a member gets, and turns a catalogue
// entry plus typed values into spans in that language: with its plural forms,
// its dates, its numbers and its lists.
//
// A text is in the catalogue that was asked for, or in English. It is never in
// a neighbour's language: nothing in this package guesses. go-i18n reads the
// files and knows the plural rules; its matcher, which gives Ukrainians Russian,
// is never asked for anything but the one language it holds.
package language

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"

	"ella/bot/message"
)

// English is the locale that every other one falls back to.
const English = "en"

// Bundle is every catalogue. It never changes after Load, but for the count of
// faults, and is safe for concurrent use.
type Bundle struct {
	locales    []Locale
	catalogues map[string]*catalogue
	english    *catalogue
	identities map[identity]string // to the tag of a catalogue
	commands   map[string]string   // from folded words
	young      youngPhrases
	answers    map[string]map[string]Said // by locale, from folded words
	languages  []Language
	meanings   map[string][]Language // from folded names
	tally      tally
}

// Locale is a language that a catalogue exists for.
type Locale struct {
	// Tag is the BCP 47 tag, as the catalogue's file is named.
	Tag string
	// Endonym is the language's name in itself.
	Endonym   string
	Direction message.Direction
	// Reviewed says who that speaks the language has read the catalogue.
	Reviewed string
}

// Load reads every catalogue, a file named by its language tag, and cldr.json at
// the root of fsys. The error joins a *Fault for everything wrong with any file.
// The bundle is never nil: beside an error it holds all that is sound, and says
// the rest in English, so that a caller may decide to go on.
func Load(fsys fs.FS) (*Bundle, error) {
	var found faults
	b := load(fsys, &found)
	return b, found.err()
}

func load(fsys fs.FS, found *faults) *Bundle {
	b := &Bundle{
		catalogues: map[string]*catalogue{},
		identities: map[identity]string{},
		tally:      tally{counts: map[FaultCount]int{}},
	}
	table, err := readConventions(fsys)
	if err != nil {
		found.add(conventionsFile, "", err.Error(), "generate it: go generate ./locales")
	}
	files, err := fs.Glob(fsys, "*"+extension)
	if err != nil {
		found.add("", "", fmt.Sprintf("list the catalogues: %v", err), "make the folder readable")
	}
	slices.Sort(files)
	for _, file := range files {
		if s := readSource(fsys, file, found); s != nil {
			b.add(newCatalogue(s, table, found), file, found)
		}
	}
	b.english = b.catalogues[English]
	if b.english == nil {
		found.add(English+extension, "", "is missing or cannot be read", "every other catalogue is held against it: put it right first")
		b.english = newCatalogue(&source{tag: English}, nil, found)
	} else {
		b.compareAll(found)
	}
	slices.SortFunc(b.locales, func(x, y Locale) int { return cmp.Compare(x.Tag, y.Tag) })
	b.commands = b.readCommands(found)
	b.young = b.readYoung()
	b.answers = b.readAnswers(found)
	b.languages, b.meanings = b.readNames()
	return b
}

func (b *Bundle) add(c *catalogue, file string, found *faults) {
	id, _ := identify(c.locale.Tag)
	if twin, taken := b.identities[id]; taken {
		found.add(file, "", "is the same language as "+twin+extension, "keep one of them")
		return
	}
	b.identities[id] = c.locale.Tag
	b.catalogues[c.locale.Tag] = c
	b.locales = append(b.locales, c.locale)
}

// compareAll holds every catalogue against the English one, and that against itself.
func (b *Bundle) compareAll(found *faults) {
	b.english.compare(b.english, English+extension, found)
	for _, l := range b.locales {
		if l.Tag != English {
			b.catalogues[l.Tag].compare(b.english, l.Tag+extension, found)
		}
	}
}

// Locales are the languages that a catalogue exists for, sorted by tag.
func (b *Bundle) Locales() []Locale { return slices.Clone(b.locales) }

// Ordered are the locales in the order a picker shows them: those that fit the
// hints first, in the order of the hints, then the rest as in Locales. A hint is
// a language tag in any spelling; it orders and never leaves anything out.
func (b *Bundle) Ordered(hints ...string) []Locale {
	rest := b.Locales()
	ordered := make([]Locale, 0, len(rest))
	for _, hint := range hints {
		r := b.Resolve(hint)
		if !r.Exact && !r.Declared {
			continue
		}
		if i := slices.IndexFunc(rest, func(l Locale) bool { return l.Tag == r.Locale }); i >= 0 {
			ordered = append(ordered, rest[i])
			rest = slices.Delete(rest, i, i+1)
		}
	}
	return append(ordered, rest...)
}

// For is the printer of a locale, exactly as one of Locales is tagged. Any other
// name gives English; use Resolve for tags that come from outside.
func (b *Bundle) For(locale string) Printer {
	if own := b.catalogues[locale]; own != nil {
		return Printer{bundle: b, own: own}
	}
	return Printer{bundle: b, own: b.english}
}

// Faults are the shortfalls met since Load, sorted by locale, key and kind.
func (b *Bundle) Faults() []FaultCount { return b.tally.list() }
