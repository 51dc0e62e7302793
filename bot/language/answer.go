package language

import (
	"maps"
	"slices"
	"strings"
	"unicode"
)

// Said is what somebody answers in words to the question whether they come.
type Said string

// The answers. Brings is a number of people and no word; Unsure are words that may mean
// either, such as a Pole's "no": whoever writes them is asked once more, and nothing is
// noted. Numbered is a bare number: a button's, or how many come, as the question was.
const (
	SaidYes   Said = "yes"
	SaidMaybe Said = "maybe"
	SaidNo    Said = "no"
	Brings    Said = "brings"
	Unsure    Said = "unsure"
	Numbered  Said = "numbered"
)

// answerWords is how the keys of answers begin: "answer.words.yes" holds the phrases
// that mean yes, with | between them.
const answerWords = "answer.words."

// buttons are the answers in their order: 1 is the first.
var buttons = []Said{SaidYes, SaidMaybe, SaidNo}

// Button is the answer on the button of that number, counted from 1.
func Button(n int) (Said, bool) {
	if n < 1 || n > len(buttons) {
		return "", false
	}
	return buttons[n-1], true
}

// mostBrought is the biggest number that is read as people whom somebody brings.
const mostBrought = 99

// AnswerFor finds the answer that a whole message is, in the words of any catalogue:
// those of the reader's own first, since one word may say yes in one language and no
// in another. "1", "2" and "3", in the digits of any script, are Numbered, with the
// number as plus; "yes +2" and "yes 2" are a yes that brings two people, and "+2" only
// says how many. Case, accents, punctuation and emoji don't matter, nor does a word said
// over and over.
func (b *Bundle) AnswerFor(locale, text string) (said Said, plus int, ok bool) {
	folded := fold(text)
	words, last, brings := lastNumber(folded)
	switch {
	case !brings:
		said, ok = b.answer(locale, folded)
		return said, 0, ok
	case last > mostBrought:
		return "", 0, false
	case words != "":
		said, ok = b.answer(locale, words)
		if ok && said != SaidYes {
			said = Unsure // "no 2": are two coming, or none?
		}
		return said, last, ok
	case strings.HasPrefix(strings.TrimLeftFunc(text, unicode.IsSpace), "+"):
		return Brings, last, true
	}
	if _, ok := Button(last); ok {
		return Numbered, last, true
	}
	return "", 0, false
}

// answer is what a folded phrase says: in a language, else in English, which everybody
// here hears every day, else in any other.
func (b *Bundle) answer(locale, folded string) (Said, bool) {
	phrase := once(folded)
	for _, own := range []string{locale, English} {
		if said, ok := b.answers[own][phrase]; ok {
			return said, true
		}
	}
	var said Said
	for _, l := range b.locales {
		switch other, ok := b.answers[l.Tag][phrase]; {
		case !ok:
		case said == "" || said == other:
			said = other
		default:
			said = Unsure // one thing in one of them and another in the next
		}
	}
	return said, said != ""
}

// lastNumber takes a number off the end of a folded text.
func lastNumber(folded string) (words string, n int, ok bool) {
	at := strings.LastIndexByte(folded, ' ') + 1
	n, ok = smallNumber(folded[at:])
	if !ok {
		return folded, 0, false
	}
	return strings.TrimSpace(folded[:at]), n, true
}

// readAnswers gathers the answers in words of each catalogue. A phrase that says two
// things in one language, or that is a command in any and so is never heard as an
// answer, is a fault.
func (b *Bundle) readAnswers(found *faults) map[string]map[string]Said {
	all := map[string]map[string]Said{}
	for _, l := range b.locales {
		entries, file := b.catalogues[l.Tag].entries, l.Tag+extension
		own := map[string]Said{}
		for _, key := range slices.Sorted(maps.Keys(entries)) {
			rest, ok := strings.CutPrefix(key, answerWords)
			if !ok {
				continue
			}
			for phrase := range strings.SplitSeq(phrases(entries[key]), "|") {
				folded, said := once(fold(phrase)), Said(rest)
				_, command := b.commands[folded]
				switch known, taken := own[folded]; {
				case folded == "":
					found.add(file, key, "holds a phrase without letters", "write words with one | between them")
				case command:
					found.add(file, key, "holds "+strings.TrimSpace(phrase)+", which is a command", "take it out: nobody who writes it is heard as answering")
				case taken && known != said:
					found.add(file, key, "holds "+strings.TrimSpace(phrase)+", which means "+string(known)+" too", "keep it in one of them")
				default:
					own[folded] = said
				}
			}
		}
		all[l.Tag] = own
	}
	return all
}
