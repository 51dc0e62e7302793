package slack

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ella/bot"
)

// Decode reads an update as it was kept: an envelope of Socket Mode, or the same around
// what came over HTTP. Of what Ella does not ask for it understands only that there is
// nothing in it for her.
func (a *Adapter) Decode(raw []byte) (bot.Update, error) {
	e, ok := open(raw)
	if !ok {
		return bot.Update{}, bot.ErrUnreadable
	}
	u, ok := a.decode(e)
	if !ok {
		return bot.Update{}, bot.ErrUnreadable
	}
	return u, nil
}

// open reads what surrounds a payload.
func open(raw []byte) (envelope, bool) {
	var e envelope
	// json would put U+FFFD where the bytes are no UTF-8, and say nothing.
	if !utf8.Valid(raw) || json.Unmarshal(raw, &e) != nil || !isObject(e.Payload) {
		return envelope{}, false
	}
	return e, true
}

func isObject(raw []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) }

// decode reads the payload by its envelope's type.
func (a *Adapter) decode(e envelope) (bot.Update, bool) {
	switch e.Type {
	case typeEvents:
		var o wireOuter
		if json.Unmarshal(e.Payload, &o) != nil || o.Type == "" {
			return bot.Update{}, false
		}
		return o.update(a.me)
	case typeInteractive:
		var i wireInteraction
		if json.Unmarshal(e.Payload, &i) != nil || i.Type == "" {
			return bot.Update{}, false
		}
		return i.update(a.me)
	case typeCommands:
		var c wireCommand
		if json.Unmarshal(e.Payload, &c) != nil {
			return bot.Update{}, false
		}
		return c.update(a.me, a.inChannel)
	case "":
		return bot.Update{}, false
	}
	return bot.Update{Kind: bot.Other}, true // of a later Socket Mode
}

// update is an event.
func (o wireOuter) update(me identity) (out bot.Update, ok bool) {
	ok = true
	e := o.Event
	switch e.Type {
	case "message":
		out, ok = e.message.update(me)
	case "app_mention":
		out, ok = e.message.mention(me)
	case "member_joined_channel":
		out, ok = e.message.joined(me)
	case "member_left_channel":
		if e.message.User == me.User {
			out, ok = e.message.left(me, e.message.Actor)
		} else {
			out, ok = e.message.gone(me)
		}
	case "channel_left", "group_left":
		out, ok = e.message.left(me, e.message.Actor)
	case "channel_archive", "group_archive", "channel_deleted", "group_deleted":
		out, ok = e.message.left(me, e.message.User)
	case "channel_unarchive", "group_unarchive":
		if out, ok = e.message.left(me, e.message.User); ok {
			out.Kind = bot.GroupJoined
		}
	case "channel_id_changed":
		out, ok = e.message.moved(me)
	case "app_home_opened":
		out, ok = e.message.opened(me)
	case "user_change":
		out = e.user.changed(me)
	default:
		out.Kind = bot.Other
	}
	if ok && out.At.IsZero() && o.Time > 0 && o.Time < maxSeconds {
		out.At = time.Unix(o.Time, 0).UTC()
	}
	return out, ok
}

// maxSeconds is far above every instant that Slack names.
const maxSeconds = 1 << 36

// by fills in who did it. Their private conversation goes by their own name: Slack takes
// it for the channel, and whoever never wrote has no other yet.
func by(user string, me identity) bot.Update {
	return bot.Update{Kind: bot.Other, Sender: me.Team + ":" + user, Chat: user}
}

// nameless fills in a group in which nobody is named.
func nameless(channel string, me identity) bot.Update {
	return bot.Update{Kind: bot.Other, Sender: me.Team + ":" + channel, Group: channel, Nameless: true}
}

func (m *wireMessage) time() time.Time {
	if at := m.TS.time(); !at.IsZero() {
		return at
	}
	return m.EventTS.time()
}

// isStranger reports that the writer belongs to another workspace, through a channel
// that both share. In a Grid the team of a message may be any of its workspaces.
func (m *wireMessage) isStranger(me identity) bool {
	if m.UserTeam != "" {
		return !me.has(m.UserTeam)
	}
	return me.Enterprise == "" && !me.has(string(m.Team))
}

// isOwn reports that Ella wrote it, or another bot did: programs that answer each other
// never end.
func (m *wireMessage) isOwn(me identity) bool {
	return m.Bot != "" || m.User == me.User || m.User == slackbot
}

// slackbot is Slack's own bot, which answers for the workspace.
const slackbot = "USLACKBOT"

// update is a message. Those in channels come twice when they name Ella, and only the
// event app_mention is asked for; without her name none is hers, but for answers.
func (m *wireMessage) update(me identity) (bot.Update, bool) {
	if m.Subtype == "message_changed" && m.Message != nil {
		return m.changed(me)
	}
	if m.User == "" {
		return bot.Update{Kind: bot.Other}, true // a bot's, or something that happened to the channel
	}
	if !isID(m.User) || !isID(m.Channel) || !m.TS.isSound() {
		return bot.Update{}, false
	}
	out := by(m.User, me)
	out.At, out.Message = m.time(), refOf(m.Channel, m.TS)
	if m.isOwn(me) || m.isStranger(me) {
		return out, true
	}
	if !isPrivate(m.Channel) {
		out.Group = m.Channel
		if answers := m.answers(me); answers != "" && m.isWords() && !strings.Contains(m.Text, "<@"+me.User) {
			out.Kind, out.Text, out.Answers = bot.TextSent, m.typed(me), answers
		}
		return out, true
	}
	m.inPrivate(&out, me)
	return out, true
}

// isWords reports a message that is what it seems: others tell what happened.
func (m *wireMessage) isWords() bool {
	return slices.Contains([]string{"", "file_share", "thread_broadcast", "me_message"}, m.Subtype)
}

// inPrivate reads what a person wrote to Ella alone.
func (m *wireMessage) inPrivate(out *bot.Update, me identity) {
	text := m.typed(me)
	switch {
	case !m.isWords():
	case slices.ContainsFunc(m.Attachments, func(at wireAttachment) bool { return at.Share && (at.Author == me.User || at.Bot == me.Bot) }):
		out.Kind = bot.BroughtBack
	case slices.ContainsFunc(m.Files, wireFile.isVoice):
		out.Kind = bot.VoiceSent
	case len(m.Files) > 0 || strings.TrimSpace(text) == "":
		out.Kind = bot.Unsupported
	default:
		out.Kind, out.Text, out.Answers = bot.TextSent, text, m.answers(me)
	}
}

// isVoice reports an audio clip, or a recording.
func (f wireFile) isVoice() bool {
	return f.Subtype == "slack_audio" || strings.HasPrefix(f.Type, "audio/")
}

// answers is the message of Ella's in whose thread this one stands.
func (m *wireMessage) answers(me identity) bot.Ref {
	if m.ThreadOf != me.User || m.Thread == m.TS || !m.Thread.isSound() {
		return ""
	}
	return refOf(m.Channel, m.Thread)
}

// changed is a message that its writer changed. That a preview was put under a link, or
// that Ella changed her own, comes as the same event.
func (m *wireMessage) changed(me identity) (bot.Update, bool) {
	now := m.Message
	if now.User == "" {
		return bot.Update{Kind: bot.Other}, true
	}
	if !isID(now.User) || !isID(m.Channel) || !now.TS.isSound() {
		return bot.Update{}, false
	}
	out := by(now.User, me)
	out.At, out.Message = m.time(), refOf(m.Channel, now.TS)
	if now.isOwn(me) || now.isStranger(me) {
		return out, true
	}
	if !isPrivate(m.Channel) {
		out.Group = m.Channel
		return out, true
	}
	if text := now.typed(me); now.Edited != nil && strings.TrimSpace(text) != "" && (m.Previous == nil || m.Previous.Text != now.Text) {
		out.Kind, out.Text = bot.TextChanged, text
		if at := now.Edited.TS.time(); !at.IsZero() {
			out.At = at
		}
	}
	return out, true
}

// mention is what is said to Ella in a channel, "@Ella groups B11": it comes as a command
// that is addressed to her, since in a channel she answers nothing else.
func (m *wireMessage) mention(me identity) (bot.Update, bool) {
	if m.User == "" {
		return bot.Update{Kind: bot.Other}, true
	}
	if !isID(m.User) || !isID(m.Channel) || !m.TS.isSound() {
		return bot.Update{}, false
	}
	out := by(m.User, me)
	out.At, out.Message = m.time(), refOf(m.Channel, m.TS)
	if isPrivate(m.Channel) {
		return out, true // it also comes as a message
	}
	out.Group = m.Channel
	if m.isOwn(me) || m.isStranger(me) || m.Edited != nil {
		return out, true
	}
	word, rest := strings.TrimLeft(m.typed(me), "/ \t\n,:;.!-–—"), ""
	if end := strings.IndexFunc(word, unicode.IsSpace); end >= 0 {
		word, rest = word[:end], word[end:]
	}
	if word == "" {
		word = "help"
	}
	out.Kind, out.Text, out.Answers = bot.TextSent, "/"+word+"@"+addressed+rest, m.answers(me)
	return out, true
}

// addressed is what stands behind the @ of a command that names Ella.
const addressed = "ella"

// joined is somebody who came into a channel; only of Ella herself it matters.
func (m *wireMessage) joined(me identity) (bot.Update, bool) {
	if m.User != me.User {
		return bot.Update{Kind: bot.Other}, true
	}
	out, ok := m.left(me, m.Inviter)
	if ok {
		out.Kind = bot.GroupJoined
	}
	return out, ok
}

// left is Ella's going out of a channel, or its end. Slack does not always say by whom.
func (m *wireMessage) left(me identity, who string) (bot.Update, bool) {
	if !isID(m.Channel) || who != "" && !isID(who) {
		return bot.Update{}, false
	}
	out := nameless(m.Channel, me)
	if who != "" && who != me.User {
		out = by(who, me)
		out.Group = m.Channel
	}
	out.Kind, out.At = bot.GroupLeft, m.time()
	return out, true
}

// gone is somebody else who left a channel that Ella is in, or was taken out of it.
func (m *wireMessage) gone(me identity) (bot.Update, bool) {
	if !isID(m.Channel) || !isID(m.User) {
		return bot.Update{}, false
	}
	out := by(m.User, me)
	out.Group, out.At = m.Channel, m.time()
	if !m.isOwn(me) && !m.isStranger(me) {
		out.Kind = bot.ChatLeft
	}
	return out, true
}

// moved is a channel that has another id now.
func (m *wireMessage) moved(me identity) (bot.Update, bool) {
	if !isID(m.Old) || !isID(m.New) {
		return bot.Update{}, false
	}
	out := nameless(m.Old, me)
	out.Kind, out.NewGroup, out.At = bot.GroupMoved, m.New, m.time()
	return out, true
}

// opened is Ella's own place in Slack that somebody opened: their page, or their
// conversation with her.
func (m *wireMessage) opened(me identity) (bot.Update, bool) {
	if !isID(m.User) {
		return bot.Update{}, false
	}
	out := by(m.User, me)
	out.At = m.EventTS.time()
	if m.Tab == viewHome && !m.isOwn(me) {
		out.Kind = bot.PageOpened
	}
	return out, true
}

// changed is a profile that changed: the person was taken out of the workspace, or lives
// by another language or another clock now. Whoever comes back writes.
func (u wireUser) changed(me identity) bot.Update {
	if !isID(u.ID) || u.Robot || !me.has(u.Team) {
		return bot.Update{Kind: bot.Other}
	}
	out := by(u.ID, me)
	out.LocaleHint = u.hint()
	switch zone := u.zone(); {
	case u.Deleted:
		out.Kind = bot.ChatBlocked
	case zone != "" || out.LocaleHint != "":
		out.Kind, out.Zone = bot.ProfileChanged, zone
	}
	return out
}

// update is a slash command. What is typed there nobody else reads, in a channel neither,
// so it is said to Ella alone, unless it is about the channel.
func (c wireCommand) update(me identity, inChannel []string) (bot.Update, bool) {
	if !isID(c.User) || c.Channel != "" && !isID(c.Channel) {
		return bot.Update{}, false
	}
	out := by(c.User, me)
	text := strings.TrimSpace(typed(c.Text, nil, me))
	if text = strings.TrimSpace(strings.TrimLeft(text, "/")); text == "" {
		text = "start"
	}
	out.Kind, out.Text = bot.TextSent, "/"+text
	word, _, _ := strings.Cut(text, " ")
	if c.Channel != "" && !isPrivate(c.Channel) && slices.Contains(inChannel, strings.ToLower(word)) {
		out.Group = c.Channel
	}
	return out, true
}

// refOf is the name of one message.
func refOf(channel string, ts stamp) bot.Ref { return bot.Ref(channel + ":" + string(ts)) }

// clean takes NUL out of a text: no database holds it, and nobody may have an
// update set aside by writing one.
func clean(s string) string { return strings.ReplaceAll(s, "\x00", "") }
