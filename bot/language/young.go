package language

import (
	"strings"
	"unicode"
)

// The entries that hold what somebody writes who says that they are under 18, with |
// between the phrases. 17 in them stands for any number from 5 to 17.
const (
	youngWhole  = "young.whole"  // a whole sentence: "I am 17"
	youngBegins = "young.begins" // the beginning of one: "I am 17 years old"
)

// youngPhrases are those of all catalogues, folded.
type youngPhrases struct {
	whole  map[string]bool
	begins []string
}

// Young reports whether somebody says of themself, in the words of any catalogue,
// that they are under 18. It is meant to be right rather than complete: "I am 15",
// "hello, I'm 15 years old and need help" are, "I am 15 minutes away" and "my son is
// 15" are not. Nothing is ever kept of it.
func (b *Bundle) Young(text string) bool {
	const longest = 2000 // a letter, not a book
	if len(text) > longest {
		return false
	}
	for _, sentence := range strings.FieldsFunc(text, func(c rune) bool { return unicode.Is(unicode.STerm, c) || strings.ContainsRune(",;:\n،؛", c) }) {
		said := children(fold(sentence))
		if b.young.whole[said] {
			return true
		}
		for _, phrase := range b.young.begins {
			if rest, ok := strings.CutPrefix(said, phrase); ok && (rest == "" || rest[0] == ' ') {
				return true
			}
		}
	}
	return false
}

// children writes every age of a child as 17, in the digits that the phrases have.
// Younger than five nobody writes.
func children(folded string) string {
	words := strings.Split(folded, " ")
	for i, w := range words {
		if n, ok := smallNumber(w); ok && n >= 5 && n <= 17 {
			words[i] = "17"
		}
	}
	return strings.Join(words, " ")
}

// smallNumber reads one or two digits of any script.
func smallNumber(word string) (n int, ok bool) {
	digits := 0
	for _, c := range word {
		if !unicode.IsDigit(c) || digits == 2 {
			return 0, false
		}
		// The digits of a script stand together, zero first.
		zero := c
		for unicode.IsDigit(zero-1) && c-zero < 9 {
			zero--
		}
		n, digits = n*10+int(c-zero), digits+1
	}
	return n, digits > 0
}

func (b *Bundle) readYoung() youngPhrases {
	all := youngPhrases{whole: map[string]bool{}}
	for _, l := range b.locales {
		entries := b.catalogues[l.Tag].entries
		if e := entries[youngWhole]; e != nil {
			for phrase := range strings.SplitSeq(phrases(e), "|") {
				all.whole[children(fold(phrase))] = true
			}
		}
		if e := entries[youngBegins]; e != nil {
			for phrase := range strings.SplitSeq(phrases(e), "|") {
				all.begins = append(all.begins, children(fold(phrase)))
			}
		}
	}
	delete(all.whole, "")
	return all
}
