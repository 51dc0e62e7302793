package language

import (
	"fmt"
	"time"
)

// field is one piece of a date pattern: a letter of the CLDR with how often it
// stands, or words.
type field struct {
	letter byte // 0 for words
	width  int
	words  string
}

// pattern is a date or time pattern of the CLDR, cut into fields.
type pattern []field

// UnmarshalText reads a pattern, such as "EEEE d 'de' MMMM". It fails on a
// letter that no pattern of the table needs.
func (p *pattern) UnmarshalText(text []byte) error {
	*p = parsePattern(string(text))
	for _, f := range *p {
		switch f.letter {
		case 0, 'E', 'c', 'M', 'L', 'd', 'y', 'H', 'm':
		default:
			return fmt.Errorf("pattern %q: unknown letter %c", text, f.letter)
		}
	}
	return nil
}

func parsePattern(text string) pattern {
	var p pattern
	words := func(s string) {
		if n := len(p); n > 0 && p[n-1].letter == 0 {
			p[n-1].words += s
		} else if s != "" {
			p = append(p, field{words: s})
		}
	}
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == '\'':
			end := i + 1
			for end < len(text) && text[end] != '\'' {
				end++
			}
			words(text[i+1 : end])
			i = end + 1
		case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z':
			end := i
			for end < len(text) && text[end] == c {
				end++
			}
			p = append(p, field{letter: c, width: end - i})
			i = end
		default:
			words(text[i : i+1])
			i++
		}
	}
	return p
}

// format writes t, in its own zone, by a pattern.
func (c *convention) format(p pattern, t time.Time) string {
	out := make([]byte, 0, 64)
	for _, f := range p {
		switch f.letter {
		case 0:
			out = append(out, f.words...)
		case 'E':
			out = append(out, c.Weekdays[t.Weekday()]...)
		case 'c':
			out = append(out, c.WeekdaysAlone[t.Weekday()]...)
		case 'M', 'L':
			switch {
			case f.width < 3:
				out = c.padded(out, int(t.Month()), f.width)
			case f.letter == 'M':
				out = append(out, c.Months[t.Month()-1]...)
			default:
				out = append(out, c.MonthsAlone[t.Month()-1]...)
			}
		case 'd':
			out = c.padded(out, t.Day(), f.width)
		case 'y':
			out = c.padded(out, t.Year(), f.width)
		case 'H':
			out = c.padded(out, t.Hour(), f.width)
		case 'm':
			out = c.padded(out, t.Minute(), f.width)
		}
	}
	return string(out)
}

// padded appends n without groups, with zeros up to the width.
func (c *convention) padded(out []byte, n, width int) []byte {
	for _, d := range fmt.Sprintf("%0*d", width, max(n, 0)) {
		out = append(out, c.Digits[d-'0']...)
	}
	return out
}

// period is a part of the day, from an hour on.
type period struct {
	From int    `json:"from"`
	Word string `json:"word"`
}

// Date is the weekday, day and month of t in t's own zone: "Thursday 12 March".
// It is Gregorian in every locale.
func (p Printer) Date(t time.Time) string { return p.own.convention.format(p.own.convention.Date, t) }

// DateYear is Date with the year.
func (p Printer) DateYear(t time.Time) string {
	return p.own.convention.format(p.own.convention.DateYear, t)
}

// Month is the month and year of t in t's own zone, standing alone: "March 2026".
func (p Printer) Month(t time.Time) string {
	return p.own.convention.format(pattern{{letter: 'L', width: 4}, {words: " "}, {letter: 'y', width: 1}}, t)
}

// Time is the time of day of t in its own zone, in 24 hours: "18:30".
func (p Printer) Time(t time.Time) string { return p.own.convention.format(p.own.convention.Time, t) }

// Weekday is the day's name, standing alone.
func (p Printer) Weekday(d time.Weekday) string {
	return p.own.convention.WeekdaysAlone[(int(d)%7+7)%7]
}

// PartOfDay is the locale's word for the part of the day that t lies in, in its
// own zone: "morning", "evening". Where the CLDR has no words for a language, it
// is that language's sign for before or after noon.
func (p Printer) PartOfDay(t time.Time) string {
	word := ""
	for _, part := range p.own.convention.Periods {
		if word == "" || part.From <= t.Hour() {
			word = part.Word
		}
	}
	return word
}
