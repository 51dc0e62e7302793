package language

import (
	"fmt"
	"io/fs"
	"strings"
	"unicode"
)

// Report is how complete the catalogues are, for people to read.
type Report struct {
	// Lines are the report: a line a language.
	Lines []string
	// Err joins every fault, as Load returns them. Nil means that all is sound.
	Err error
}

// Check reports on every catalogue at the root of fsys: how many of the English
// entries it has, the plural forms it needs, how many texts are the same as in
// English, and who has read it.
func Check(fsys fs.FS) Report {
	b, err := Load(fsys)
	r := Report{Err: err}
	for _, l := range b.locales {
		c := b.catalogues[l.Tag]
		line := fmt.Sprintf("%-8s %s: %d of %d entries; forms %s", l.Tag, l.Endonym, len(c.entries), len(b.english.entries), c.plurals.names())
		if l.Tag != English {
			line += fmt.Sprintf("; %d same as English", c.sameAs(b.english))
		}
		if c.borrowed {
			line += "; dates and numbers in English, the CLDR table has no row for it"
		}
		r.Lines = append(r.Lines, line+"; reviewed by "+l.Reviewed)
	}
	return r
}

// sameAs counts the entries whose words are those of the English: left
// untranslated, or borrowed. Command words may well be the same.
func (c *catalogue) sameAs(english *catalogue) int {
	count := 0
	for key := range c.entries {
		model := english.entries[key]
		if model == nil || strings.HasPrefix(key, commandWords) || strings.HasPrefix(key, answerWords) {
			continue
		}
		text := c.sample(key)
		if text == english.sample(key) && strings.ContainsFunc(text, unicode.IsLetter) {
			count++
		}
	}
	return count
}
