package telegramtest

import "encoding/json"

// The wire format, as far as the server speaks it [doc: Available types].

type wireUser struct {
	ID        int64  `json:"id"`
	IsBot     bool   `json:"is_bot"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name,omitempty"`
	Username  string `json:"username,omitempty"`
	Language  string `json:"language_code,omitempty"`
}

// wireMe is what getMe tells besides.
type wireMe struct {
	wireUser
	CanJoinGroups bool `json:"can_join_groups"`
	ReadsAll      bool `json:"can_read_all_group_messages"`
	Inline        bool `json:"supports_inline_queries"`
}

type wireChat struct {
	ID        int64  `json:"id"`
	Type      string `json:"type"`
	Title     string `json:"title,omitempty"`
	Username  string `json:"username,omitempty"`
	FirstName string `json:"first_name,omitempty"`
	LastName  string `json:"last_name,omitempty"`
	IsForum   bool   `json:"is_forum,omitempty"`
}

// wireFullChat is what getChat tells besides: what must be there.
type wireFullChat struct {
	wireChat
	AccentColor  int             `json:"accent_color_id"`
	MaxReactions int             `json:"max_reaction_count"`
	Gifts        map[string]bool `json:"accepted_gift_types"`
}

type wireEntity struct {
	Entity
	User *wireUser `json:"user,omitempty"`
}

type wireOrigin struct {
	Type      string    `json:"type"`
	Date      int64     `json:"date"`
	User      *wireUser `json:"sender_user,omitempty"`
	Chat      *wireChat `json:"chat,omitempty"`
	MessageID int64     `json:"message_id,omitempty"`
}

type wirePhoto struct {
	ID     string `json:"file_id"`
	Unique string `json:"file_unique_id"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Size   int    `json:"file_size,omitempty"`
}

type wireDocument struct {
	ID     string `json:"file_id"`
	Unique string `json:"file_unique_id"`
	Name   string `json:"file_name,omitempty"`
	Media  string `json:"mime_type,omitempty"`
	Size   int    `json:"file_size,omitempty"`
}

type wireLocation struct {
	Lat float64 `json:"latitude"`
	Lng float64 `json:"longitude"`
}

type wireVenue struct {
	Location wireLocation `json:"location"`
	Title    string       `json:"title"`
	Address  string       `json:"address"`
}

type wireButton struct {
	Text  string            `json:"text"`
	Style string            `json:"style,omitempty"`
	URL   string            `json:"url,omitempty"`
	Data  string            `json:"callback_data,omitempty"`
	Copy  map[string]string `json:"copy_text,omitempty"`
}

type wireKeyboard struct {
	Rows [][]wireButton `json:"inline_keyboard"`
}

type wireMessage struct {
	ID              int64           `json:"message_id"`
	Thread          int64           `json:"message_thread_id,omitempty"`
	From            *wireUser       `json:"from,omitempty"`
	SenderChat      *wireChat       `json:"sender_chat,omitempty"`
	Date            int64           `json:"date"`
	Chat            wireChat        `json:"chat"`
	Origin          *wireOrigin     `json:"forward_origin,omitempty"`
	IsTopic         bool            `json:"is_topic_message,omitempty"`
	ReplyTo         *wireMessage    `json:"reply_to_message,omitempty"`
	Edited          int64           `json:"edit_date,omitempty"`
	Protected       bool            `json:"has_protected_content,omitempty"`
	Text            string          `json:"text,omitempty"`
	Entities        []wireEntity    `json:"entities,omitempty"`
	Caption         string          `json:"caption,omitempty"`
	CaptionEntities []wireEntity    `json:"caption_entities,omitempty"`
	Photo           []wirePhoto     `json:"photo,omitempty"`
	Document        *wireDocument   `json:"document,omitempty"`
	Sticker         map[string]any  `json:"sticker,omitempty"`
	Voice           map[string]any  `json:"voice,omitempty"`
	Contact         map[string]any  `json:"contact,omitempty"`
	Location        *wireLocation   `json:"location,omitempty"`
	Venue           *wireVenue      `json:"venue,omitempty"`
	PaidMedia       json.RawMessage `json:"paid_media,omitempty"`
	NewMembers      []wireUser      `json:"new_chat_members,omitempty"`
	LeftMember      *wireUser       `json:"left_chat_member,omitempty"`
	MigrateTo       int64           `json:"migrate_to_chat_id,omitempty"`
	MigrateFrom     int64           `json:"migrate_from_chat_id,omitempty"`
	Keyboard        *wireKeyboard   `json:"reply_markup,omitempty"`
}

// wireGone is an InaccessibleMessage: its date is always 0 [doc].
type wireGone struct {
	Chat wireChat `json:"chat"`
	ID   int64    `json:"message_id"`
	Date int64    `json:"date"`
}

type wireQuery struct {
	ID           string   `json:"id"`
	From         wireUser `json:"from"`
	Message      any      `json:"message,omitempty"`
	ChatInstance string   `json:"chat_instance"`
	Data         string   `json:"data,omitempty"`
}

type wireMemberUpdate struct {
	Chat wireChat       `json:"chat"`
	From wireUser       `json:"from"`
	Date int64          `json:"date"`
	Old  map[string]any `json:"old_chat_member"`
	New  map[string]any `json:"new_chat_member"`
}

// user is a person, or the bot, on the wire; s.mu is held.
func (s *Server) user(id int64) *wireUser {
	switch u := s.users[id]; {
	case id == s.bot.ID:
		return &s.bot
	case u != nil:
		return &wireUser{ID: id, FirstName: u.FirstName, LastName: u.LastName, Username: u.Username, Language: u.Language}
	case id == anonymousAdmin:
		return &wireUser{ID: id, IsBot: true, FirstName: "Group", Username: "GroupAnonymousBot"}
	}
	return nil
}

// wire is a message on the wire, with one level of what it replies to; s.mu is held.
func (s *Server) wire(m *Message) *wireMessage {
	w := s.wireAlone(m)
	if m.ReplyTo != 0 {
		if to := s.chats[m.Chat].messages[m.ReplyTo]; to != nil && to.Deleted.IsZero() {
			w.ReplyTo = s.wireAlone(to)
		}
	}
	return w
}

func (s *Server) wireAlone(m *Message) *wireMessage {
	c := s.chats[m.Chat]
	w := &wireMessage{
		ID: m.ID, Thread: m.Thread, IsTopic: m.Thread != 0, From: s.user(m.From), SenderChat: m.sender, Date: m.Date.Unix(), Chat: c.wire(),
		Origin: m.origin, Protected: m.Protected,
	}
	if c.kind == Channel {
		sender := c.wire()
		w.From, w.SenderChat = nil, &sender
	}
	if !m.Edited.IsZero() {
		w.Edited = m.Edited.Unix()
	}
	var entities []wireEntity
	for _, e := range append(append([]Entity(nil), m.Entities...), m.entities...) {
		entities = append(entities, wireEntity{e, s.user(e.User)})
	}
	if m.Kind == Text {
		w.Text, w.Entities = m.Text, entities
	} else {
		w.Caption, w.CaptionEntities = m.Text, entities
	}
	switch m.Kind {
	case Photo:
		w.Photo = []wirePhoto{{m.File.ID, m.File.unique, m.File.Width, m.File.Height, len(m.File.Bytes)}}
	case Document:
		w.Document = &wireDocument{m.File.ID, m.File.unique, m.File.Name, m.File.MediaType, len(m.File.Bytes)}
	case Location:
		w.Location = &wireLocation{m.Lat, m.Lng}
	case Venue:
		w.Location = &wireLocation{m.Lat, m.Lng}
		w.Venue = &wireVenue{*w.Location, m.Title, m.Address}
	default: // the rest is all in shape
	}
	if m.shape != nil {
		m.shape(w)
	}
	if m.Buttons != nil {
		w.Keyboard = &wireKeyboard{}
		for _, row := range m.Buttons {
			var keys []wireButton
			for _, b := range row {
				k := wireButton{Text: b.Text, Style: b.Style, URL: b.URL, Data: b.Data}
				if b.Copy != "" {
					k.Copy = map[string]string{"text": b.Copy}
				}
				keys = append(keys, k)
			}
			w.Keyboard.Rows = append(w.Keyboard.Rows, keys)
		}
	}
	return w
}

// member is a ChatMember [doc]; s.mu is held.
func (s *Server) member(id int64, is Standing) map[string]any {
	w := map[string]any{"status": string(is), "user": s.user(id)}
	switch is {
	case Administrator:
		for _, right := range []string{
			"can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members", "can_promote_members",
			"can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories", "can_delete_stories",
		} {
			w[right] = right == "can_manage_chat" || right == "can_delete_messages"
		}
		w["can_post_messages"] = true
	case Creator:
		w["is_anonymous"] = false
	case Kicked:
		w["until_date"] = 0
	case Member, Left:
	}
	return w
}
