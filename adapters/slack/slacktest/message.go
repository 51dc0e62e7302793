package slacktest

import (
	"encoding/json"
	"slices"
	"time"
)

// Message is a message in a conversation, as it stands or stood there. It is a copy:
// what happens later does not show in it.
type Message struct {
	Team, Channel, TS, ThreadTS string
	User                        string // a person, or the app's
	// Text is what a person reads but for the buttons: the blocks, or where there
	// are none the text, with markup rendered.
	Text string
	// Fallback is the top-level text, rendered: what a notification and a screen
	// reader say. Written is the same as it was sent.
	Fallback, Written string
	// Blocks are as they were sent.
	Blocks  json.RawMessage
	Buttons []Button
	Files   []File
	// Ephemeral is for one person's eyes, ForUser's.
	Ephemeral bool
	ForUser   string
	Reactions []string
	Date      time.Time
	// Edited and Deleted are zero if it was not.
	Edited, Deleted time.Time

	unfurl bool
}

// Button is one in a message or a view. One with a URL opens it; the app hears of
// the press all the same.
type Button struct {
	Text, Value, URL  string
	ActionID, BlockID string
	Style, Label      string // Label is accessibility_label
}

// File is a file that came with a message.
type File struct {
	ID, Name, Title, AltText string
	Bytes                    []byte
}

// Presses are the buttons that open nothing, in reading order: what Press counts.
func (m Message) Presses() (all []Button) { return presses(m.Buttons) }

func presses(buttons []Button) (all []Button) {
	for _, b := range buttons {
		if b.URL == "" {
			all = append(all, b)
		}
	}
	return all
}

// Unfurls reports whether links in it may show a preview.
func (m Message) Unfurls() bool { return m.unfurl }

// Accepted is one request that put something before somebody, or changed it.
type Accepted struct {
	Method  string
	Message Message // as it stood right after
	At      time.Time
	// Remote is the address of the client's connection: two with the same came
	// over one connection.
	Remote string
}

// Accepted is the transcript of every accepted post, ephemeral post and update, and
// of every file that was shared.
func (s *Server) Accepted() []Accepted {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.accepted)
}

// accept writes a message into the transcript; s.mu is held.
func (s *Server) accept(c *call, m *Message) {
	s.accepted = append(s.accepted, Accepted{c.method, *m, s.now(), c.remote})
}

// Shown is what stands in a conversation from the app, oldest first: updates
// applied, and what was deleted is gone. Messages in threads are among them.
func (s *Server) Shown(channel string) []Message {
	return s.pick(channel, func(m *Message, bot string) bool { return m.User == bot && m.Deleted.IsZero() })
}

// Said is what people wrote in a conversation, oldest first; also what was deleted
// since.
func (s *Server) Said(channel string) []Message {
	return s.pick(channel, func(m *Message, bot string) bool { return m.User != bot })
}

func (s *Server) pick(channel string, is func(m *Message, bot string) bool) (all []Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch := s.channels[channel]
	if ch == nil {
		return nil
	}
	for _, m := range ch.order {
		if is(m, s.teams[ch.Team].botUser) {
			all = append(all, *m)
		}
	}
	return all
}

// Ephemerals is what a person alone was shown, in whatever channel, oldest first.
// Slack keeps none of it.
func (s *Server) Ephemerals(user string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.ephemerals[user])
}

// Warnings is how often a person was told that the app does not respond.
func (s *Server) Warnings(user string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.warnings[user]
}

// add puts a message into a channel; s.mu is held.
func (s *Server) add(ch *channel, m *Message) {
	m.Team, m.Channel, m.TS, m.Date = ch.Team, ch.id, s.ts(), s.now()
	ch.messages[m.TS] = m
	ch.order = append(ch.order, m)
}

// wireMessage is a message of the app's as answers and payloads carry it.
func (s *Server) wireMessage(t *team, m *Message) obj {
	w := obj{
		"type": "message", "user": m.User, "bot_id": t.botID, "app_id": s.app.id, "team": m.Team, "ts": m.TS, "text": m.Written,
		"bot_profile": obj{"id": t.botID, "deleted": false, "name": "Ella", "updated": 1720000000, "app_id": s.app.id, "team_id": t.id, "icons": obj{}},
	}
	if m.Blocks != nil {
		w["blocks"] = m.Blocks
	}
	if m.ThreadTS != "" {
		w["thread_ts"] = m.ThreadTS
	}
	if !m.Edited.IsZero() {
		w["edited"] = obj{"user": m.User, "ts": m.TS}
	}
	return w
}
