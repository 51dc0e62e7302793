package telegramtest

import (
	"encoding/json"
	"reflect"
	"time"
)

// deletable is how old a message may be to be deleted for everyone [doc: deleteMessage].
const deletable = 48 * time.Hour

// editable finds the message of an edit [td: can_edit_message]. One that brought a
// reply keyboard can't be edited, and neither can one that was forwarded.
func (s *Server) editable(c *call) (*chat, *Message, *apiError) {
	to, e := s.chatOf(c, "chat_id")
	if e != nil {
		return nil, nil, e
	}
	if e := s.mayWrite(to); e != nil {
		return nil, nil, e
	}
	m := to.messages[c.integer("message_id")]
	switch {
	case m == nil || !m.Deleted.IsZero():
		return nil, nil, badRequest("message to edit not found")
	case m.From != s.bot.ID, m.Keyboard != nil, m.Forwarded, m.Kind == Service:
		return nil, nil, badRequest("message can't be edited")
	}
	return to, m, nil
}

// edited changes a message in place, unless nothing would change.
func (s *Server) edited(c *call, to *chat, m *Message, change func(*Message)) (any, *apiError) {
	if e := s.admit(c, to, true); e != nil {
		return nil, e
	}
	changed := *m
	change(&changed)
	if m.Text == changed.Text && m.File == changed.File && m.Kind == changed.Kind && m.Preview == changed.Preview &&
		reflect.DeepEqual(m.Entities, changed.Entities) && reflect.DeepEqual(m.Buttons, changed.Buttons) {
		return nil, badRequest("message is not modified: specified new message content and reply markup are exactly the same " +
			"as a current content and reply markup of the message")
	}
	changed.Edited = s.now()
	*m = changed
	s.accept(c, m)
	return s.wire(m), nil
}

func (s *Server) editMessageText(c *call) (any, *apiError) {
	t, e := s.text(c, "text", "entities")
	if e != nil {
		return nil, e
	}
	to, m, e := s.editable(c)
	switch {
	case e != nil:
		return nil, e
	case m.Kind != Text:
		return nil, badRequest("there is no text in the message to edit")
	}
	buttons, e := s.inlineOnly(c, to)
	if e != nil {
		return nil, e
	}
	var preview Preview
	c.json("link_preview_options", &preview)
	return s.edited(c, to, m, func(m *Message) {
		m.Text, m.Written, m.Entities, m.Buttons, m.Preview = t.text, t.written, t.entities, buttons, preview
	})
}

func (s *Server) editMessageCaption(c *call) (any, *apiError) {
	t, e := s.text(c, "caption", "caption_entities")
	if e != nil {
		return nil, e
	}
	to, m, e := s.editable(c)
	switch {
	case e != nil:
		return nil, e
	case m.File == nil:
		return nil, badRequest("there is no caption in the message to edit")
	}
	buttons, e := s.inlineOnly(c, to)
	if e != nil {
		return nil, e
	}
	return s.edited(c, to, m, func(m *Message) {
		m.Text, m.Written, m.Entities, m.Buttons = t.text, t.written, t.entities, buttons
	})
}

func (s *Server) editMessageMedia(c *call) (any, *apiError) {
	var media struct {
		Type     string          `json:"type"`
		Media    string          `json:"media"`
		Caption  string          `json:"caption"`
		Mode     string          `json:"parse_mode"`
		Entities json.RawMessage `json:"caption_entities"`
	}
	c.json("media", &media)
	kind := Kind(media.Type)
	if kind != Photo && kind != Document {
		s.breach(c, RuleParameter, "media of type %s, which this fake does not know", media.Type)
		return nil, badRequest("unsupported input message content type")
	}
	// The caption stands inside media, and is as long as any.
	inner := &call{method: "sendPhoto", values: map[string]string{
		"chat_id": c.values["chat_id"], "caption": media.Caption, "parse_mode": media.Mode, "caption_entities": string(media.Entities),
	}}
	t, e := s.text(inner, "caption", "caption_entities")
	if e != nil {
		return nil, e
	}
	to, m, e := s.editable(c)
	switch {
	case e != nil:
		return nil, e
	case m.File == nil && m.Kind != Text:
		return nil, badRequest("message media can't be edited")
	}
	buttons, e := s.inlineOnly(c, to)
	if e != nil {
		return nil, e
	}
	f, e := s.fileNamed(c, media.Media, nil, kind)
	if e != nil {
		return nil, e
	}
	return s.edited(c, to, m, func(m *Message) {
		m.Kind, m.File, m.Text, m.Written, m.Entities, m.Buttons = kind, f, t.text, t.written, t.entities, buttons
	})
}

func (s *Server) editMessageReplyMarkup(c *call) (any, *apiError) {
	to, m, e := s.editable(c)
	if e != nil {
		return nil, e
	}
	buttons, e := s.inlineOnly(c, to)
	if e != nil {
		return nil, e
	}
	return s.edited(c, to, m, func(m *Message) { m.Buttons = buttons })
}

// mayDelete has the rules of deleteMessage [doc]: not after 48 hours, its own
// everywhere, those of others in private chats and where it is an administrator.
func (s *Server) mayDelete(of *chat, m *Message) *apiError {
	switch {
	case m.From != s.bot.ID && of.kind != Private && of.standing != Administrator:
		return badRequest("message can't be deleted")
	case s.now().Sub(m.Date) >= deletable && of.standing != Administrator:
		return badRequest("message can't be deleted for everyone")
	}
	return nil
}

// deletableIn is the chat that messages are to be deleted in. Who blocked the bot
// does not keep it from deleting.
func (s *Server) deletableIn(c *call) (*chat, *apiError) {
	of, e := s.chatOf(c, "chat_id")
	switch {
	case e != nil:
		return nil, e
	case of.kind == Private && !of.deactivated:
		return of, nil
	}
	return of, s.mayWrite(of)
}

func (s *Server) deleteMessage(c *call) (any, *apiError) {
	of, e := s.deletableIn(c)
	if e != nil {
		return nil, e
	}
	m := of.messages[c.integer("message_id")]
	if m == nil || !m.Deleted.IsZero() {
		return nil, badRequest("message to delete not found")
	}
	if e := s.mayDelete(of, m); e != nil {
		return nil, e
	}
	s.remove(of, m)
	return true, nil
}

func (s *Server) deleteMessages(c *call) (any, *apiError) {
	var ids []int64
	c.json("message_ids", &ids)
	if len(ids) == 0 || len(ids) > 100 { // [doc]
		s.breach(c, RuleParameter, "%d message_ids", len(ids))
		if len(ids) == 0 {
			return nil, badRequest("message identifiers are not specified")
		}
		return nil, badRequest("too many message identifiers specified")
	}
	of, e := s.deletableIn(c)
	if e != nil {
		return nil, e
	}
	var there []*Message
	for _, id := range ids {
		m := of.messages[id]
		if m == nil || !m.Deleted.IsZero() {
			continue // skipped [doc]
		}
		// One that can't be deleted stops them all [td: delete_messages].
		if e := s.mayDelete(of, m); e != nil {
			return nil, e
		}
		there = append(there, m)
	}
	for _, m := range there {
		s.remove(of, m)
	}
	return true, nil
}

// remove deletes a message. The reply keyboard that it brought goes with it.
func (s *Server) remove(of *chat, m *Message) {
	m.Deleted = s.now()
	if of.keyboard != nil && of.keyboard.message == m.ID {
		of.keyboard = nil
	}
}
