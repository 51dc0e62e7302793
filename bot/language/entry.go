package language

import (
	"slices"
	"strings"

	"ella/bot/message"
)

// part is a piece of a text: Ella's own words, or the name of a value.
type part struct {
	words string
	name  string // set for a value
}

// entry is what a catalogue says under one key, in every plural form that it has.
type entry struct {
	forms  [formCount][]part // nil where the catalogue has no such form
	plural bool              // whether English tells one from many here
}

// names are the names of the values that a text asks for, each once.
func names(parts []part) []string {
	var all []string
	for _, p := range parts {
		if p.name != "" && !slices.Contains(all, p.name) {
			all = append(all, p.name)
		}
	}
	return all
}

// parse cuts a text at its values, {{.Name}}, which is all there is to the
// language of catalogues. It is not ok when a brace is left over: catalogues are
// edited by volunteers, so they are no text/template, which can loop and call.
func parse(text string) (parts []part, ok bool) {
	for text != "" {
		words, rest, found := strings.Cut(text, "{{.")
		if strings.ContainsAny(words, "{}") {
			return nil, false
		}
		if words != "" {
			parts = append(parts, part{words: words})
		}
		if !found {
			return parts, true
		}
		name, after, closed := strings.Cut(rest, "}}")
		if !closed || !isName(name) {
			return nil, false
		}
		parts = append(parts, part{name: name})
		text = after
	}
	return parts, true
}

// isName reports whether a value may have that name: a capital, then letters
// and digits.
func isName(name string) bool {
	for i, r := range name {
		capital, small, digit := 'A' <= r && r <= 'Z', 'a' <= r && r <= 'z', '0' <= r && r <= '9'
		if !capital && (i == 0 || !small && !digit) {
			return false
		}
	}
	return name != ""
}

// saying is one text about to be said: where it comes from and what goes in.
type saying struct {
	from   *catalogue // of the text, which may be the English one
	parts  []part
	values []Value
}

// spans puts the values in. The number of values that were not given is missing.
func (s saying) spans() (spans []message.Span, missing int) {
	size := len(s.parts)
	for i := range s.values {
		size += len(s.values[i].spans)
	}
	spans = make([]message.Span, 0, size)
	for i := range s.parts {
		p := &s.parts[i]
		if p.name == "" {
			spans = append(spans, message.Span{Kind: message.Text, Text: p.words})
			continue
		}
		v := s.value(p.name)
		switch {
		case v == nil:
			missing++
			spans = append(spans, message.Span{Kind: message.Text, Text: gap})
		case v.spans != nil:
			spans = append(spans, v.spans...)
		case v.span.Kind == message.Count:
			spans = append(spans, message.Span{Kind: message.Count, Text: s.from.convention.number(v.number)})
		default:
			spans = append(spans, v.span)
		}
	}
	return spans, missing
}

// gap stands for a value that was not given.
const gap = "…"

func (s saying) value(name string) *Value {
	for i := range s.values {
		if s.values[i].name == name {
			return &s.values[i]
		}
	}
	return nil
}
