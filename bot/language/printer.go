package language

import (
	"math"
	"strings"

	"ella/bot/message"
)

// Printer says things in one locale. It is a small value, made by Bundle.For and
// safe for concurrent use. No method fails or panics: an entry that the catalogue
// lacks is said in English, and the shortfall is counted (see Bundle.Faults).
type Printer struct {
	bundle *Bundle
	own    *catalogue
}

// Locale is the tag of the catalogue.
func (p Printer) Locale() string { return p.own.locale.Tag }

// Direction is the reading direction.
func (p Printer) Direction() message.Direction { return p.own.locale.Direction }

// Has reports whether the catalogue itself has the entry.
func (p Printer) Has(key string) bool { return p.own.entries[key] != nil }

// Text is an entry as one string with isolates: for button labels and the like.
func (p Printer) Text(key string, values ...Value) string {
	s, ok := p.find(key, values)
	if !ok {
		return lastWord(key)
	}
	if len(s.parts) == 1 && s.parts[0].name == "" {
		return s.parts[0].words
	}
	return message.Plain(p.spans(key, s))
}

// Spans are an entry with its values, each a span of the kind of its value.
func (p Printer) Spans(key string, values ...Value) []message.Span {
	s, ok := p.find(key, values)
	if !ok {
		return []message.Span{{Kind: message.Text, Text: lastWord(key)}}
	}
	return p.spans(key, s)
}

// Paragraph is an entry as running text.
func (p Printer) Paragraph(key string, values ...Value) message.Paragraph {
	return message.Paragraph{Spans: p.Spans(key, values...)}
}

// Heading is an entry as a short title.
func (p Printer) Heading(key string, values ...Value) message.Heading {
	return message.Heading{Spans: p.Spans(key, values...)}
}

// Plural are the spans of the entry's form for n, which is its {{.Count}}. Any
// other method does the same with a Count("Count", n) among its values.
func (p Printer) Plural(key string, n int, values ...Value) []message.Span {
	all := make([]Value, 0, len(values)+1)
	return p.Spans(key, append(append(all, Count(countName, n)), values...)...)
}

// Message is a message in this locale and direction.
func (p Printer) Message(blocks ...message.Block) message.Message {
	return message.Message{Locale: p.Locale(), Direction: p.Direction(), Blocks: blocks}
}

// Kilometres is a distance rounded to whole kilometres, "3 km", or "under 1 km".
// Of what is no distance it says nothing.
func (p Printer) Kilometres(km float64) []message.Span {
	switch {
	case math.IsNaN(km), km < 0, km > math.MaxInt32:
		return nil
	case km < 1:
		return p.Spans("distance.near")
	}
	return p.Plural("distance.km", int(math.Round(km)))
}

// find picks the text of a key, in the form for the count among the values. It
// is not ok when no catalogue has the key.
func (p Printer) find(key string, values []Value) (saying, bool) {
	from := p.own
	e := from.entries[key]
	if e == nil {
		p.bundle.tally.note(p.own.locale.Tag, key, MissingEntry)
		from = p.bundle.english
		if e = from.entries[key]; e == nil {
			return saying{}, false
		}
	}
	f := other
	if e.plural {
		f = p.pick(key, from, values)
		if e.forms[f] == nil {
			p.bundle.tally.note(p.own.locale.Tag, key, MissingForm)
			f = other
		}
	}
	return saying{from: from, parts: e.forms[f], values: values}, true
}

func (p Printer) pick(key string, from *catalogue, values []Value) form {
	for i := range values {
		if v := &values[i]; v.name == countName && v.span.Kind == message.Count {
			return from.plurals.form(v.number)
		}
	}
	p.bundle.tally.note(p.own.locale.Tag, key, MissingValue)
	return other
}

func (p Printer) spans(key string, s saying) []message.Span {
	spans, missing := s.spans()
	if missing > 0 {
		p.bundle.tally.note(p.own.locale.Tag, key, MissingValue)
	}
	return spans
}

// lastWord is what is left to say of a key that no catalogue has: "results" of
// "alert.button.results". It is never empty, so that a button keeps a label.
func lastWord(key string) string {
	word := key[strings.LastIndexByte(key, '.')+1:]
	if word == "" {
		return gap
	}
	return strings.NewReplacer("-", " ", "_", " ").Replace(word)
}
