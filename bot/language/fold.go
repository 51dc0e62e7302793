package language

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// longestFolded is up to how many bytes a text is folded. The longest phrase of
// a catalogue has a fraction of it.
const longestFolded = 256

// fold brings a short text to the form in which spellings of the same words are
// equal: small letters without accents and vowel signs, the Arabic letters that
// keyboards of different languages write differently made one, and words apart
// by single spaces. Whatever is no letter or digit, such as emoji, only parts
// words. A text that is too long to be a phrase folds to nothing.
func fold(text string) string {
	if len(text) > longestFolded {
		return ""
	}
	var b strings.Builder
	apart := false
	for _, r := range norm.NFKD.String(text) {
		r = foldLetter(unicode.ToLower(r))
		switch {
		case r == 0 || invisible(r):
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r):
			if apart && b.Len() > 0 {
				b.WriteByte(' ')
			}
			apart = false
			b.WriteRune(r)
		default:
			apart = true
		}
	}
	return b.String()
}

// foldLetter maps the letters that people write for one another; 0 is no letter.
func foldLetter(r rune) rune {
	switch r {
	case 'ي', 'ى', 'ې', 'ۍ', 'ێ': // the hamza is a mark by now
		return 'ی'
	case 'ك':
		return 'ک'
	case 'ة', 'ە', 'ہ', 'ھ', 'ۀ':
		return 'ه'
	case 'ٱ':
		return 'ا'
	case 'ۆ':
		return 'و'
	case 'ł':
		return 'l'
	case 'đ', 'ð':
		return 'd'
	case 'ø':
		return 'o'
	case 'ı':
		return 'i'
	case 'ß':
		return 's'
	case 'ґ':
		return 'г'
	case '\'', '’', '‘', 'ʼ', 'ʹ', '`', 'ـ': // apostrophes inside words, the tatweel
		return 0
	}
	return r
}

// invisible reports marks that a person may leave out or never sees: accents,
// vowel signs of Arabic, Hebrew and Syriac, joiners and direction marks. The
// signs of Indic scripts are letters to their readers and stay.
func invisible(r rune) bool {
	if unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r) || unicode.Is(unicode.Me, r) {
		return true
	}
	return unicode.Is(unicode.Mn, r) && unicode.In(r, unicode.Inherited, unicode.Arabic, unicode.Hebrew, unicode.Syriac)
}
