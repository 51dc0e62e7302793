package slack

import (
	"cmp"
	"strconv"
	"strings"

	library "github.com/slack-go/slack"

	"ella/adapters/wording"
	"ella/bot/message"
)

// close makes parts of the pieces so far.
func (l *lowering) close() {
	l.filler.flush()
	for _, pieces := range l.filler.drafts {
		l.parts = append(l.parts, l.part(pieces))
	}
	l.filler.drafts = nil
}

// part writes the blocks of one message, and its words beside them.
func (l *lowering) part(pieces []piece) Part {
	p := Part{Kind: BlocksPart, Pictures: map[int]message.Picture{}}
	var lines, labels []string
	for _, piece := range pieces {
		switch piece.form {
		case headingForm:
			lines = append(lines, l.words(piece.items[0]))
			p.Blocks = append(p.Blocks, library.NewHeaderBlock(plainText(l.words(piece.items[0]))))
		case imageForm:
			p.Pictures[len(p.Blocks)] = piece.picture
			p.Blocks = append(p.Blocks, &library.ImageBlock{Type: library.MBTImage, AltText: shortened(wording.OneLine(piece.picture.Alt), maxAlt)})
			piece.form = wordsForm
			lines = append(lines, l.listed(piece)...)
			p.Blocks = append(p.Blocks, library.NewRichTextBlock("", l.rich(piece)))
		case buttonsForm:
			for _, b := range piece.row {
				labels = append(labels, "["+b.Label+"]")
			}
			p.Blocks = append(p.Blocks, actions(piece.row, len(labels)-len(piece.row)))
		case wordsForm, bulletsForm, numbersForm:
			lines = append(lines, l.listed(piece)...)
			p.Blocks = append(p.Blocks, library.NewRichTextBlock("", l.rich(piece)))
		}
	}
	p.Text = toText.Replace(strings.Join(lines, "\n"))
	if all := labelsOf(labels); all != "" {
		p.Text = strings.TrimLeft(p.Text+"\n"+all, "\n")
	}
	return p
}

// labelsOf is the labels of buttons in text, as many as fit.
func labelsOf(labels []string) string {
	var b strings.Builder
	room := maxLabels
	for i, s := range labels {
		if i > 0 {
			s = " " + s
		}
		if room -= escaped(s); room < 1 {
			b.WriteString("…")
			break
		}
		b.WriteString(toText.Replace(s))
	}
	return b.String()
}

// listed is the words of a piece, a line an item.
func (l *lowering) listed(p piece) (lines []string) {
	for n, i := range p.items {
		mark := ""
		switch p.form {
		case bulletsForm:
			mark = "• "
		case numbersForm:
			mark = strconv.Itoa(p.from+n) + ". "
		default:
		}
		lines = append(lines, mark+l.words(i))
	}
	return lines
}

// rich is a piece as rich text: nothing in it is markup, whatever it says.
func (l *lowering) rich(p piece) library.RichTextElement {
	if p.form == wordsForm {
		return l.section(p.items[0])
	}
	style := library.RTEListBullet
	if p.form == numbersForm {
		style = library.RTEListOrdered
	}
	var items []library.RichTextElement
	for _, i := range p.items {
		items = append(items, l.section(i))
	}
	list := library.NewRichTextList(style, 0, items...)
	if p.form == numbersForm {
		list.Offset = p.from - 1
	}
	return list
}

func (l *lowering) section(i item) *library.RichTextSection {
	section := library.NewRichTextSection()
	for _, s := range l.stretches(i) {
		var style *library.RichTextSectionTextStyle
		if s.bold || s.code {
			style = &library.RichTextSectionTextStyle{Bold: s.bold, Code: s.code}
		}
		if s.href != "" {
			section.Elements = append(section.Elements, library.NewRichTextSectionLinkElement(s.href, s.text, style))
			continue
		}
		section.Elements = append(section.Elements, library.NewRichTextSectionTextElement(s.text, style))
	}
	return section
}

// words is an item as plain text with isolates.
func (l *lowering) words(i item) string {
	var b strings.Builder
	for _, s := range l.stretches(i) {
		b.WriteString(s.text)
	}
	return b.String()
}

// stretches is an item with all that protects the directions in it. What isolates a code
// or an address is none of it: whoever copies that gets no character that is not seen.
// In a message that reads from right to left each line begins so that it is laid out so;
// in another one those items do that hold nothing but somebody's words in such a script.
func (l *lowering) stretches(i item) (all []run) {
	write := func(s run) {
		if s.text == "" {
			return
		}
		if n := len(all) - 1; n >= 0 && s.href == "" && all[n].href == "" && all[n].bold == s.bold && all[n].code == s.code {
			all[n].text += s.text
			return
		}
		all = append(all, s)
	}
	begin := true
	for n, r := range i {
		if begin && (l.rtl && !wording.RunsRightToLeft(lineAt(i[n:])) || !l.rtl && wording.ReadsRightToLeft(i)) {
			write(run{text: wording.RightToLeft})
		}
		begin = l.rtl && r.text == newLine.text
		before, after := wording.Guards(r.text)
		write(run{text: strings.Repeat(cmp.Or(r.isolate, message.IsolateFirst), before) + r.isolate, bold: r.bold})
		write(run{text: r.text, bold: r.bold, code: r.code, href: r.href})
		end := ""
		if r.isolate != "" {
			end = message.IsolateEnd
		}
		write(run{text: end + strings.Repeat(message.IsolateEnd, after), bold: r.bold})
	}
	return all
}

// lineAt is the line at the beginning of an item.
func lineAt(i item) item {
	for n, r := range i {
		if r.text == newLine.text {
			return i[:n]
		}
	}
	return i
}

// plainText takes words as they are: without emoji, what somebody typed between colons
// would become a picture.
func plainText(s string) *library.TextBlockObject {
	emoji := false
	return &library.TextBlockObject{Type: library.PlainTextType, Text: s, Emoji: &emoji}
}
