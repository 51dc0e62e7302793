// Package message is what Ella says, before any platform: a closed tree of
// blocks, spans and actions. Rooms build it, the outbox keeps it as JSON, and
// each adapter lowers it to what its platform draws. It is a leaf: it imports
// nothing of ours and knows no platform, no member and no database.
//
// People's words stay plain text in it from beginning to end; nothing in this
// package is markup, so nothing a person types can become markup.
package message

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Version is the version of the stored shape that this package writes.
// Unmarshal reads every version ever written; testdata/corpus holds one of each.
const Version = 1

// Message is one thing Ella says to one reader, in one locale.
type Message struct {
	// Locale is the catalogue the words come from, for lang attributes and
	// for the reading direction. Empty means unknown.
	Locale string
	// Direction is the reading direction of the whole message.
	Direction Direction
	Blocks    []Block
	Options
}

// Options are how a platform is to handle a message. One that can't leaves them out.
type Options struct {
	// Silent: no sound.
	Silent bool `json:"silent,omitempty"`
	// Protected: its reader can't forward or save it.
	Protected bool `json:"protected,omitempty"`
	// Preview: show what the first link leads to. Without it no platform may ask
	// anybody for the page.
	Preview bool `json:"preview,omitempty"`
}

// Direction is a reading direction.
type Direction string

// The two reading directions. The zero value reads as LeftToRight.
const (
	LeftToRight Direction = "ltr"
	RightToLeft Direction = "rtl"
)

// Block is one part of a message, read from top to bottom. The set is closed:
// Paragraph, Heading, List, Facts, Card, Choices, LinkButton, LocationRequest,
// Picture, Venue, File and Progress.
type Block interface{ kind() string }

// Paragraph is running text.
type Paragraph struct {
	Spans []Span `json:"spans"`
}

// Heading is a short title.
type Heading struct {
	Spans []Span `json:"spans"`
}

// List is a few items, each one line.
type List struct {
	Items   [][]Span `json:"items"`
	Ordered bool     `json:"ordered,omitempty"`
}

// Fact is one labelled value, as "When: Thursday 18:30".
type Fact struct {
	Label string `json:"label"`
	Value []Span `json:"value"`
}

// Facts are rows of labelled values.
type Facts struct {
	Rows []Fact `json:"rows"`
}

// Card shows one group of the directory, or another thing with a name, a few
// facts and its own buttons.
type Card struct {
	Title   []Span   `json:"title"`
	Text    []Span   `json:"text,omitempty"`
	Rows    []Fact   `json:"rows,omitempty"`
	Actions []Action `json:"actions,omitempty"`
	Link    *Link    `json:"link,omitempty"`
}

// Choices are buttons, row by row. An adapter may break a row that does not fit.
type Choices struct {
	Rows [][]Action `json:"rows"`
}

// Link is a button's text and where it leads: https, tel or mailto, or the
// platform's own address that begins a conversation.
type Link struct {
	Label string `json:"label"`
	URL   string `json:"url"`
}

// LinkButton is one button that opens a web page.
type LinkButton struct {
	Link Link `json:"link"`
}

// LocationRequest is a button with which the reader shares where they are. An
// adapter without such a button leaves it out: the text before it must stand alone.
type LocationRequest struct {
	Label string `json:"label"`
}

// Picture is an image with the same facts in words. Alt is never empty.
type Picture struct {
	PNG    []byte `json:"png"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Alt    string `json:"alt"`
}

// Venue is where something happens: a public place, never where a person lives. A
// platform with maps shows it on one, the others in words.
type Venue struct {
	Title   string  `json:"title"`
	Address string  `json:"address"`
	Lat     float64 `json:"lat"`
	Lng     float64 `json:"lng"`
}

// Progress is long work seen from outside: Done of Total, with Label in words.
// A Total of 0 is work of unknown length.
type Progress struct {
	Label []Span `json:"label"`
	Done  int    `json:"done"`
	Total int    `json:"total"`
}

func (Paragraph) kind() string       { return "paragraph" }
func (Heading) kind() string         { return "heading" }
func (List) kind() string            { return "list" }
func (Facts) kind() string           { return "facts" }
func (Card) kind() string            { return "card" }
func (Choices) kind() string         { return "choices" }
func (LinkButton) kind() string      { return "link-button" }
func (LocationRequest) kind() string { return "location-request" }
func (Picture) kind() string         { return "picture" }
func (Venue) kind() string           { return "venue" }
func (File) kind() string            { return "file" }
func (Progress) kind() string        { return "progress" }

// ErrShape reports stored JSON that is no message of a version this program
// reads. It never carries the text of the message.
var ErrShape = errors.New("message: not a message this version of Ella can read")

type storedMessage struct {
	Version   int               `json:"v"`
	Locale    string            `json:"locale,omitempty"`
	Direction Direction         `json:"dir,omitempty"`
	Blocks    []json.RawMessage `json:"blocks"`
	Options
}

// MarshalJSON writes the stored shape, with its version.
func (m Message) MarshalJSON() ([]byte, error) {
	stored := storedMessage{Version: Version, Locale: m.Locale, Direction: m.Direction, Blocks: []json.RawMessage{}, Options: m.Options}
	for _, b := range m.Blocks {
		body, err := json.Marshal(b)
		if err != nil {
			return nil, fmt.Errorf("message: write block: %w", err)
		}
		tag, err := json.Marshal(b.kind())
		if err != nil {
			return nil, fmt.Errorf("message: write block kind: %w", err)
		}
		var tagged bytes.Buffer
		tagged.WriteString(`{"type":`)
		tagged.Write(tag)
		if len(body) > len(`{}`) {
			tagged.WriteByte(',')
			tagged.Write(body[1:])
		} else {
			tagged.WriteByte('}')
		}
		stored.Blocks = append(stored.Blocks, tagged.Bytes())
	}
	return json.Marshal(stored)
}

// UnmarshalJSON reads any stored version. Its error is ErrShape, without the text.
func (m *Message) UnmarshalJSON(data []byte) error {
	var stored storedMessage
	if err := json.Unmarshal(data, &stored); err != nil {
		return ErrShape
	}
	if stored.Version < 1 || stored.Version > Version {
		return fmt.Errorf("%w: version %d", ErrShape, stored.Version)
	}
	read := Message{Locale: stored.Locale, Direction: stored.Direction, Options: stored.Options}
	for _, raw := range stored.Blocks {
		b, err := unmarshalBlock(raw)
		if err != nil {
			return err
		}
		read.Blocks = append(read.Blocks, b)
	}
	*m = read
	return nil
}

func unmarshalBlock(raw []byte) (Block, error) {
	var tag struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(raw, &tag); err != nil {
		return nil, ErrShape
	}
	switch tag.Type {
	case Paragraph{}.kind():
		return as[Paragraph](raw)
	case Heading{}.kind():
		return as[Heading](raw)
	case List{}.kind():
		return as[List](raw)
	case Facts{}.kind():
		return as[Facts](raw)
	case Card{}.kind():
		return as[Card](raw)
	case Choices{}.kind():
		return as[Choices](raw)
	case LinkButton{}.kind():
		return as[LinkButton](raw)
	case LocationRequest{}.kind():
		return as[LocationRequest](raw)
	case Picture{}.kind():
		return as[Picture](raw)
	case Venue{}.kind():
		return as[Venue](raw)
	case File{}.kind():
		return as[File](raw)
	case Progress{}.kind():
		return as[Progress](raw)
	}
	return nil, fmt.Errorf("%w: unknown block", ErrShape)
}

func as[B Block](raw []byte) (Block, error) {
	var b B
	if err := json.Unmarshal(raw, &b); err != nil {
		return nil, ErrShape
	}
	return b, nil
}

// Actions returns every button of the message, in reading order.
func (m Message) Actions() []Action {
	var all []Action
	for _, b := range m.Blocks {
		switch b := b.(type) {
		case Card:
			all = append(all, b.Actions...)
		case Choices:
			for _, row := range b.Rows {
				all = append(all, row...)
			}
		}
	}
	return all
}

// Text is the message as plain words with isolates, a line a block, buttons in
// square brackets, of a file what it is about and its name: for notifications,
// screen readers and transcripts.
func (m Message) Text() string {
	var lines []string
	add := func(s string) {
		if s != "" {
			lines = append(lines, s)
		}
	}
	for _, b := range m.Blocks {
		switch b := b.(type) {
		case Paragraph:
			add(Plain(b.Spans))
		case Heading:
			add(Plain(b.Spans))
		case List:
			for i, item := range b.Items {
				add(b.mark(i) + " " + Plain(item))
			}
		case Facts:
			for _, row := range b.Rows {
				add(row.Label + ": " + Plain(row.Value))
			}
		case Card:
			add(Plain(b.Title))
			add(Plain(b.Text))
			for _, row := range b.Rows {
				add(row.Label + ": " + Plain(row.Value))
			}
			add(labels(b.Actions))
			if b.Link != nil {
				add("[" + b.Link.Label + "]")
			}
		case Choices:
			for _, row := range b.Rows {
				add(labels(row))
			}
		case LinkButton:
			add("[" + b.Link.Label + "]")
		case LocationRequest:
			add("[" + b.Label + "]")
		case Picture:
			add(b.Alt)
		case Venue:
			add(Span{Kind: Words, Text: b.Title}.Isolated())
			add(Span{Kind: Place, Text: b.Address}.Isolated())
		case File:
			add(b.About)
			add("📎 " + IsolateLTR + b.Name + IsolateEnd)
		case Progress:
			add(Plain(b.Label))
		}
	}
	return strings.Join(lines, "\n")
}

// mark is what stands before an item.
func (l List) mark(i int) string {
	if l.Ordered {
		return fmt.Sprintf("%d.", i+1)
	}
	return "•"
}

func labels(actions []Action) string {
	var b strings.Builder
	for i, a := range actions {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString("[" + a.Label + "]")
	}
	return b.String()
}
