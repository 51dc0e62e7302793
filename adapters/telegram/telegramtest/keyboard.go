package telegramtest

import (
	"unicode/utf8"
)

// What an inline keyboard holds: undocumented, libraries count on it. The server
// drops what is too much; here it is refused.
const (
	maxButtons = 100
	maxRow     = 8
	maxData    = 64 // bytes [doc: InlineKeyboardButton]
)

// markup is a reply_markup: none, an inline keyboard, or something else.
type markup struct {
	inline   [][]Button
	keyboard *Keyboard
}

// markup reads reply_markup for a chat; s.mu is held.
func (s *Server) markup(c *call, to *chat) (markup, *apiError) {
	var given struct {
		Inline [][]map[string]any `json:"inline_keyboard"`
		Rows   [][]struct {
			Text     string `json:"text"`
			Location bool   `json:"request_location"`
			Contact  bool   `json:"request_contact"`
			Poll     any    `json:"request_poll"`
			Users    any    `json:"request_users"`
			Chat     any    `json:"request_chat"`
			App      any    `json:"web_app"`
		} `json:"keyboard"`
		Persistent  bool   `json:"is_persistent"`
		Resize      bool   `json:"resize_keyboard"`
		OneTime     bool   `json:"one_time_keyboard"`
		Selective   bool   `json:"selective"`
		Remove      bool   `json:"remove_keyboard"`
		ForceReply  bool   `json:"force_reply"`
		Placeholder string `json:"input_field_placeholder"`
	}
	if !c.json("reply_markup", &given) {
		return markup{}, nil
	}
	if given.Inline != nil {
		rows, e := s.inline(c, given.Inline)
		return markup{inline: rows}, e
	}
	refuse := func(text string) (markup, *apiError) {
		s.breach(c, RuleKeyboard, "%s", text)
		return markup{}, badRequest(text)
	}
	if to.kind == Channel {
		return refuse("inline keyboard expected")
	}
	k := &Keyboard{
		Persistent: given.Persistent, Resize: given.Resize, OneTime: given.OneTime, Selective: given.Selective,
		Remove: given.Remove, ForceReply: given.ForceReply, Placeholder: given.Placeholder,
	}
	private := to.kind == Private
	for _, row := range given.Rows {
		var keys []Key
		for _, b := range row {
			switch {
			case cleanLine(b.Text) == "":
				return refuse("keyboard button text must be non-empty")
			case !private && b.Contact:
				return refuse("phone number can be requested in private chats only")
			case !private && b.Location:
				return refuse("location can be requested in private chats only")
			case !private && b.Poll != nil:
				return refuse("poll can be requested in private chats only")
			case !private && b.Users != nil:
				return refuse("users can be requested in private chats only")
			case !private && b.Chat != nil:
				return refuse("chats can be requested in private chats only")
			case !private && b.App != nil:
				return refuse("web App buttons can be used in private chats only")
			}
			keys = append(keys, Key{Text: cleanLine(b.Text), Location: b.Location, ContactShare: b.Contact})
		}
		if keys != nil {
			k.Rows = append(k.Rows, keys)
		}
	}
	if k.Rows == nil && !k.Remove && !k.ForceReply {
		return refuse("a reply keyboard without buttons")
	}
	return markup{keyboard: k}, nil
}

// inlineOnly reads the reply_markup of an edit.
func (s *Server) inlineOnly(c *call, to *chat) ([][]Button, *apiError) {
	m, e := s.markup(c, to)
	if e == nil && m.keyboard != nil {
		s.breach(c, RuleKeyboard, "an edit can't bring a reply keyboard")
		e = badRequest("inline keyboard expected")
	}
	return m.inline, e
}

func (s *Server) inline(c *call, given [][]map[string]any) (rows [][]Button, e *apiError) {
	total := 0
	for _, row := range given {
		var buttons []Button
		for _, b := range row {
			button, e := s.button(c, b)
			if e != nil {
				return nil, e
			}
			buttons = append(buttons, button)
			total++
		}
		if len(buttons) > maxRow || total > maxButtons {
			s.breach(c, RuleKeyboard, "%d buttons in a row, %d so far", len(buttons), total)
			return nil, badRequest("reply markup is too long")
		}
		if buttons != nil {
			rows = append(rows, buttons)
		}
	}
	return rows, nil
}

// button reads one of an inline keyboard, in the server's order
// [srv: get_inline_keyboard_button_type].
func (s *Server) button(c *call, given map[string]any) (Button, *apiError) {
	str := func(name string) string {
		v, _ := given[name].(string)
		return v
	}
	b := Button{Text: cleanLine(str("text")), Written: str("text"), URL: str("url"), Data: str("callback_data"), Style: str("style")}
	if object, ok := given["copy_text"].(map[string]any); ok {
		b.Copy, _ = object["text"].(string)
	}
	actions := 0
	for _, name := range []string{
		"url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat", "switch_inline_query_chosen_chat",
		"copy_text", "callback_game", "pay",
	} {
		if v := given[name]; v != nil && v != "" && v != any(false) && (name != "copy_text" || b.Copy != "") {
			actions++
		}
	}
	refuse := func(text string) (Button, *apiError) {
		s.breach(c, RuleKeyboard, "%s", text)
		return b, badRequest(text)
	}
	switch {
	case b.Text == "":
		return refuse("inline keyboard button text must be non-empty")
	case actions > 1:
		s.breach(c, RuleKeyboard, "a button with %d actions, of which the first is taken", actions)
	case actions == 0 && given["copy_text"] != nil:
		return refuse("BUTTON_COPY_TEXT_INVALID")
	case actions == 0:
		return refuse("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
	case b.URL == "" && b.Data == "" && b.Copy == "":
		return refuse("this fake knows no such button")
	}
	switch {
	case b.URL != "":
		if linkedUser(b.URL) != 0 {
			break
		}
		link, wrong := checkLink(b.URL)
		if wrong != "" {
			return refuse("inline keyboard button URL '" + b.URL + "' is invalid: " + wrong)
		}
		b.URL, b.Data, b.Copy = link, "", ""
	case b.Data != "":
		if len(b.Data) > maxData {
			return refuse("BUTTON_DATA_INVALID")
		}
		b.Copy = ""
	case utf8.RuneCountInString(b.Copy) > *s.table.Types["CopyTextButton"].Fields["text"].Max:
		return refuse("BUTTON_COPY_TEXT_INVALID")
	}
	return b, nil
}

// cleanLine is a label as a person reads it.
func cleanLine(label string) string {
	runes, _ := clean([]rune(label), nil)
	if isEmpty(runes) {
		return ""
	}
	return string(runes)
}

// shows puts up or takes away the reply keyboard that a message brings.
func (c *chat) shows(m *Message) {
	switch k := m.Keyboard; {
	case k == nil:
	case k.Remove:
		c.keyboard = nil
	case k.Rows != nil:
		k.message = m.ID
		c.keyboard = k
	}
}
