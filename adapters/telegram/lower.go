package telegram

import (
	"slices"

	"ella/bot"
	"ella/bot/message"
)

// Lowered is a message as Telegram takes it: one or more of Telegram's own messages,
// in order.
type Lowered struct {
	Parts []Part
	message.Options
}

// PartKind is what one of Telegram's messages is.
type PartKind string

// The kinds of parts.
const (
	TextPart     PartKind = "text"
	PhotoPart    PartKind = "photo"
	DocumentPart PartKind = "document"
	VenuePart    PartKind = "venue"
)

// Part is one of Telegram's messages. HTML is a text, or what stands under a photo or
// a document. Every part may have Buttons; only a text has Ask.
type Part struct {
	Kind    PartKind
	HTML    string
	Buttons [][]Button
	// Ask is the label of the one key of a keyboard that shares where the reader is.
	// Such a keyboard exists in private chats alone; with Only the part is there for
	// nothing else.
	Ask  string
	Only bool
	// Data is a photo, or the content of the document called Name.
	Data []byte
	Name string
	// Venue is set for a venue alone.
	Venue message.Venue
}

// Button is a button under a message. Either Data or URL is set.
type Button struct {
	Label, Data, URL, Style string
}

// Lower turns a message into what Telegram takes, and holds it against Telegram's
// limits. It does no I/O. Its error is a *bot.SendError of kind Invalid whose code is
// one of: empty, block, too-long, buttons, button, link, picture, file, venue.
func Lower(m message.Message) (Lowered, error) {
	l := lowering{rtl: m.Direction == message.RightToLeft, apart: manyCards(m)}
	for _, b := range m.Blocks {
		l.block(b)
	}
	l.end()
	parts := l.parts
	switch {
	case l.fault != "":
		return Lowered{}, sendError(bot.Invalid, l.fault)
	case len(parts) == 0:
		return Lowered{}, sendError(bot.Invalid, "empty")
	case len(parts) > maxTexts:
		return Lowered{}, sendError(bot.Invalid, "too-long")
	case l.buttons > maxButtons:
		return Lowered{}, sendError(bot.Invalid, "buttons")
	}
	return Lowered{Parts: parts, Options: m.Options}, nil
}

// manyCards reports whether buttons of several cards would stand below all of them,
// where nobody could tell whose is whose: each card is then a message of its own.
func manyCards(m message.Message) bool {
	n := 0
	for _, b := range m.Blocks {
		if c, ok := b.(message.Card); ok && (len(c.Actions) > 0 || c.Link != nil) {
			n++
		}
	}
	return n > 1
}

// lowering is a message that is being lowered, and its first fault.
type lowering struct {
	rtl, apart bool

	parts   []Part
	text    []paragraph // that is no part yet
	rows    [][]Button  // that belong below the last text
	ask     string
	buttons int
	files   int
	fault   string
}

func (l *lowering) refuse(code string) {
	if l.fault == "" {
		l.fault = code
	}
}

func (l *lowering) block(b message.Block) {
	switch b := b.(type) {
	case message.Paragraph:
		l.say(l.lines(b.Spans)...)
	case message.Heading:
		l.text = append(l.text, paragraph{lines: bold(l.lines(b.Spans)), tight: true})
	case message.List:
		l.say(l.list(b)...)
	case message.Facts:
		l.say(l.facts(b.Rows)...)
	case message.Card:
		l.card(b)
	case message.Choices:
		for _, row := range b.Rows {
			l.rows = append(l.rows, l.row(row)...)
		}
	case message.LinkButton:
		l.rows = append(l.rows, l.link(b.Link)...)
	case message.LocationRequest:
		l.ask = l.label(b.Label)
	case message.Picture:
		l.picture(b)
	case message.Venue:
		l.venue(b)
	case message.File:
		l.file(b)
	case message.Progress:
		l.say(append(l.lines(b.Label), bar(b))...)
	default:
		l.refuse("block")
	}
}

func (l *lowering) say(lines ...line) { l.text = append(l.text, paragraph{lines: lines}) }

// close makes parts of the text so far. It reports whether there was any.
func (l *lowering) close() bool {
	texts := split(l.text, maxUnits)
	l.text = nil
	for _, lines := range texts {
		l.parts = append(l.parts, Part{Kind: TextPart, HTML: html(lines, l.rtl)})
	}
	return len(texts) > 0
}

// end puts the buttons below the last text, or else below the last part that can
// have them, and the keyboard that asks for a location where no buttons are: a
// message has only one of the two.
func (l *lowering) end() {
	l.close()
	last := -1
	for i, p := range l.parts {
		if p.Kind == TextPart || last < 0 || l.parts[last].Kind != TextPart {
			last = i
		}
	}
	if len(l.rows) > 0 {
		if last < 0 {
			l.refuse("empty")
			return
		}
		l.parts[last].Buttons = append(l.parts[last].Buttons, l.rows...)
	}
	switch {
	case l.ask == "":
	case last >= 0 && l.parts[last].Kind == TextPart && len(l.parts[last].Buttons) == 0:
		l.parts[last].Ask = l.ask
	default:
		l.parts = append(l.parts, Part{Kind: TextPart, HTML: html([]line{plainLine(l.ask)}, l.rtl), Ask: l.ask, Only: true})
	}
}

func (l *lowering) list(b message.List) (all []line) {
	for i, item := range b.Items {
		mark := "• "
		if b.Ordered {
			mark = ordinal(i + 1)
		}
		lines := l.lines(item)
		if len(trimmed(lines)) == 0 {
			continue
		}
		lines[0] = append(line{{text: mark}}, lines[0]...)
		all = append(all, lines...)
	}
	return all
}

func (l *lowering) facts(rows []message.Fact) (all []line) {
	for _, f := range rows {
		lines, label := l.lines(f.Value), plainLine(f.Label)
		if len(label) == 0 && len(trimmed(lines)) == 0 {
			continue
		}
		if len(label) > 0 {
			label[0].text += ": "
		}
		lines[0] = append(label, lines[0]...)
		all = append(all, lines...)
	}
	return all
}

func (l *lowering) card(c message.Card) {
	l.say(slices.Concat(trimmed(bold(l.lines(c.Title))), trimmed(l.lines(c.Text)), l.facts(c.Rows))...)
	rows := l.row(c.Actions)
	if c.Link != nil {
		rows = append(rows, l.link(*c.Link)...)
	}
	if l.apart && len(rows) > 0 && l.close() {
		l.parts[len(l.parts)-1].Buttons = rows
		return
	}
	l.rows = append(l.rows, rows...)
}

func bold(lines []line) []line {
	for _, l := range lines {
		for i := range l {
			l[i].bold = true
		}
	}
	return lines
}

// barCells is how wide a bar is: it fits on one line of a narrow phone.
const barCells = 10

// bar draws how much of some work is done, or nothing where that is not known.
func bar(p message.Progress) line {
	if p.Total <= 0 {
		return nil
	}
	full := min(max(p.Done, 0), p.Total) * barCells / p.Total
	var cells []rune
	for i := range barCells {
		if i < full {
			cells = append(cells, '▰')
		} else {
			cells = append(cells, '▱')
		}
	}
	return line{{text: string(cells)}}
}
