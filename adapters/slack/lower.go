package slack

import (
	"bytes"
	"image/png"
	"math"
	"strings"

	library "github.com/slack-go/slack"

	"ella/adapters/wording"
	"ella/bot"
	"ella/bot/message"
)

// Lowered is a message as Slack takes it: one or more of Slack's own messages, in order.
type Lowered struct {
	Parts []Part
	message.Options
}

// PartKind is what one of Slack's messages is.
type PartKind string

// The kinds of parts.
const (
	BlocksPart PartKind = "blocks"
	FilePart   PartKind = "file"
)

// Part is one of Slack's messages.
type Part struct {
	Kind PartKind
	// Text is all the words of the part, escaped: notifications and screen readers have it
	// in place of the blocks.
	Text   string
	Blocks []library.Block
	// Pictures are those that the image blocks still lack, by their places in Blocks.
	Pictures map[int]message.Picture
	// Data is the content of the file called Name; Slack calls it File once it has it.
	Data       []byte
	Name, File string
}

// Lower turns a message into what Slack takes, and holds it against Slack's limits.
// Command is the slash command of this workspace, which whatever begins with a slash
// follows; empty leaves those as they are. It does no I/O. Its error is a *bot.SendError
// of kind Invalid whose code is one of: empty, block, too-long, buttons, button, link,
// picture, file, venue, or limit- and what is beyond one.
func Lower(m message.Message, command string) (Lowered, error) {
	l := lowering{rtl: m.Direction == message.RightToLeft, command: command}
	for _, b := range m.Blocks {
		l.block(b)
	}
	l.close()
	switch {
	case l.fault != "":
		return Lowered{}, sendError(bot.Invalid, l.fault)
	case len(l.parts) == 0:
		return Lowered{}, sendError(bot.Invalid, "empty")
	case len(l.parts) > maxParts:
		return Lowered{}, sendError(bot.Invalid, "too-long")
	case l.buttons > maxButtons:
		return Lowered{}, sendError(bot.Invalid, "buttons")
	}
	for _, p := range l.parts {
		if fault := check(p); fault != "" {
			return Lowered{}, sendError(bot.Invalid, "limit-"+fault)
		}
	}
	return Lowered{Parts: l.parts, Options: m.Options}, nil
}

// lowering is a message that is being lowered, and its first fault.
type lowering struct {
	rtl     bool
	command string

	parts   []Part
	filler  filler // of what is no part yet
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
		l.say(l.item(b.Spans))
	case message.Heading:
		l.head(b)
	case message.List:
		l.list(b)
	case message.Facts:
		l.say(l.facts(b.Rows))
	case message.Card:
		l.card(b)
	case message.Choices:
		for _, row := range b.Rows {
			l.row(row)
		}
	case message.LinkButton:
		l.link(b.Link)
	case message.LocationRequest:
		// No app of Slack's can ask for a location.
	case message.Picture:
		l.picture(b)
	case message.Venue:
		l.venue(b)
	case message.File:
		l.file(b)
	case message.Progress:
		l.say(joined(l.item(b.Label), bar(b)))
	default:
		l.refuse("block")
	}
}

// say is a paragraph. Nothing is nothing.
func (l *lowering) say(i item) {
	if !i.blank() {
		l.filler.add(piece{form: wordsForm, items: []item{i}})
	}
}

// head is a header, which screen readers find their way by. It is plain text of one
// line: whatever is more than that is bold.
func (l *lowering) head(h message.Heading) {
	i := l.item(h.Spans)
	if i.blank() {
		return
	}
	flat := i.cost() - itemCost
	for _, r := range i {
		if r.href != "" || r.code || strings.Contains(r.text, "\n") {
			flat = maxHeader + 1
		}
	}
	if flat < maxHeader {
		l.filler.add(piece{form: headingForm, items: []item{i}})
		return
	}
	l.say(bold(i))
}

func (l *lowering) list(b message.List) {
	p := piece{form: bulletsForm, from: 1}
	if b.Ordered {
		p.form = numbersForm
	}
	for _, spans := range b.Items {
		if i := l.item(spans); !i.blank() {
			p.items = append(p.items, i)
		}
	}
	if len(p.items) > 0 {
		l.filler.add(p)
	}
}

func (l *lowering) facts(rows []message.Fact) (all item) {
	for _, f := range rows {
		label, value := plainItem(f.Label), l.item(f.Value)
		if label.blank() && value.blank() {
			continue
		}
		if len(label) > 0 {
			label[0].text += ": "
		}
		all = joined(all, append(bold(label), value...))
	}
	return all
}

func (l *lowering) card(c message.Card) {
	l.say(joined(joined(bold(l.item(c.Title)), l.item(c.Text)), l.facts(c.Rows)))
	l.row(c.Actions)
	if c.Link != nil {
		l.link(*c.Link)
	}
}

// joined is one item below the other.
func joined(a, b item) item {
	if len(a) == 0 || len(b) == 0 {
		return append(a, b...)
	}
	return append(append(a, newLine), b...)
}

func bold(i item) item {
	for n := range i {
		i[n].bold = true
	}
	return i
}

// pngEnd is how every whole PNG ends: its last chunk.
var pngEnd = []byte("\x00\x00\x00\x00IEND\xaeB`\x82")

// maxPicture is how many bytes a picture has: ours are far below what Slack takes.
const maxPicture = 10 << 20

// maxBelow is how many characters stand below a picture for sure.
const maxBelow = 1000

// picture is an image with its words below it: whoever sees no pictures, or has them
// switched off, reads those.
func (l *lowering) picture(p message.Picture) {
	seen, err := png.DecodeConfig(bytes.NewReader(p.PNG))
	if err != nil || seen.Width < 1 || seen.Height < 1 || !bytes.HasSuffix(p.PNG, pngEnd) || len(p.PNG) > maxPicture || wording.IsBlank(p.Alt) {
		l.refuse("picture")
		return
	}
	below, rest := l.item([]message.Span{{Kind: message.Text, Text: p.Alt}}).cut(maxBelow)
	l.filler.add(piece{form: imageForm, picture: p, items: []item{below}})
	l.say(rest)
}

func (l *lowering) venue(v message.Venue) {
	title, address := wording.OneLine(v.Title), wording.OneLine(v.Address)
	if wording.IsBlank(title) || wording.IsBlank(address) || !(math.Abs(v.Lat) <= 90) || !(math.Abs(v.Lng) <= 180) {
		l.refuse("venue")
		return
	}
	l.say(item{{text: title, isolate: message.IsolateFirst, bold: true}, newLine, {text: address, isolate: message.IsolateFirst}})
}

// file is a message of its own, which holds nothing else: what it is about stands
// before it.
func (l *lowering) file(f message.File) {
	l.files++
	if l.files > 1 || f.Check() != nil {
		l.refuse("file")
		return
	}
	l.say(l.item([]message.Span{{Kind: message.Text, Text: f.About}}))
	l.close()
	l.parts = append(l.parts, Part{Kind: FilePart, Data: f.Data, Name: f.Name})
}

// barCells is how wide a bar is: it fits on one line of a narrow phone.
const barCells = 10

// bar draws how much of some work is done, or nothing where that is not known.
func bar(p message.Progress) item {
	if p.Total <= 0 {
		return nil
	}
	full := min(max(p.Done, 0), p.Total) * barCells / p.Total
	return item{{text: strings.Repeat("▰", full) + strings.Repeat("▱", barCells-full)}}
}
