package language

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"ella/bot/message"
)

// Value is what stands for one {{.Name}} of an entry. It is typed, so that it
// gets the protection it needs in text of the other direction. Its text is
// cleaned when it is made: control characters and the marks that could reorder
// the words around it (U+202A–202E, U+2066–2069) are taken out.
type Value struct {
	name   string
	span   message.Span
	number int            // the text of a Count is written by the printer
	spans  []message.Span // of Spans only
}

func value(name string, kind message.Kind, text string) Value {
	return Value{name: name, span: message.Span{Kind: kind, Text: clean(text, kind == message.Words)}}
}

// Person is somebody's name.
func Person(name, text string) Value { return value(name, message.Person, text) }

// Place is a town, an outward postcode or an address line.
func Place(name, text string) Value { return value(name, message.Place, text) }

// Time is one time or one date, as a Printer writes it. A range is two of them.
func Time(name, text string) Value { return value(name, message.Time, text) }

// Phone is a phone number.
func Phone(name, text string) Value { return value(name, message.Phone, text) }

// URL is a link that is shown as it is.
func URL(name, url string) Value { return value(name, message.URL, url) }

// Link is a link behind a label.
func Link(name, label, url string) Value {
	v := value(name, message.URL, label)
	v.span.URL = clean(url, false)
	return v
}

// Command is something to type, such as /help or a code.
func Command(name, text string) Value { return value(name, message.Command, text) }

// Words are what a person wrote. Line breaks in them stay.
func Words(name, text string) Value { return value(name, message.Words, text) }

// Count is a number, written in the digits of the locale. A count with the name
// "Count" also picks the plural form.
func Count(name string, n int) Value {
	return Value{name: name, span: message.Span{Kind: message.Count}, number: n}
}

// Money is an amount in pounds sterling, given in pence: "£5", "£4.50". Its
// digits are those on the price tag, in every locale.
func Money(name string, pence int) Value { return value(name, message.Money, pounds(pence)) }

// Spans are spans that were built elsewhere, such as a list of names.
func Spans(name string, spans []message.Span) Value {
	cleaned := make([]message.Span, len(spans))
	for i, s := range spans {
		s.Text, s.URL = clean(s.Text, s.Kind == message.Words), clean(s.URL, false)
		cleaned[i] = s
	}
	return Value{name: name, spans: cleaned}
}

// clean returns text as valid UTF-8 without control characters and reordering
// marks. Line breaks become spaces, or stay as "\n" when lines is set.
// Joiners stay: Persian, Urdu and Bengali words are spelled with them.
func clean(text string, lines bool) string {
	if plainASCII(text) {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	for i, r := range text {
		switch {
		case r == '\r' && strings.HasPrefix(text[i:], "\r\n"):
		case r == '\n', r == '\r', r == '\u2028', r == '\u2029', r == '\u0085':
			if lines {
				b.WriteByte('\n')
			} else {
				b.WriteByte(' ')
			}
		case r == '\t':
			b.WriteByte(' ')
		case unicode.IsControl(r), r == '\uFEFF', reorders(r):
		default:
			b.WriteRune(r) // a broken byte is read, and so written, as U+FFFD
		}
	}
	return b.String()
}

func plainASCII(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c >= utf8.RuneSelf || c == 0x7F {
			return false
		}
	}
	return true
}

// reorders reports whether r embeds, overrides or isolates text of a direction.
// The marks U+200E, U+200F and U+061C are not among them: inside an isolate they
// reach nothing outside.
func reorders(r rune) bool {
	return '\u202A' <= r && r <= '\u202E' || '\u2066' <= r && r <= '\u2069'
}
