package telegram

import (
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/bidi"

	"ella/bot/message"
)

// Isolates and marks, from the Unicode bidirectional algorithm (UAX #9). Telegram's
// apps find the direction of each line by its first strong letter outside isolates,
// whatever the language of the message.
const (
	isolateLTR   = "\u2066" // LRI
	isolateFirst = "\u2068" // FSI: direction of the first strong letter inside
	isolateEnd   = "\u2069" // PDI
	rightToLeft  = "\u200f" // RLM: an invisible letter that runs from right to left
)

// run is a stretch of one line that is written in one manner.
type run struct {
	text string
	// isolate is what it is isolated with, or empty. With open the next run, on the
	// next line, is still the same person's words: the isolate is not closed yet.
	isolate    string
	open       bool
	bold, code bool
	href       string
}

// line is one line, without the new line at its end.
type line []run

// paragraph is lines that belong together. A tight one has no empty line after it.
type paragraph struct {
	lines []line
	tight bool
}

func plainLine(text string) line {
	if text = oneLine(text); text == "" {
		return nil
	}
	return line{{text: text}}
}

// oneLine is plain text without new lines.
func oneLine(text string) string { return strings.ReplaceAll(plain(text), "\n", " ") }

// lines lays spans out: people's words may hold new lines.
func (l *lowering) lines(spans []message.Span) []line {
	all := []line{nil}
	for _, s := range spans {
		r := l.run(s)
		if r.text == "" {
			continue
		}
		parts := strings.Split(r.text, "\n")
		filled := len(parts) // up to the last that holds something
		for filled > 1 && parts[filled-1] == "" {
			filled--
		}
		// Where the whole message reads from left to right, each line of people's words
		// finds its own direction, as whoever wrote it saw it. Otherwise each is held to
		// the message's. Words that bring isolates of their own are kept to their line.
		whole := l.rtl || strings.ContainsFunc(r.text, isIsolate)
		for i, text := range parts {
			if i > 0 {
				all = append(all, nil)
			}
			piece := r
			piece.text, piece.open = text, !whole && i < filled-1
			if text != "" {
				all[len(all)-1] = append(all[len(all)-1], piece)
			}
		}
	}
	return all
}

// run is how a span is written. Telegram links phone numbers and commands by
// itself: an isolate before the slash is no letter, so that it knows /help behind
// one. Of a command with something behind it Telegram would send the command alone
// when it is touched; that, and codes, are code, which is copied when it is touched.
func (l *lowering) run(s message.Span) run {
	r := run{text: plain(s.Text), bold: s.Bold}
	switch s.Kind {
	case message.Text:
	case message.Phone, message.Time, message.Money, message.Count:
		r.isolate = isolateLTR
	case message.Command:
		r.isolate = isolateLTR
		r.code = !isCommand(r.text)
	case message.URL:
		r.isolate = isolateLTR
		if s.URL == "" {
			r.href, _ = leadsTo(r.text, "https", "http", "tg")
			break
		}
		// Shown behind words, which may be in any script.
		r.isolate = isolateFirst
		var ok bool
		if r.href, ok = leadsTo(s.URL, "https", "http", "tg"); !ok {
			l.refuse("link")
		}
	default: // people's words, and kinds of a later version
		r.isolate = isolateFirst
	}
	return r
}

// isCommand reports whether a text is one command that Telegram knows by itself.
func isCommand(s string) bool {
	name, ok := strings.CutPrefix(s, "/")
	return ok && name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '@'
	})
}

// plain drops what no reader can see and Telegram refuses or replaces: control
// characters but tab and new line, and bytes that are no UTF-8.
func plain(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		if (r < ' ' && r != '\n' && r != '\t') || (r >= 0x7f && r < 0xa0) {
			return -1
		}
		return r
	}, s)
}

// isBlank reports that nobody would see anything of a text: Telegram calls a message
// of that empty.
func isBlank(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.IsSpace(r) && !unicode.In(r, unicode.Cf, unicode.Cc, unicode.Z) && r != '\u2800'
	})
}

// leadsTo is an address that may be opened from a message, or empty and false.
func leadsTo(address string, schemes ...string) (string, bool) {
	u, err := url.Parse(address)
	if err != nil || address == "" || plain(address) != address || strings.ContainsAny(address, " \n\t\"<>") || !slices.Contains(schemes, u.Scheme) {
		return "", false
	}
	leads := u.Opaque != "" // as tel and mailto have it
	if u.Scheme == "http" || u.Scheme == "https" || u.Scheme == "tg" {
		// A name before the host only ever pretends to be the host.
		leads = u.Host != "" && u.User == nil
	}
	if !leads {
		return "", false
	}
	return address, true
}

// runsRightToLeft reports whether Telegram's apps lay a line out from right to left
// by themselves.
func runsRightToLeft(l line) bool {
	class, isolated := firstStrong(l)
	return !isolated && class != bidi.L && class != bidi.ON
}

// readsRightToLeft reports whether nothing but what is isolated gives a line a
// direction, and that is from right to left: the apps would not see it.
func readsRightToLeft(l line) bool {
	class, isolated := firstStrong(l)
	return isolated && class != bidi.L
}

// firstStrong is the class of the first letter outside isolates that has a direction;
// where there is none, of the first inside them; bidi.ON without any.
func firstStrong(l line) (class bidi.Class, isolated bool) {
	class = bidi.ON
	for _, r := range l {
		depth, _ := guards(r.text)
		if r.isolate != "" {
			depth++
		}
		for _, letter := range r.text {
			p, _ := bidi.LookupRune(letter)
			switch c := p.Class(); {
			case letter == '\u2069':
				depth = max(0, depth-1)
			case isIsolate(letter):
				depth++
			case c != bidi.L && c != bidi.R && c != bidi.AL:
			case depth == 0:
				return c, false
			case !isolated:
				class, isolated = c, true
			}
		}
	}
	return class, isolated
}

func isIsolate(r rune) bool { return r >= '\u2066' && r <= '\u2069' }

// guards is how many isolates must be opened before a text and closed after it, so
// that what it brings of its own, or what a cut has left of it, can't reach beyond it.
func guards(text string) (before, after int) {
	depth, lowest := 0, 0
	for _, r := range text {
		switch r {
		case '\u2066', '\u2067', '\u2068':
			depth++
		case '\u2069':
			depth--
			lowest = min(lowest, depth)
		}
	}
	return -lowest, depth - lowest
}

// cost is how many units a run has at most, with what protects it.
func (r run) cost() int {
	if r.text == "" {
		return 0
	}
	n := units(r.text)
	if r.isolate != "" {
		n += 2
	}
	for _, letter := range r.text {
		if isIsolate(letter) {
			n++ // another that opens or closes it
		}
	}
	return n
}

// entities is how many stretches of text a run becomes for Telegram.
func (r run) entities() int {
	n := 0
	for _, is := range []bool{r.bold, r.code, r.href != ""} {
		if is {
			n++
		}
	}
	return n
}

func (l line) cost() int {
	n := 1 // a mark at its beginning
	for _, r := range l {
		n += r.cost()
	}
	return n
}

func (l line) entities() int {
	n := 0
	for _, r := range l {
		n += r.entities()
	}
	return n
}

func (l line) blank() bool {
	for _, r := range l {
		if !isBlank(r.text) {
			return false
		}
	}
	return true
}

func validText(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }
