package slack

import (
	"slices"
	"strconv"
	"strings"

	library "github.com/slack-go/slack"

	"ella/adapters/wording"
	"ella/bot/message"
)

// Button is a button in a message. Either Data or URL is set.
type Button struct {
	Label, Data, URL string
	Style            message.Style
	// Form: its press asks for a window.
	Form bool
}

// row lays buttons out side by side, and the others below.
func (l *lowering) row(actions []message.Action) {
	all := make([]Button, 0, len(actions))
	for _, a := range actions {
		l.buttons++
		if a.Data == "" || len(a.Data) > maxPress || !wording.IsValid(a.Data) {
			l.refuse("button")
		}
		b := Button{Label: l.label(a.Label), Data: a.Data, Form: a.Form}
		if a.Style == message.Primary || a.Style == message.Danger {
			b.Style = a.Style
		}
		all = append(all, b)
	}
	for some := range slices.Chunk(all, buttonRow) {
		l.filler.add(piece{form: buttonsForm, row: some})
	}
}

// link is a button that opens a page. A button of Slack's calls or writes to nobody:
// that becomes a line of text.
func (l *lowering) link(link message.Link) {
	if address, ok := leadsTo(link.URL, "https"); ok {
		l.buttons++
		l.filler.add(piece{form: buttonsForm, row: []Button{{Label: l.label(link.Label), URL: address}}})
		return
	}
	address, ok := leadsTo(link.URL, "tel", "mailto")
	if !ok {
		l.refuse("link")
		return
	}
	_, to, _ := strings.Cut(address, ":")
	l.say(item{{text: l.label(link.Label) + ": "}, {text: wording.Plain(to), isolate: message.IsolateLTR}})
}

// label is a button's text: one line, never empty, and not cut yet. In a message that
// reads from right to left it does so, too, if any of it does.
func (l *lowering) label(s string) string {
	s = wording.OneLine(s)
	if wording.IsBlank(s) {
		l.refuse("button")
	}
	if l.rtl && !wording.RunsRightToLeft(plainItem(s)) && strings.ContainsFunc(s, wording.IsRightToLeft) {
		s = wording.RightToLeft + s
	}
	return s
}

// What the names of buttons begin with. By formPress the adapter knows in the moment of a
// press that a window is to be opened, whatever the button carries.
const (
	plainPress = "press-"
	formPress  = "form-"
	linkPress  = "link-"
)

// actions is a row of buttons. They are told apart by their place in the message, from
// the one given on; one that leads somewhere is named so, since its press needs no
// answer.
func actions(row []Button, from int) *library.ActionBlock {
	var elements []library.BlockElement
	for i, b := range row {
		e := &library.ButtonBlockElement{
			Type: library.METButton, Text: plainText(shortened(b.Label, maxLabel)), ActionID: plainPress + strconv.Itoa(from+i),
			Value: b.Data, URL: b.URL, Style: library.Style(b.Style),
		}
		switch {
		case b.URL != "":
			e.ActionID = linkPress + strconv.Itoa(from+i)
		case b.Form:
			e.ActionID = formPress + strconv.Itoa(from+i)
		}
		if e.Text.Text != b.Label {
			e.AccessibilityLabel = firstOf(b.Label, maxLabel)
		}
		elements = append(elements, e)
	}
	return library.NewActionBlock("", elements...)
}
