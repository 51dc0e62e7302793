package place

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// fold reduces a text to a key under which the ways to write one name meet: small
// letters without accents, digits of any script as ASCII, words apart by one space.
// It folds by script and not by language, since most names are on record in one
// language of a script only: what a Pashto or Sorani typist writes meets the
// Persian and the Arabic spelling, Tigrinya meets Amharic.
func fold(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	apart := false
	for _, r := range norm.NFKD.String(text) {
		r, kept := foldRune(r)
		switch {
		case !kept:
		case r == ' ':
			apart = b.Len() > 0
		default:
			if apart {
				b.WriteByte(' ')
				apart = false
			}
			b.WriteRune(r)
		}
	}
	return foldSaint(b.String())
}

// foldRune folds one rune of decomposed text. It returns a space for whatever keeps
// words apart, and false for what is to be left out.
func foldRune(r rune) (rune, bool) {
	switch {
	case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
		return r, true
	case 'A' <= r && r <= 'Z':
		return r + 'a' - 'A', true
	case r == '\'', r == '’', r == '‘', r == 'ʼ', r == 'ʻ', r == '`': // King's, Kings
		return 0, false
	case r < unicode.MaxASCII:
		return ' ', true
	case unicode.Is(unicode.Cf, r), r == 'ـ': // joiners, marks of direction, tatweel
		return 0, false
	case unicode.Is(unicode.Mn, r):
		return r, !dropsMark(r)
	case unicode.Is(unicode.Nd, r):
		return '0' + digit(r), true
	case unicode.IsLetter(r), unicode.IsMark(r):
		return foldLetter(unicode.ToLower(r)), true
	}
	return ' ', true
}

// dropsMark reports whether a mark may go: accents, vowel points and dots, which
// people leave out. The marks of Indic and South-East Asian scripts are vowels and
// stay, except the nukta, which many keyboards make hard to type.
func dropsMark(r rune) bool {
	switch r {
	case '\u093C', '\u09BC', '\u0A3C', '\u0ABC', '\u0B3C', '\u0CBC':
		return true
	}
	return unicode.In(r, unicode.Inherited, unicode.Arabic, unicode.Cyrillic, unicode.Ethiopic, unicode.Hebrew)
}

// foldLetter maps letters that are typed for one another to one of them.
func foldLetter(r rune) rune {
	switch r {
	case 'ł':
		return 'l'
	case 'ø':
		return 'o'
	case 'đ', 'ð':
		return 'd'
	case 'ı':
		return 'i'
	case 'ي', 'ى', 'ێ', 'ې', 'ۍ', 'ے': // Arabic, Sorani, Pashto, Urdu
		return 'ی'
	case 'ك', 'ګ', 'ڪ':
		return 'ک'
	case 'ة', 'ە', 'ہ', 'ھ', 'ۀ':
		return 'ه'
	case 'ٱ':
		return 'ا'
	case 'ۆ', 'ۇ':
		return 'و'
	case 'ڵ':
		return 'ل'
	case 'ڕ', 'ړ', 'ڑ':
		return 'ر'
	case 'ٹ', 'ټ':
		return 'ت'
	case 'ڈ', 'ډ':
		return 'د'
	case 'ں', 'ڼ':
		return 'ن'
	case 'ڤ':
		return 'ف'
	}
	return foldEthiopic(r)
}

// foldEthiopic merges the rows of letters that Amharic no longer tells apart.
func foldEthiopic(r rune) rune {
	switch {
	case 'ሐ' <= r && r <= 'ሗ':
		return r - 'ሐ' + 'ሀ'
	case 'ኀ' <= r && r <= 'ኇ':
		return r - 'ኀ' + 'ሀ'
	case 'ሠ' <= r && r <= 'ሧ':
		return r - 'ሠ' + 'ሰ'
	case 'ዐ' <= r && r <= 'ዖ':
		return r - 'ዐ' + 'አ'
	case 'ፀ' <= r && r <= 'ፆ':
		return r - 'ፀ' + 'ጸ'
	}
	return r
}

// digit returns the value of a decimal digit of any script. The digits of Unicode
// stand in runs of ten from nought upwards.
func digit(r rune) rune {
	for _, run := range unicode.Nd.R16 {
		if rune(run.Lo) <= r && r <= rune(run.Hi) {
			return (r - rune(run.Lo)) % 10
		}
	}
	for _, run := range unicode.Nd.R32 {
		if rune(run.Lo) <= r && r <= rune(run.Hi) {
			return (r - rune(run.Lo)) % 10
		}
	}
	return 0
}

// foldSaint lets "Saint Albans" meet "St Albans".
func foldSaint(key string) string {
	if !strings.Contains(key, "saint") {
		return key
	}
	words := strings.Split(key, " ")
	for i, word := range words {
		if word == "saint" {
			words[i] = "st"
		}
	}
	return strings.Join(words, " ")
}
