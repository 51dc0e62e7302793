package telegram

import (
	"strconv"
	"strings"

	"github.com/clipperhouse/uax29/v2/graphemes"
	"golang.org/x/text/width"

	"ella/adapters/wording"
	"ella/bot/message"
)

// row lays buttons out side by side as long as their labels fit there.
func (l *lowering) row(actions []message.Action) (rows [][]Button) {
	all := make([]Button, 0, len(actions))
	for _, a := range actions {
		all = append(all, l.button(a))
	}
	for len(all) > 0 {
		n := min(buttonRow, len(all))
		for n > 1 && widest(all[:n]) > rowUnits/n {
			n--
		}
		rows = append(rows, all[:n:n])
		all = all[n:]
	}
	return rows
}

func widest(buttons []Button) int {
	n := 0
	for _, b := range buttons {
		n = max(n, columns(b.Label))
	}
	return n
}

// columns is about how wide a label is: characters as people see them, those of East
// Asia and emoji two.
func columns(s string) int {
	n := 0
	for g := graphemes.FromString(s); g.Next(); {
		if wording.IsBlank(g.Value()) && g.Value() != " " {
			continue
		}
		n++
		if p, _ := width.LookupString(g.Value()); p.Kind() == width.EastAsianWide || p.Kind() == width.EastAsianFullwidth {
			n++
		}
	}
	return n
}

func (l *lowering) button(a message.Action) Button {
	l.buttons++
	if a.Data == "" || len(a.Data) > maxData || !wording.IsValid(a.Data) {
		l.refuse("button")
	}
	style := ""
	if a.Style == message.Primary || a.Style == message.Danger {
		style = string(a.Style) // they are called the same (https://core.telegram.org/bots/api#inlinekeyboardbutton)
	}
	return Button{Label: l.label(a.Label), Data: a.Data, Style: style}
}

// link is a button that opens a page. Telegram takes no button that calls or writes
// to somebody: that becomes a line of text, where the apps link it.
func (l *lowering) link(link message.Link) [][]Button {
	if address, ok := leadsTo(link.URL, "https", "tg"); ok {
		l.buttons++
		return [][]Button{{{Label: l.label(link.Label), URL: address}}}
	}
	address, ok := leadsTo(link.URL, "tel", "mailto")
	if !ok {
		l.refuse("link")
		return nil
	}
	_, to, _ := strings.Cut(address, ":")
	label := plainLine(l.label(link.Label) + ": ")
	l.say(append(label, run{text: to, isolate: message.IsolateLTR}))
	return nil
}

// label is a button's text: one line, never empty. In a message that reads from right
// to left it does so, too, if any of it does.
func (l *lowering) label(s string) string {
	s = wording.OneLine(s)
	if wording.IsBlank(s) {
		l.refuse("button")
	}
	s = shortened(s, maxLabel)
	if l.rtl && !wording.RunsRightToLeft(line{{text: s}}) && wording.RunsRightToLeft(withoutLatin(s)) {
		s = wording.RightToLeft + s
	}
	return s
}

func withoutLatin(s string) line {
	return line{{text: strings.Map(func(r rune) rune {
		if r < 0x250 {
			return ' '
		}
		return r
	}, s)}}
}

func ordinal(n int) string { return strconv.Itoa(n) + ". " }
