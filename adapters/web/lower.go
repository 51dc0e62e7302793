package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"image/png"
	"net/url"
	"slices"
	"strings"

	"ella/bot"
	"ella/bot/message"
)

// LoweredVersion is the version of the shape that Lower writes. It is never
// stored: the shelf keeps the message itself, and lowers it afresh.
const LoweredVersion = 1

// Lowered is a message as the page draws it. Every string in it is plain text.
type Lowered struct {
	Version int `json:"v"`
	// Locale is a language tag or empty; Dir is "ltr" or "rtl".
	Locale string  `json:"locale,omitempty"`
	Dir    string  `json:"dir"`
	Blocks []Block `json:"blocks"`
}

// Block is one part of a message. Type says which of the fields are set:
// paragraph and heading (Spans); list (Items, Ordered); facts (Rows); card
// (Title, Spans, Rows, Buttons, Link); buttons (Buttons); link (Link); location
// (Label); picture (Sum, Width, Height, Label); file (Name, Size, Label);
// progress (Spans, Done, Total).
type Block struct {
	Type    string     `json:"type"`
	Title   []Span     `json:"title,omitempty"`
	Spans   []Span     `json:"spans,omitempty"`
	Items   [][]Span   `json:"items,omitempty"`
	Ordered bool       `json:"ordered,omitempty"`
	Rows    []Row      `json:"rows,omitempty"`
	Buttons [][]Button `json:"buttons,omitempty"`
	Link    *Link      `json:"link,omitempty"`
	// Label is a location button's label, or a picture's or a file's words.
	Label string `json:"label,omitempty"`
	// Sum names a picture by its content: phones/{phone}/pictures/{seq}/{sum}.
	Sum    string `json:"sum,omitempty"`
	Width  int    `json:"width,omitempty"`
	Height int    `json:"height,omitempty"`
	// Name is a file's, and Size how many bytes it has. Item.File leads to it.
	Name string `json:"name,omitempty"`
	Size int    `json:"size,omitempty"`
	// Done of Total is work under way; a Total of 0 is of unknown length.
	Done  int `json:"done,omitempty"`
	Total int `json:"total,omitempty"`
}

// Span is a run of text. Dir is empty for Ella's own words and otherwise the
// direction that it is isolated with: "ltr" or "auto".
type Span struct {
	Kind string `json:"kind"`
	Text string `json:"text"`
	Bold bool   `json:"bold,omitempty"`
	Dir  string `json:"dir,omitempty"`
	Href string `json:"href,omitempty"`
}

// Row is one labelled value.
type Row struct {
	Label string `json:"label"`
	Value []Span `json:"value"`
}

// Button is a button that answers to Ella.
type Button struct {
	Label string `json:"label"`
	Data  string `json:"data"`
	Style string `json:"style,omitempty"`
}

// Link is a button that opens an address. One that begins with "?start=" opens a
// conversation on the page itself.
type Link struct {
	Label string `json:"label"`
	Href  string `json:"href"`
}

// Lower turns a message into what the page draws, and holds it against the
// page's limits. It does no I/O. Its error is a *bot.SendError of kind Invalid
// whose code is one of: empty, block, too-long, buttons, button, link, picture,
// file.
func Lower(m message.Message) (Lowered, error) {
	var l lowering
	out := Lowered{Version: LoweredVersion, Locale: languageTag(m.Locale), Dir: string(message.LeftToRight), Blocks: []Block{}}
	if m.Direction == message.RightToLeft {
		out.Dir = string(message.RightToLeft)
	}
	for _, b := range m.Blocks {
		out.Blocks = append(out.Blocks, l.block(b))
	}
	if len(out.Blocks) == 0 {
		l.refuse("empty")
	}
	if l.units > MaxUnits {
		l.refuse("too-long")
	}
	if l.buttons > MaxButtons {
		l.refuse("buttons")
	}
	if l.fault != "" {
		return Lowered{}, sendError(bot.Invalid, l.fault)
	}
	return out, nil
}

// lowering counts what a message holds while it is lowered, and remembers its
// first fault.
type lowering struct {
	units, buttons, files int
	fault                 string
}

func (l *lowering) refuse(code string) {
	if l.fault == "" {
		l.fault = code
	}
}

func (l *lowering) block(b message.Block) Block {
	switch b := b.(type) {
	case message.Paragraph:
		return Block{Type: "paragraph", Spans: l.spans(b.Spans)}
	case message.Heading:
		return Block{Type: "heading", Spans: l.spans(b.Spans)}
	case message.List:
		out := Block{Type: "list", Ordered: b.Ordered}
		for _, item := range b.Items {
			out.Items = append(out.Items, l.spans(item))
		}
		return out
	case message.Facts:
		return Block{Type: "facts", Rows: l.rows(b.Rows)}
	case message.Card:
		out := Block{Type: "card", Title: l.spans(b.Title), Spans: l.spans(b.Text), Rows: l.rows(b.Rows), Buttons: l.row(b.Actions)}
		if b.Link != nil {
			out.Link = l.link(*b.Link)
		}
		return out
	case message.Choices:
		out := Block{Type: "buttons"}
		for _, row := range b.Rows {
			out.Buttons = append(out.Buttons, l.row(row)...)
		}
		return out
	case message.LinkButton:
		return Block{Type: "link", Link: l.link(b.Link)}
	case message.LocationRequest:
		l.buttons++
		return Block{Type: "location", Label: l.label(b.Label)}
	case message.Picture:
		return l.picture(b)
	case message.Venue:
		// The page has no maps: asking anybody for one would tell them who looks where.
		return Block{
			Type: "card", Title: l.spans([]message.Span{{Kind: message.Words, Text: b.Title, Bold: true}}),
			Spans: l.spans([]message.Span{{Kind: message.Place, Text: b.Address}}),
		}
	case message.File:
		return l.file(b)
	case message.Progress:
		total := max(b.Total, 0)
		return Block{Type: "progress", Spans: l.spans(b.Label), Done: min(max(b.Done, 0), total), Total: total}
	}
	l.refuse("block")
	return Block{}
}

// row breaks buttons into rows that fit.
func (l *lowering) row(actions []message.Action) [][]Button {
	var out [][]Button
	for part := range slices.Chunk(actions, ButtonRow) {
		row := make([]Button, 0, len(part))
		for _, a := range part {
			row = append(row, l.button(a))
		}
		out = append(out, row)
	}
	return out
}

func (l *lowering) button(a message.Action) Button {
	l.buttons++
	if a.Data == "" || len(a.Data) > MaxData || !readable(a.Data) {
		l.refuse("button")
	}
	style := ""
	if a.Style == message.Primary || a.Style == message.Danger {
		style = string(a.Style)
	}
	return Button{Label: l.label(a.Label), Data: a.Data, Style: style}
}

func (l *lowering) link(link message.Link) *Link {
	l.buttons++
	return &Link{Label: l.label(link.Label), Href: l.href(link.URL)}
}

// href is where the page leads for an address; no other may stand in a message.
func (l *lowering) href(address string) string {
	href, ok := leadsTo(address)
	if !ok {
		l.refuse("link")
	}
	return href
}

// label is a button's text: one line, never empty.
func (l *lowering) label(s string) string {
	s = strings.ReplaceAll(clean(s), "\n", " ")
	if strings.TrimSpace(s) == "" {
		l.refuse("button")
	}
	return s
}

func (l *lowering) rows(facts []message.Fact) []Row {
	var out []Row
	for _, f := range facts {
		out = append(out, Row{Label: l.text(f.Label), Value: l.spans(f.Value)})
	}
	return out
}

func (l *lowering) picture(p message.Picture) Block {
	seen, err := png.DecodeConfig(bytes.NewReader(p.PNG))
	if err != nil || len(p.PNG) > MaxPicture || strings.TrimSpace(p.Alt) == "" || seen.Width > maxSide || seen.Height > maxSide {
		l.refuse("picture")
		return Block{}
	}
	width, height := p.Width, p.Height
	if width <= 0 || height <= 0 || width > maxSide || height > maxSide {
		width, height = seen.Width, seen.Height
	}
	return Block{Type: "picture", Sum: pictureSum(p.PNG), Width: width, Height: height, Label: l.text(p.Alt)}
}

// pictureSum names a picture by its content.
func pictureSum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}

func (l *lowering) spans(spans []message.Span) []Span {
	var out []Span
	for _, s := range spans {
		if s.Text == "" {
			continue
		}
		out = append(out, l.span(s))
	}
	return out
}

func (l *lowering) span(s message.Span) Span {
	out := Span{Kind: string(s.Kind), Text: l.text(s.Text), Bold: s.Bold}
	switch s.Kind {
	case message.Text:
	case message.Phone, message.URL, message.Command, message.Time, message.Money, message.Count:
		out.Dir = "ltr"
	case message.Words, message.Person, message.Place:
		out.Dir = "auto"
	default:
		// A kind of a later version: its text is still worth showing.
		out.Kind, out.Dir = string(message.Words), "auto"
	}
	switch {
	case s.Kind == message.Phone:
		out.Href = phoneLink(s.Text)
	case s.Kind == message.URL && s.URL != "":
		// Shown behind words, so its words may be in any script.
		out.Dir, out.Href = "auto", l.href(s.URL)
	case s.Kind == message.URL:
		out.Href, _ = leadsTo(s.Text)
	}
	return out
}

func (l *lowering) text(s string) string {
	s = clean(s)
	l.units += units(s)
	return s
}

// clean drops what no reader can see and a browser may stumble over: control
// characters but tab and new line, and bytes that are no UTF-8.
func clean(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		if (r < ' ' && r != '\n' && r != '\t') || (r >= 0x7f && r < 0xa0) {
			return -1
		}
		return r
	}, s)
}

// leadsTo is the link that the page makes of an address: itself when it may be
// opened, or the page's own when it is a start link. It reports false for all others.
func leadsTo(address string) (string, bool) {
	if payload, ok := startPayload(address); ok {
		return "?" + startQuery + payload, true
	}
	if safeLink(address) {
		return address, true
	}
	return "", false
}

// safeLink reports whether an address may be opened from the page.
func safeLink(s string) bool {
	u, err := url.Parse(s)
	if err != nil || !readable(s) || clean(s) != s || strings.ContainsAny(s, " \n\t") {
		return false
	}
	switch u.Scheme {
	case "https":
		// A name before the host only ever pretends to be the host.
		return u.Host != "" && u.User == nil
	case "tel", "mailto":
		return u.Opaque != ""
	}
	return false
}

// phoneLink is a link that calls the number, or empty when the text is no number.
func phoneLink(s string) string {
	digits := strings.NewReplacer(" ", "", "\u00a0", "", "-", "", "(", "", ")", "").Replace(s)
	number := strings.TrimPrefix(digits, "+")
	if len(number) < 3 || strings.Trim(number, "0123456789") != "" {
		return ""
	}
	return "tel:" + digits
}
