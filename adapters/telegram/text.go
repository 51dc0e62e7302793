package telegram

import (
	"strings"

	"ella/adapters/wording"
	"ella/bot/message"
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

// Words implements wording.Run.
func (r run) Words() (text string, isolated bool) { return r.text, r.isolate != "" }

// line is one line, without the new line at its end.
type line []run

// paragraph is lines that belong together. A tight one has no empty line after it.
type paragraph struct {
	lines []line
	tight bool
}

func plainLine(text string) line {
	if text = wording.OneLine(text); text == "" {
		return nil
	}
	return line{{text: text}}
}

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
		whole := l.rtl || strings.ContainsFunc(r.text, wording.IsIsolate)
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
	r := run{text: wording.Plain(s.Text), isolate: s.Isolate(), bold: s.Bold}
	switch s.Kind {
	case message.Command:
		r.code = !isCommand(r.text)
	case message.URL:
		if s.URL == "" {
			r.href, _ = leadsTo(r.text, "https", "http", "tg")
			break
		}
		// Shown behind words, which may be in any script.
		r.isolate = message.IsolateFirst
		var ok bool
		if r.href, ok = leadsTo(s.URL, "https", "http", "tg"); !ok {
			l.refuse("link")
		}
	default:
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

// leadsTo is an address that may be opened from a message, or empty and false.
func leadsTo(address string, schemes ...string) (string, bool) {
	if !wording.Leads(address, schemes...) {
		return "", false
	}
	return address, true
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
		if wording.IsIsolate(letter) {
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
		if !wording.IsBlank(r.text) {
			return false
		}
	}
	return true
}
