package telegramtest

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
)

// Did is something that a person did.
type Did struct {
	// Update is the id of the update that it made; 0 when the bot is told nothing:
	// it did not ask for such updates, or privacy mode keeps it from the bot.
	Update int64
	// Message is the message that came of it, if one did.
	Message Message
	// Query is the press that is to be answered.
	Query string
}

// Say sends a text in the person's private chat. To write is to begin: no Start is
// needed before, but a person who blocked the bot can't.
func (s *Server) Say(user int64, text string) Did { return s.tell(user, user, written(text)) }

// SayIn sends a text in a group. With privacy mode on, the bot sees of it only
// commands that may be for it and replies to it [doc: Privacy mode].
func (s *Server) SayIn(group, user int64, text string) Did { return s.tell(group, user, written(text)) }

// SayInTopic is SayIn in a topic of a forum.
func (s *Server) SayInTopic(group, thread, user int64, text string) Did {
	m := written(text)
	m.Thread = thread
	return s.tell(group, user, m)
}

// Reply answers a message, in the chat where it stands.
func (s *Server) Reply(user int64, to Message, text string) Did {
	m := written(text)
	m.ReplyTo, m.Thread = to.ID, to.Thread
	return s.tell(to.Chat, user, m)
}

// SayAnonymously sends a text as an anonymous administrator of a group.
func (s *Server) SayAnonymously(group int64, text string) Did {
	return s.tell(group, anonymousAdmin, written(text))
}

// anonymousAdmin is the user that anonymous administrators write as.
const anonymousAdmin = 1087968824

// Start presses Start, with the payload of a start link or none. Who blocked the
// bot presses Restart, which unblocks it.
func (s *Server) Start(user int64, payload string) Did {
	s.mu.Lock()
	blocked := s.chats[user] != nil && s.chats[user].blocked
	s.mu.Unlock()
	if blocked {
		s.Unblock(user)
	}
	if !isPayload(payload) {
		s.t.Errorf("telegramtest: no start link carries %q", payload)
	}
	return s.Say(user, strings.TrimSpace("/start "+payload))
}

// Sticker sends a sticker, in the private chat as all below.
func (s *Server) Sticker(user int64) Did {
	return s.tell(user, user, &Message{Kind: Sticker, shape: func(w *wireMessage) {
		w.Sticker = map[string]any{
			"file_id": "CAACAgQAAx", "file_unique_id": "AgADs", "type": "regular", "width": 512, "height": 512, "is_animated": false, "is_video": false, "emoji": "👍",
		}
	}})
}

// Voice sends a voice note.
func (s *Server) Voice(user int64) Did {
	return s.tell(user, user, &Message{Kind: Voice, shape: func(w *wireMessage) {
		w.Voice = map[string]any{"file_id": "AwACAgQAAx", "file_unique_id": "AgADv", "duration": 7, "mime_type": "audio/ogg", "file_size": 24_117}
	}})
}

// Photo sends a photo with a caption, or without.
func (s *Server) Photo(user int64, caption string) Did {
	m := written(caption)
	m.Kind, m.File = Photo, &File{ID: "AgACAgQAAxUser", Kind: Photo, Width: 1280, Height: 960, unique: "AQADu"}
	return s.tell(user, user, m)
}

// Document sends a file.
func (s *Server) Document(user int64, name string) Did {
	return s.tell(user, user, &Message{Kind: Document, File: &File{ID: "BQACAgQAAxUser", Kind: Document, Name: name, MediaType: "application/octet-stream", unique: "AgADd"}})
}

// Contact shares the person's own telephone number.
func (s *Server) Contact(user int64) Did {
	return s.tell(user, user, &Message{Kind: Contact, shape: func(w *wireMessage) {
		w.Contact = map[string]any{"phone_number": "447700900123", "first_name": w.From.FirstName, "user_id": user}
	}})
}

// Location shares a place.
func (s *Server) Location(user int64, lat, lng float64) Did {
	return s.tell(user, user, &Message{Kind: Location, Lat: lat, Lng: lng})
}

// Forward sends a message on to the bot, wherever it stood: one that Ella sent to
// somebody else. What is protected can't be sent on: then nothing happens.
func (s *Server) Forward(user int64, m Message) Did {
	if m.Protected {
		return Did{}
	}
	s.mu.Lock()
	forwarded := s.forwarded(&m)
	s.mu.Unlock()
	return s.tell(user, user, forwarded)
}

// Poison sends what no version of the API so far knew how to read: paid media of a
// new kind.
func (s *Server) Poison(user int64) Did {
	return s.tell(user, user, &Message{Kind: Service, shape: func(w *wireMessage) {
		w.PaidMedia = json.RawMessage(`{"star_count":1,"paid_media":[{"type":"live_photo","live_photo":{"file_id":"x","file_unique_id":"y"}}]}`)
	}})
}

// Raw makes an update of any shape: fields is a JSON object without update_id, and
// its first field counts as the update's kind.
func (s *Server) Raw(fields string) Did {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := json.NewDecoder(strings.NewReader(fields))
	_, _ = d.Token()
	kind, _ := d.Token()
	name, ok := kind.(string)
	value, whole := strings.CutPrefix(strings.TrimSpace(fields), fmt.Sprintf(`{"%s":`, name))
	if !ok || !whole || !json.Valid([]byte(fields)) {
		s.t.Errorf("telegramtest: no object that begins with a field: %.80s", fields)
		return Did{}
	}
	return Did{Update: s.enqueue(name, "raw", json.RawMessage(strings.TrimSuffix(value, "}")))}
}

// ChannelPost posts in a channel.
func (s *Server) ChannelPost(channel int64, text string) Did {
	return s.tell(channel, 0, written(text))
}

// Edit changes the text of a message that a person wrote.
func (s *Server) Edit(user int64, m Message, text string) Did {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[m.Chat]
	changed := c.messages[m.ID]
	if changed == nil || changed.From != user || !changed.Deleted.IsZero() {
		s.t.Errorf("telegramtest: there is no message %d of theirs to edit", m.ID)
		return Did{}
	}
	changed.Text, changed.Edited, changed.entities = text, s.now(), commands(text)
	did := Did{Message: *changed}
	if s.sees(c, changed) {
		kind := "edited_message"
		if c.kind == Channel {
			kind = "edited_channel_post"
		}
		did.Update = s.happen(kind, laneOf('c', c.id), s.wire(changed))
	}
	return did
}

// written is a text of a person, with its commands marked as Telegram's apps do.
func written(text string) *Message {
	return &Message{Kind: Text, Text: text, Written: text, entities: commands(text)}
}

// commands marks bot commands: a slash at the beginning or after white space, a
// name, and perhaps the bot's.
func commands(text string) (all []Entity) {
	before, units := ' ', 0
	for i, r := range text {
		if r == '/' && unicode.IsSpace(before) {
			n := 1
			for n < len(text)-i && (text[i+n] == '_' || text[i+n] == '@' || text[i+n]|0x20 >= 'a' && text[i+n]|0x20 <= 'z' || text[i+n] >= '0' && text[i+n] <= '9') {
				n++
			}
			if n > 1 {
				all = append(all, Entity{Type: "bot_command", Offset: units, Length: n})
			}
		}
		before, units = r, units+width16(r)
	}
	return all
}

// tell puts a person's message into a chat and tells the bot of it.
func (s *Server) tell(in, user int64, m *Message) Did {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.said(in, user, m)
}

func (s *Server) said(in, user int64, m *Message) Did {
	c := s.chats[in]
	switch {
	case c == nil, s.user(user) == nil && c.kind != Channel:
		s.t.Errorf("telegramtest: there is no chat %d or no user %d", in, user)
		return Did{}
	case c.blocked, c.deactivated, c.movedTo != 0:
		s.t.Errorf("telegramtest: nobody can write in chat %d now", in)
		return Did{}
	}
	if c.kind == Private {
		c.started = true
	} else if user != 0 && user != anonymousAdmin && c.members[user] == "" {
		c.members[user] = Member
	}
	if user == anonymousAdmin {
		sender := c.wire()
		m.sender = &sender
	}
	m.From = user
	s.add(c, m)
	did := Did{Message: *m}
	if s.sees(c, m) {
		kind := "message"
		if c.kind == Channel {
			kind = "channel_post"
		}
		did.Update = s.happen(kind, laneOf('c', c.id), s.wire(m))
	}
	return did
}

// laneOf is the queue of a webhook that an update stands in [srv]: messages by
// chat, presses by user, changes of membership by chat, each apart.
func laneOf(kind byte, id int64) string { return fmt.Sprintf("%c%d", kind, id) }

// sees reports whether the bot is told of a message.
func (s *Server) sees(c *chat, m *Message) bool {
	switch {
	case c.kind == Private:
		return true
	case c.standing == Administrator, c.standing == Creator:
		return true
	case c.standing != Member:
		return false
	case s.options.ReadsAll, m.Kind == Service:
		return true
	}
	if to := c.messages[m.ReplyTo]; to != nil && to.From == s.bot.ID {
		return true
	}
	for _, e := range m.entities {
		_, name, named := strings.Cut(cut16(m.Text, e.Offset, e.Length), "@")
		if e.Type == "bot_command" && (!named || strings.EqualFold(name, s.options.Username)) {
			return true
		}
	}
	return false
}
