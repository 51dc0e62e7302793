package message

import "strings"

// Kind says what a span's text is, and with it how it is protected inside text
// of the other direction.
type Kind string

// The kinds of spans. Text is Ella's own words from a catalogue; all others are
// values that no translator retypes.
const (
	Text    Kind = "text"
	Words   Kind = "words"  // what a person wrote: an alert's text, a group's own description
	Person  Kind = "person" // a name
	Place   Kind = "place"  // a town, an outward postcode, an address line
	Time    Kind = "time"   // one time or date; a range is two of them
	Phone   Kind = "phone"
	URL     Kind = "url" // shown as it is, or behind Span.Text when Span.URL is set
	Count   Kind = "count"
	Money   Kind = "money"
	Command Kind = "command" // something to type, such as /help or a code
)

// Span is a run of text of one kind.
type Span struct {
	Kind Kind   `json:"k"`
	Text string `json:"t"`
	Bold bool   `json:"b,omitempty"`
	// URL is where a span of kind URL leads, when that is not its text.
	URL string `json:"url,omitempty"`
}

// Isolates, from the Unicode bidirectional algorithm (UAX #9).
const (
	IsolateLTR   = "\u2066" // LRI
	IsolateFirst = "\u2068" // FSI: direction of the first strong letter inside
	IsolateEnd   = "\u2069" // PDI
)

// Isolate is what opens the isolate that the span's text needs, or empty for Ella's own
// words. Phone numbers, links, commands, times and counts run from left to right in
// every script; names, places and people's words find their direction by their first
// letter, and so do kinds of a later version.
func (s Span) Isolate() string {
	switch s.Kind {
	case Text:
		return ""
	case Phone, URL, Command, Time, Money, Count:
		return IsolateLTR
	default:
		return IsolateFirst
	}
}

// Isolated is the span's text, wrapped so that it can't disturb the order of the words
// around it and they can't disturb its own.
func (s Span) Isolated() string {
	open := s.Isolate()
	if open == "" || s.Text == "" {
		return s.Text
	}
	return open + s.Text + IsolateEnd
}

// Plain joins spans as text with isolates.
func Plain(spans []Span) string {
	if len(spans) == 1 {
		return spans[0].Isolated()
	}
	var b strings.Builder
	for _, s := range spans {
		b.WriteString(s.Isolated())
	}
	return b.String()
}

// Say is one paragraph of Ella's own words.
func Say(text string) Paragraph { return Paragraph{Spans: []Span{{Kind: Text, Text: text}}} }
