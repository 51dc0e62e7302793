package telegramtest

import (
	"strings"
	"time"
)

// Kind is what a message is.
type Kind string

// The kinds of message that the server knows.
const (
	Text     Kind = "text"
	Photo    Kind = "photo"
	Document Kind = "document"
	Venue    Kind = "venue"
	Location Kind = "location"
	Contact  Kind = "contact"
	Sticker  Kind = "sticker"
	Voice    Kind = "voice"
	Service  Kind = "service" // such as "was added to the group"
)

// Message is a message in a chat, as it stands or stood there. It is a copy:
// what happens later does not show in it.
type Message struct {
	Chat, ID int64
	Thread   int64 // the topic, in a forum
	From     int64 // a user or the bot
	Kind     Kind
	// Text is what a person reads: the text, or the caption of a file. Written is
	// what the bot asked for, after parsing, before the server cleaned it: it takes
	// out control characters and U+2028 to U+202E, and trims [td: clean_input_string].
	Text, Written string
	// Entities are those of Text.
	Entities []Entity
	// Buttons is the inline keyboard, row by row.
	Buttons [][]Button
	// Keyboard is the reply keyboard that the message brought, or took away.
	Keyboard *Keyboard
	File     *File
	Lat, Lng float64
	// Title and Address are of a venue.
	Title, Address string
	ReplyTo        int64
	Forwarded      bool
	// Silent, Protected and Preview are as they were sent.
	Silent, Protected bool
	Preview           Preview
	Date              time.Time
	Edited, Deleted   time.Time // zero if it was not

	origin   *wireOrigin
	sender   *wireChat          // of anonymous admins and channels
	entities []Entity           // on the wire, of what people wrote
	shape    func(*wireMessage) // what else it is, on the wire
}

// Entity is a stretch of text that is more than text. Offset and Length are in
// UTF-16 units.
type Entity struct {
	Type     string `json:"type"`
	Offset   int    `json:"offset"`
	Length   int    `json:"length"`
	URL      string `json:"url,omitempty"`
	Language string `json:"language,omitempty"`
	User     int64  `json:"-"` // of a text_mention
}

// Preview is link_preview_options.
type Preview struct {
	Disabled  bool   `json:"is_disabled"`
	URL       string `json:"url"`
	Small     bool   `json:"prefer_small_media"`
	Large     bool   `json:"prefer_large_media"`
	AboveText bool   `json:"show_above_text"`
}

// Button is one of an inline keyboard. One of Data, URL and Copy is set.
type Button struct {
	Text, Written   string // as a person reads it, and as it was asked for
	Data, URL, Copy string
	Style           string
}

// Keyboard is a reply keyboard. Remove and ForceReply are the two other things
// that a reply markup can be.
type Keyboard struct {
	Rows                                   [][]Key
	Resize, OneTime, Persistent, Selective bool
	Remove, ForceReply                     bool
	Placeholder                            string
	message                                int64
}

// Key is one of a reply keyboard: pressed, it says its text, or shares something.
type Key struct {
	Text                   string
	Location, ContactShare bool
}

// Presses are the buttons that answer to the bot, in reading order: what Press
// counts.
func (m Message) Presses() (all []Button) {
	for _, row := range m.Buttons {
		for _, b := range row {
			if b.Data != "" {
				all = append(all, b)
			}
		}
	}
	return all
}

// Marked is the text that an entity covers, of the first entity of that type.
func (m Message) Marked(kind string) string {
	for _, e := range m.Entities {
		if e.Type == kind {
			return cut16(m.Text, e.Offset, e.Length)
		}
	}
	return ""
}

// Accepted is one request that put something into a chat, or changed it.
type Accepted struct {
	Method  string
	Message Message // as it stood right after
	At      time.Time
	// Remote is the address of the client's connection: two with the same came
	// over one connection.
	Remote string
}

// Accepted is the transcript of every accepted send, copy, forward and edit.
func (s *Server) Accepted() []Accepted {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Accepted(nil), s.accepted...)
}

// Shown is what stands in a chat from the bot, oldest first: edits applied, and
// what was deleted is gone.
func (s *Server) Shown(chat int64) []Message {
	return s.pick(chat, func(m *Message) bool { return m.From == s.bot.ID && m.Kind != Service && m.Deleted.IsZero() })
}

// Said is what people wrote in a chat, oldest first; also what was deleted since.
func (s *Server) Said(chat int64) []Message {
	return s.pick(chat, func(m *Message) bool { return m.From != s.bot.ID && m.Kind != Service })
}

func (s *Server) pick(chat int64, is func(*Message) bool) (all []Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.chats[chat]; c != nil {
		for _, m := range c.order {
			if is(m) {
				all = append(all, *m)
			}
		}
	}
	return all
}

// KeyboardIn is the reply keyboard that is up in a chat, or nil.
func (s *Server) KeyboardIn(chat int64) *Keyboard {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.chats[chat]; c != nil {
		return c.keyboard
	}
	return nil
}

// Typings counts how often the bot showed in a chat that it is busy.
func (s *Server) Typings(chat int64) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.typings[chat]
}

// cut16 is a stretch of s in UTF-16 units.
func cut16(s string, offset, length int) string {
	var out strings.Builder
	at := 0
	for _, r := range s {
		if at >= offset && at < offset+length {
			out.WriteRune(r)
		}
		at += width16(r)
	}
	return out.String()
}

func width16(r rune) int {
	if r > 0xffff {
		return 2
	}
	return 1
}
