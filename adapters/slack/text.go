package slack

import (
	"slices"
	"strings"

	"ella/adapters/wording"
	"ella/bot/message"
)

// run is a stretch of words that is written in one manner.
type run struct {
	text string
	// isolate is what it is isolated with, or empty.
	isolate    string
	bold, code bool
	href       string
}

// Words implements wording.Run.
func (r run) Words() (text string, isolated bool) { return r.text, r.isolate != "" }

// newLine begins a line within an item. What is isolated never holds one where the
// whole message reads from right to left.
var newLine = run{text: "\n"}

// item is a paragraph, or one item of a list.
type item []run

func plainItem(text string) item {
	if text = wording.OneLine(text); text == "" {
		return nil
	}
	return item{{text: text}}
}

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
	r := run{text: wording.Plain(s.Text), isolate: s.Isolate(), bold: s.Bold}
	switch s.Kind {
	case message.Command:
		r.code = true
		r.text = l.typed(r.text)
	case message.URL:
		if s.URL == "" {
			r.href, _ = leadsTo(r.text, "https", "http")
			break
		}
		// Shown behind words, which may be in any script.
		r.isolate = message.IsolateFirst
		var ok bool
		if r.href, ok = leadsTo(s.URL, "https", "http"); !ok {
			l.refuse("link")
		}
	default:
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

func (i item) blank() bool {
	return !slices.ContainsFunc(i, func(r run) bool { return !wording.IsBlank(r.text) })
}

// leadsTo is an address that may be opened from a message, or empty and false.
func leadsTo(address string, schemes ...string) (string, bool) {
	if !wording.Leads(address, schemes...) || length(address) > maxAddress || strings.Contains(address, "|") {
		return "", false
	}
	return address, true
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
		if wording.IsIsolate(letter) || letter == '\n' {
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
