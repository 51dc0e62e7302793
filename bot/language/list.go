package language

import (
	"strings"

	"ella/bot/message"
)

// ListSpans joins items of spans as the locale does: "a, b and c".
func (p Printer) ListSpans(items [][]message.Span) []message.Span {
	list := p.own.convention.List
	switch len(items) {
	case 0:
		return nil
	case 1:
		return items[0]
	case 2:
		return list.Two.join(items[0], items[1])
	}
	last := len(items) - 1
	joined := list.End.join(items[last-1], items[last])
	for i := last - 2; i > 0; i-- {
		joined = list.Middle.join(items[i], joined)
	}
	return list.Start.join(items[0], joined)
}

// List joins items as the locale does. It adds no isolates: for names and other
// words of people use ListSpans.
func (p Printer) List(items []string) string {
	spans := make([][]message.Span, len(items))
	for i, item := range items {
		spans[i] = []message.Span{{Kind: message.Text, Text: item}}
	}
	var b strings.Builder
	for _, s := range p.ListSpans(spans) {
		b.WriteString(s.Text)
	}
	return b.String()
}

func (j joint) join(a, b []message.Span) []message.Span {
	joined := make([]message.Span, 0, len(a)+len(b)+3)
	words := func(s string) {
		if s != "" {
			joined = append(joined, message.Span{Kind: message.Text, Text: s})
		}
	}
	words(j.before)
	joined = append(joined, a...)
	words(j.between)
	joined = append(joined, b...)
	words(j.after)
	return joined
}
