package language

import (
	"slices"
	"strings"
	"unicode"
)

// The entries that hold what somebody writes who says that they are under 18, with |
// between the phrases. 17 in them stands for any number from 5 to 17.
const (
	youngEnds    = "young.whole"   // a sentence, or the end of one: "hello I am 17"
	youngSays    = "young.begins"  // said anywhere in one: "I am 17 years old and"
	youngNumbers = "young.numbers" // the numbers in words
)

// youngPhrases are those of all catalogues, folded.
type youngPhrases struct {
	ends, says []string
	// numbers are the words for numbers, each with a space before and after it.
	numbers []string
}

// Young reports whether somebody says of themself, in the words of any catalogue,
// that they are under 18. It is meant to be right rather than complete: "hello I am
// 15" and "I'm fifteen years old and need help" are, "I am 15 minutes away" and "my
// son is 15" are not. Nothing is ever kept of it.
func (b *Bundle) Young(text string) bool {
	const longest = 2000 // a letter, not a book
	if len(text) > longest {
		return false
	}
	for _, sentence := range strings.FieldsFunc(text, func(c rune) bool { return unicode.Is(unicode.STerm, c) || strings.ContainsRune(",;:\n،؛", c) }) {
		said := " " + fold(sentence) + " "
		for _, number := range b.young.numbers {
			said = strings.ReplaceAll(said, number, " 17 ")
		}
		said = children(said)
		if slices.ContainsFunc(b.young.ends, func(phrase string) bool { return strings.HasSuffix(said, phrase) }) ||
			slices.ContainsFunc(b.young.says, func(phrase string) bool { return strings.Contains(said, phrase) }) {
			return true
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
		value, ok := Digit(c)
		if !ok || digits == 2 {
			return 0, false
		}
		n, digits = n*10+value, digits+1
	}
	return n, digits > 0
}

func (b *Bundle) readYoung() youngPhrases {
	var all youngPhrases
	for _, l := range b.locales {
		for key, into := range map[string]*[]string{youngEnds: &all.ends, youngSays: &all.says, youngNumbers: &all.numbers} {
			e := b.catalogues[l.Tag].entries[key]
			if e == nil {
				continue
			}
			for phrase := range strings.SplitSeq(phrases(e), "|") {
				if folded := fold(phrase); folded != "" {
					*into = append(*into, children(" "+folded+" "))
				}
			}
		}
	}
	return all
}
