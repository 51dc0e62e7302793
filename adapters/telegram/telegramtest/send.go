package telegramtest

import (
	"math"
	"time"
)

// sent puts a message of the bot into a chat: everything that sends ends here.
func (s *Server) sent(c *call, to *chat, m *Message) (any, *apiError) {
	if e := s.sendOptions(c, to, m); e != nil {
		return nil, e
	}
	if e := s.admit(c, to, false); e != nil {
		return nil, e
	}
	s.put(c, to, m)
	return s.wire(m), nil
}

// sendOptions reads what all sends have in common.
func (s *Server) sendOptions(c *call, to *chat, m *Message) *apiError {
	marks, e := s.markup(c, to)
	if e != nil {
		return e
	}
	m.Buttons, m.Keyboard = marks.inline, marks.keyboard
	m.From, m.Thread = s.bot.ID, c.integer("message_thread_id")
	m.Silent, m.Protected = c.yes("disable_notification"), c.yes("protect_content")
	c.json("link_preview_options", &m.Preview)
	var reply struct {
		ID      int64 `json:"message_id"`
		Without bool  `json:"allow_sending_without_reply"`
	}
	if c.json("reply_parameters", &reply) {
		found := to.messages[reply.ID]
		there := found != nil && found.Deleted.IsZero()
		if !there && !reply.Without {
			return badRequest("message to be replied not found")
		}
		if there {
			m.ReplyTo = reply.ID
		}
	}
	return nil
}

// put makes it so.
func (s *Server) put(c *call, to *chat, m *Message) {
	s.add(to, m)
	to.shows(m)
	s.accept(c, m)
}

func (s *Server) accept(c *call, m *Message) {
	s.accepted = append(s.accepted, Accepted{c.method, *m, s.now(), c.remote})
}

func (s *Server) sendMessage(c *call) (any, *apiError) {
	t, e := s.text(c, "text", "entities")
	if e != nil {
		return nil, e
	}
	to, e := s.writable(c)
	if e != nil {
		return nil, e
	}
	return s.sent(c, to, &Message{Kind: Text, Text: t.text, Written: t.written, Entities: t.entities})
}

func (s *Server) sendPhoto(c *call) (any, *apiError) { return s.sendFile(c, "photo", Photo) }

func (s *Server) sendDocument(c *call) (any, *apiError) { return s.sendFile(c, "document", Document) }

func (s *Server) sendFile(c *call, parameter string, kind Kind) (any, *apiError) {
	t, e := s.text(c, "caption", "caption_entities")
	if e != nil {
		return nil, e
	}
	to, e := s.writable(c)
	if e != nil {
		return nil, e
	}
	f, e := s.file(c, parameter, kind)
	if e != nil {
		return nil, e
	}
	return s.sent(c, to, &Message{Kind: kind, File: f, Text: t.text, Written: t.written, Entities: t.entities})
}

func (s *Server) sendVenue(c *call) (any, *apiError) { return s.sendPlace(c, Venue) }

func (s *Server) sendLocation(c *call) (any, *apiError) { return s.sendPlace(c, Location) }

func (s *Server) sendPlace(c *call, kind Kind) (any, *apiError) {
	lat, lng := c.float("latitude"), c.float("longitude")
	if math.Abs(lat) > 90 || math.Abs(lng) > 180 {
		s.breach(c, RuleParameter, "a place that is not on earth")
		return nil, badRequest("wrong location specified")
	}
	to, e := s.writable(c)
	if e != nil {
		return nil, e
	}
	return s.sent(c, to, &Message{Kind: kind, Lat: lat, Lng: lng, Title: c.values["title"], Address: c.values["address"]})
}

// actions are what sendChatAction can show [doc].
var actions = map[string]bool{
	"typing": true, "upload_photo": true, "record_video": true, "upload_video": true, "record_voice": true, "upload_voice": true,
	"upload_document": true, "choose_sticker": true, "find_location": true, "record_video_note": true, "upload_video_note": true,
}

func (s *Server) sendChatAction(c *call) (any, *apiError) {
	if !actions[c.values["action"]] {
		s.breach(c, RuleParameter, "there is no action %s", c.values["action"])
		return nil, badRequest("wrong parameter action in request")
	}
	to, e := s.writable(c)
	if e != nil {
		return nil, e
	}
	s.typings[to.id]++
	return true, nil
}

// source finds the message that a copy or forward takes.
func (s *Server) source(c *call, what string) (*Message, *apiError) {
	from, e := s.chatOf(c, "from_chat_id")
	if e != nil {
		return nil, e
	}
	m := from.messages[c.integer("message_id")]
	switch {
	case m == nil || !m.Deleted.IsZero() || m.Kind == Service:
		return nil, badRequest("message to " + what + " not found")
	case m.Protected:
		return nil, badRequest("message can't be " + map[string]string{"copy": "copied", "forward": "forwarded"}[what])
	}
	return m, nil
}

// copyMessage sends the same content anew. Buttons are those of the request.
func (s *Server) copyMessage(c *call) (any, *apiError) {
	m, e := s.source(c, "copy")
	if e != nil {
		return nil, e
	}
	clone := *m
	clone.Buttons, clone.Keyboard, clone.origin, clone.sender, clone.Forwarded, clone.Edited = nil, nil, nil, nil, false, time.Time{}
	if c.values["caption"] != "" {
		t, e := s.text(c, "caption", "caption_entities")
		if e != nil {
			return nil, e
		}
		clone.Text, clone.Written, clone.Entities = t.text, t.written, t.entities
	}
	to, e := s.writable(c)
	if e != nil {
		return nil, e
	}
	if _, e := s.sent(c, to, &clone); e != nil {
		return nil, e
	}
	return map[string]int64{"message_id": clone.ID}, nil
}

// forwardMessage sends it on with its origin. Buttons that answer to the bot do
// not come along.
func (s *Server) forwardMessage(c *call) (any, *apiError) {
	m, e := s.source(c, "forward")
	if e != nil {
		return nil, e
	}
	to, e := s.writable(c)
	if e != nil {
		return nil, e
	}
	return s.sent(c, to, s.forwarded(m))
}

// forwarded is a message as it comes when it is sent on.
func (s *Server) forwarded(m *Message) *Message {
	clone := *m
	clone.Buttons, clone.Keyboard, clone.ReplyTo, clone.Thread, clone.Forwarded = nil, nil, 0, 0, true
	clone.Silent, clone.Protected, clone.Preview, clone.Edited, clone.Deleted = false, false, Preview{}, time.Time{}, time.Time{}
	if clone.origin == nil {
		clone.origin = &wireOrigin{Type: "user", Date: m.Date.Unix(), User: s.user(m.From)}
	}
	return &clone
}
