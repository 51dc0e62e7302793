package telegram

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"ella/bot"
)

// Decode reads an update as Telegram gave it. Of a kind that Ella asks for it
// understands every shape that the Bot API has had since version 7; of all others
// only that there is nothing in it for her.
func (a *Adapter) Decode(raw []byte) (bot.Update, error) {
	return decode(raw, a.me)
}

func decode(raw []byte, me identity) (bot.Update, error) {
	// json would put U+FFFD where the bytes are no UTF-8, and say nothing.
	if !utf8.Valid(raw) || len(bytes.TrimSpace(raw)) == 0 || bytes.TrimSpace(raw)[0] != '{' {
		return bot.Update{}, bot.ErrUnreadable
	}
	var u update
	if json.Unmarshal(raw, &u) != nil || u.ID == nil {
		return bot.Update{}, bot.ErrUnreadable
	}
	var out bot.Update
	ok := true
	switch {
	case u.Message != nil:
		out, ok = u.Message.update(me)
	case u.EditedMessage != nil:
		out, ok = u.EditedMessage.edited()
	case u.CallbackQuery != nil:
		out, ok = u.CallbackQuery.update()
	case u.MyChatMember != nil:
		out, ok = u.MyChatMember.update()
	default: // posts in channels, and what this version does not ask for
		out.Kind = bot.Other
	}
	if !ok {
		return bot.Update{}, bot.ErrUnreadable
	}
	return out, nil
}

// update is a message that is new.
func (m *wireMessage) update(me identity) (bot.Update, bool) {
	out, ok := m.envelope()
	if !ok {
		return out, false
	}
	switch {
	case m.MigrateTo != 0 && out.Group != "":
		out.Kind, out.NewGroup = bot.GroupMoved, strconv.FormatInt(m.MigrateTo, 10)
		// The whole chat has moved, whatever topic told of it.
		out.Group = strconv.FormatInt(m.Chat.ID, 10)
		return out, true
	case m.From != nil && m.From.IsBot && !out.Nameless:
		return out, true
	case out.Group == "":
		return m.inPrivate(out, me)
	}
	return m.inGroup(out, me), true
}

// envelope is who did it, where and when: an update of kind Other.
func (m *wireMessage) envelope() (bot.Update, bool) {
	out := bot.Update{Kind: bot.Other, At: m.Date.time()}
	if m.ID < 1 || m.Chat.ID == 0 {
		return out, false
	}
	out.Message = refOf(m.ID)
	switch {
	case m.Chat.isGroup():
		out.Group = m.Chat.group(m.IsTopic, m.Thread)
	case m.Chat.Type != chatPrivate: // a channel: nobody there speaks to Ella
		out.Message = ""
		return out, true
	}
	out.Nameless = out.Group != "" && (m.SenderChat != nil || m.From == nil || m.From.ID == anonymousAdmin)
	if out.Nameless {
		out.Sender = namelessIn(m.Chat)
		return out, true
	}
	if m.From == nil || m.From.ID <= 0 {
		return out, false
	}
	out.Sender, out.LocaleHint = m.From.name(), m.From.hint()
	out.Chat = out.Sender
	return out, true
}

// inPrivate reads what a person sent to Ella alone.
func (m *wireMessage) inPrivate(out bot.Update, me identity) (bot.Update, bool) {
	switch {
	case out.Sender == "": // a channel
	case m.fromElla(me):
		out.Kind = bot.BroughtBack
	case m.Text != "":
		out.Text = clean(m.Text)
		out.Kind = bot.TextSent
		if out.Text == "" {
			out.Kind = bot.Unsupported
		}
		out.Answers = m.answers(me)
	case m.Location != nil:
		// Of a live location this is the first of many: the others are edits.
		if !m.Location.onEarth() {
			return out, false
		}
		out.Kind, out.Lat, out.Lng = bot.LocationShared, *m.Location.Lat, *m.Location.Lng
	case bool(m.Voice):
		out.Kind = bot.VoiceSent
	case m.hasContent():
		out.Kind = bot.Unsupported
	}
	return out, true
}

// inGroup reads what was said in a group chat: commands to Ella and answers to what
// she said there. All else that she may hear is not for her.
func (m *wireMessage) inGroup(out bot.Update, me identity) bot.Update {
	text := clean(m.Text)
	answers := m.answers(me)
	if text == "" || (answers == "" && !commandFor(text, me)) || commandForAnother(text, me) {
		return out
	}
	out.Kind, out.Text, out.Answers = bot.TextSent, text, answers
	return out
}

// edited is a message that its writer changed. A live location that moves is one too.
func (m *wireMessage) edited() (bot.Update, bool) {
	out, ok := m.envelope()
	if !ok {
		return out, false
	}
	if m.EditDate > 0 {
		out.At = m.EditDate.time()
	}
	if text := clean(m.Text); out.Sender != "" && out.Group == "" && text != "" && !m.From.IsBot {
		out.Kind, out.Text = bot.TextChanged, text
	}
	return out, true
}

// update is a pressed button. Its message may be too old to be seen, or missing: it
// then stands under the name that Telegram still gives, or under none. When it was
// pressed Telegram does not say.
func (c *wireCallback) update() (bot.Update, bool) {
	if c.From.ID <= 0 || c.ID == "" {
		return bot.Update{}, false
	}
	out := bot.Update{Kind: bot.ButtonPressed, Sender: c.From.name(), LocaleHint: c.From.hint(), Press: clean(c.ID)}
	out.Chat = out.Sender
	// Whoever forges data must not be able to have updates set aside by it.
	if len(c.Data) <= maxData && !strings.ContainsRune(c.Data, 0) {
		out.Data = c.Data
	}
	if m := c.Message; m != nil {
		if m.ID > 0 {
			out.Message = refOf(m.ID)
		}
		if m.Chat.isGroup() {
			out.Group = m.Chat.group(m.IsTopic, m.Thread)
		}
	}
	return out, true
}

// maxData is how many bytes a button carries
// (https://core.telegram.org/bots/api#inlinekeyboardbutton).
const maxData = 64

// update is what became of Ella in a chat: in private it tells of a block, in groups
// of coming, going and being allowed to write. In a channel nobody can speak to her,
// so that it is nothing there.
func (c *wireMembership) update() (bot.Update, bool) {
	if c.From.ID <= 0 || c.Chat.ID == 0 || c.New.Status == "" {
		return bot.Update{}, false
	}
	out := bot.Update{Kind: bot.Other, Sender: c.From.name(), LocaleHint: c.From.hint(), At: c.Date.time()}
	out.Chat = out.Sender
	switch {
	case c.Chat.Type == chatPrivate && c.New.Status == "kicked":
		out.Kind = bot.ChatBlocked
	case c.Chat.Type == chatPrivate && c.New.Status == "member":
		out.Kind = bot.ChatUnblocked
	case c.Chat.isGroup():
		out.Group = c.Chat.group(false, 0)
		switch could, can := c.Old.mayWrite(), c.New.mayWrite(); {
		case can && !could:
			out.Kind = bot.GroupJoined
		case could && !can:
			out.Kind = bot.GroupLeft
		}
		if c.From.ID == anonymousAdmin {
			out.Nameless, out.Sender, out.Chat, out.LocaleHint = true, namelessIn(c.Chat), "", ""
		}
	}
	return out, true
}

// namelessIn is the sender of what is done in a chat under no name: nobody's, and no
// person's name can be equal to it.
func namelessIn(c wireChat) string { return "g" + strconv.FormatInt(c.ID, 10) }

// commandFor reports whether a text begins with a command that Ella may answer: one
// to her, or one to nobody.
func commandFor(text string, me identity) bool {
	to, ok := addressee(text)
	return ok && (to == "" || strings.EqualFold(to, me.Username))
}

// commandForAnother reports whether a text begins with another bot's command.
func commandForAnother(text string, me identity) bool {
	to, ok := addressee(text)
	return ok && to != "" && !strings.EqualFold(to, me.Username)
}

// addressee is the bot that a text's command names, as in "/help@ella_bot"; ok says
// that the text begins with a command.
func addressee(text string) (bot string, ok bool) {
	text = strings.TrimSpace(text)
	if len(text) < 2 || text[0] != '/' {
		return "", false
	}
	word := text[1:]
	if end := strings.IndexFunc(word, unicode.IsSpace); end >= 0 {
		word = word[:end]
	}
	name, bot, _ := strings.Cut(word, "@")
	return bot, name != ""
}

// clean takes NUL out of a text: no database holds it, and nobody may have an
// update set aside by writing one.
func clean(s string) string { return strings.ReplaceAll(s, "\x00", "") }

func refOf(id int64) bot.Ref { return bot.Ref(strconv.FormatInt(id, 10)) }

// onEarth also refuses what is no number.
func (l *wireLocation) onEarth() bool {
	return l.Lat != nil && l.Lng != nil && math.Abs(*l.Lat) <= 90 && math.Abs(*l.Lng) <= 180
}
