package slack

import (
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/bidi"

	"ella/bot/message"
)

// Isolates and marks, from the Unicode bidirectional algorithm (UAX #9).
const (
	isolateLTR   = "\u2066" // LRI
	isolateFirst = "\u2068" // FSI: direction of the first strong letter inside
	isolateEnd   = "\u2069" // PDI
	rightToLeft  = "\u200f" // RLM: an invisible letter that runs from right to left
)

// run is a stretch of words that is written in one manner.
type run struct {
	text string
	// isolate is what it is isolated with, or empty.
	isolate    string
	bold, code bool
	href       string
}

// newLine begins a line within an item. What is isolated never holds one where the
// whole message reads from right to left.
var newLine = run{text: "\n"}

// item is a paragraph, or one item of a list.
type item []run

func plainItem(text string) item {
	if text = oneLine(text); text == "" {
		return nil
	}
	return item{{text: text}}
}

// oneLine is plain text without new lines.
func oneLine(text string) string { return strings.ReplaceAll(plain(text), "\n", " ") }

// item lays spans out. Where the message reads from left to right, the lines of a
// person's words stay together: each finds its own direction, as whoever wrote it saw
// it. Otherwise each is held to the message's.
func (l *lowering) item(spans []message.Span) (all item) {
	for _, s := range spans {
		r := l.run(s)
		if !l.rtl {
			all = append(all, r)
			continue
		}
		for i, text := range strings.Split(r.text, "\n") {
			if i > 0 {
				all = append(all, newLine)
			}
			piece := r
			piece.text = text
			all = append(all, piece)
		}
	}
	return trimmed(slices.DeleteFunc(all, func(r run) bool { return r.text == "" }))
}

// trimmed is an item without space at its ends, which nobody would see.
func trimmed(all item) item {
	for len(all) > 0 {
		first := &all[0]
		if first.text = strings.TrimLeft(first.text, " \n\t"); first.text != "" {
			break
		}
		all = all[1:]
	}
	for len(all) > 0 {
		last := &all[len(all)-1]
		if last.text = strings.TrimRight(last.text, " \n\t"); last.text != "" {
			break
		}
		all = all[:len(all)-1]
	}
	return all
}

// run is how a span is written.
func (l *lowering) run(s message.Span) run {
	r := run{text: plain(s.Text), bold: s.Bold}
	switch s.Kind {
	case message.Text:
	case message.Phone, message.Time, message.Money, message.Count:
		r.isolate = isolateLTR
	case message.Command:
		r.isolate, r.code = isolateLTR, true
		r.text = l.typed(r.text)
	case message.URL:
		r.isolate = isolateLTR
		if s.URL == "" {
			r.href, _ = leadsTo(r.text, "https", "http")
			break
		}
		// Shown behind words, which may be in any script.
		r.isolate = isolateFirst
		var ok bool
		if r.href, ok = leadsTo(s.URL, "https", "http"); !ok {
			l.refuse("link")
		}
	default: // people's words, and kinds of a later version
		r.isolate = isolateFirst
	}
	return r
}

// typed is how a command is typed: Slack takes whatever begins with a slash for a
// command of some app, or of its own, and knows one of Ella's alone
// (https://docs.slack.dev/interactivity/implementing-slash-commands).
func (l *lowering) typed(command string) string {
	name, ok := strings.CutPrefix(command, "/")
	if !ok || l.command == "" {
		return command
	}
	return l.command + " " + name
}

// plain drops what no reader can see and no JSON should hold: control characters but
// tab and new line, and bytes that are no UTF-8.
func plain(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		if (r < ' ' && r != '\n' && r != '\t') || (r >= 0x7f && r < 0xa0) {
			return -1
		}
		return r
	}, s)
}

// isBlank reports that nobody would see anything of a text.
func isBlank(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.IsSpace(r) && !unicode.In(r, unicode.Cf, unicode.Cc, unicode.Z) && r != '\u2800'
	})
}

func (i item) blank() bool {
	return !slices.ContainsFunc(i, func(r run) bool { return !isBlank(r.text) })
}

// leadsTo is an address that may be opened from a message, or empty and false.
func leadsTo(address string, schemes ...string) (string, bool) {
	u, err := url.Parse(address)
	if err != nil || address == "" || length(address) > maxAddress || plain(address) != address ||
		strings.ContainsAny(address, " \n\t\"<>|") || !slices.Contains(schemes, u.Scheme) {
		return "", false
	}
	leads := u.Opaque != "" // as tel and mailto have it
	if u.Scheme == "http" || u.Scheme == "https" {
		// A name before the host only ever pretends to be the host.
		leads = u.Host != "" && u.User == nil
	}
	if !leads {
		return "", false
	}
	return address, true
}

// runsRightToLeft reports whether a line is laid out from right to left by itself: the
// direction of its first strong letter outside isolates.
func runsRightToLeft(line item) bool {
	class, isolated := firstStrong(line)
	return !isolated && class != bidi.L && class != bidi.ON
}

// readsRightToLeft reports whether nothing but what is isolated gives a line a
// direction, and that is from right to left: the apps would not see it.
func readsRightToLeft(line item) bool {
	class, isolated := firstStrong(line)
	return isolated && class != bidi.L
}

// firstStrong is the class of the first letter outside isolates that has a direction;
// where there is none, of the first inside them; bidi.ON without any.
func firstStrong(line item) (class bidi.Class, isolated bool) {
	class = bidi.ON
	for _, r := range line {
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

func isRightToLeft(letter rune) bool {
	p, _ := bidi.LookupRune(letter)
	return p.Class() == bidi.R || p.Class() == bidi.AL
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

// toText escapes what means something in text
// (https://docs.slack.dev/messaging/formatting-message-text#escaping). Nothing else of
// what Ella sends is markup: rich_text and plain_text are taken as they are.
var toText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// cost is how many characters a run has at most, with what protects it.
func (r run) cost() int {
	if r.text == "" {
		return 0
	}
	n := escaped(r.text) + length(r.href)
	if r.isolate != "" {
		n += 2
	}
	for _, letter := range r.text {
		if isIsolate(letter) || letter == '\n' {
			n++ // another that opens or closes it, or a mark behind it
		}
	}
	return n
}

// escaped is how long a text is once it is escaped.
func escaped(s string) int {
	n := 0
	for _, r := range s {
		switch r {
		case '&':
			n += len("&amp;")
		case '<', '>':
			n += len("&lt;")
		default:
			n++
		}
	}
	return n
}

// itemCost is what an item costs besides its runs: a mark at its beginning, the number
// before it and the new line behind it.
const itemCost = 8

func (i item) cost() int {
	n := itemCost
	for _, r := range i {
		n += r.cost()
	}
	return n
}

func validText(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }
