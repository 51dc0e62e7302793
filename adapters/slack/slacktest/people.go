package slacktest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// Did is something that a person did.
type Did struct {
	// ID is the payload that the app is told by: an event's is its event_id. It is ""
	// when the app is told nothing, as of what is said in channels.
	ID string
	// Message is the message that came of it, if one did.
	Message Message
	// Trigger and ResponseURL came with it.
	Trigger, ResponseURL string
}

// Say writes in the person's conversation with the app, which opens by it.
func (s *Server) Say(user, text string) Did { return s.say(user, "", text, Message{}) }

// SayIn writes in a channel. The app is told only if it may read channels' history.
func (s *Server) SayIn(channel, user, text string) Did { return s.say(user, channel, text, Message{}) }

// Reply writes in the thread of a message.
func (s *Server) Reply(user string, to Message, text string) Did {
	thread := to.ThreadTS
	if thread == "" {
		thread = to.TS
	}
	return s.say(user, to.Channel, text, Message{ThreadTS: thread})
}

// Mention writes in a channel, with a mention of the app before the text.
func (s *Server) Mention(channel, user, text string) Did {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, ch := s.user(user), s.channel(channel)
	if u == nil || ch == nil {
		return Did{}
	}
	bot := s.teams[ch.Team].botUser
	m := s.said(ch, u, "@Ella "+text, Message{})
	s.noteTyped(text)
	e := s.wireSaid(ch, m, "<@"+bot+"> "+linked(text))
	e["type"] = "app_mention"
	delete(e, "channel_type")
	did := s.event(s.teams[ch.Team], e, ch.byMember[bot] && u.may(s, "app_mentions:read"))
	did.Message = *m
	return did
}

// SayWire is Say with a text in Slack's own form, such as "<https://x.org|x.org>".
func (s *Server) SayWire(user, wire string) Did {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.user(user)
	if u == nil {
		return Did{}
	}
	ch := s.open(u)
	s.noteTyped(wire)
	return s.tell(ch, s.said(ch, u, render(wire), Message{}), wire, "")
}

func (s *Server) say(user, channel, text string, like Message) Did {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.user(user)
	if u == nil {
		return Did{}
	}
	ch := s.channels[channel]
	if channel == "" {
		ch = s.open(u)
	}
	if ch == nil || u.Deleted || ch.isDM() && ch.person != user {
		s.t.Errorf("slacktest: %s can't write in %q", user, channel)
		return Did{}
	}
	s.noteTyped(text)
	return s.tell(ch, s.said(ch, u, text, like), linked(text), "")
}

// said puts a person's message into a channel.
func (s *Server) said(ch *channel, u *User, text string, like Message) *Message {
	m := &like
	m.User, m.Text, m.Fallback, m.Written = u.ID, text, text, escape(text)
	ch.byMember[u.ID] = true
	s.add(ch, m)
	return m
}

// tell tells the app of a message; s.mu is held.
func (s *Server) tell(ch *channel, m *Message, wire, subtype string) Did {
	e := s.wireSaid(ch, m, wire)
	if subtype != "" {
		e["subtype"] = subtype
	}
	did := s.event(s.teams[ch.Team], e, s.hears(ch))
	did.Message = *m
	return did
}

// hears reports whether the app is told of messages in a channel.
func (s *Server) hears(ch *channel) bool {
	t := s.teams[ch.Team]
	return ch.byMember[t.botUser] && t.token.has(ch.scope(":history"))
}

func (s *Server) wireSaid(ch *channel, m *Message, wire string) obj {
	u := s.users[m.User]
	e := obj{
		"type": "message", "channel": ch.id, "user": m.User, "text": wire, "ts": m.TS, "team": u.home(), "channel_type": ch.kind(),
		"client_msg_id": fmt.Sprintf("fa4e0000-0000-4000-9000-%012d", s.lastTS%1_000_000_000_000),
		"blocks": []obj{{"type": "rich_text", "block_id": "said", "elements": []obj{
			{"type": "rich_text_section", "elements": []obj{{"type": "text", "text": m.Text}}},
		}}},
	}
	if u.Stranger {
		e["user_team"], e["source_team"] = u.HomeTeam, u.HomeTeam
	}
	if m.ThreadTS != "" {
		e["thread_ts"] = m.ThreadTS
		if parent := ch.messages[m.ThreadTS]; parent != nil {
			e["parent_user_id"] = parent.User
		}
	}
	return e
}

var address = regexp.MustCompile(`https?://[^\s<>|]*[^\s<>|.,;:!?)]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+`)

// linked is what a person typed in Slack's own form: escaped, with addresses made
// into links [doc].
func linked(text string) string {
	var out strings.Builder
	from := 0
	for _, at := range address.FindAllStringIndex(text, -1) {
		found := text[at[0]:at[1]]
		out.WriteString(escape(text[from:at[0]]))
		if strings.HasPrefix(found, "http") {
			out.WriteString("<" + escape(found) + ">")
		} else {
			out.WriteString("<mailto:" + found + "|" + found + ">")
		}
		from = at[1]
	}
	out.WriteString(escape(text[from:]))
	return out.String()
}

// ShareFile sends a file with a text, or without.
func (s *Server) ShareFile(user, name, text string) Did {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.user(user)
	if u == nil {
		return Did{}
	}
	ch := s.open(u)
	m := s.said(ch, u, text, Message{Files: []File{{ID: s.id("F"), Name: name, Title: name}}})
	e := s.wireSaid(ch, m, linked(text))
	e["subtype"], e["upload"], e["display_as_bot"] = "file_share", false, false
	e["files"] = []obj{{"id": m.Files[0].ID, "name": name, "title": name, "mimetype": "image/jpeg", "filetype": "jpg", "mode": "hosted", "user": u.ID, "size": 24117}}
	did := s.event(s.teams[u.Team], e, s.hears(ch))
	did.Message = *m
	return did
}

// Edit changes the text of a message that a person wrote.
func (s *Server) Edit(m Message, text string) Did {
	return s.alter(m, func(ch *channel, stands *Message, e obj) {
		before := s.wireSaid(ch, stands, stands.Written)
		stands.Text, stands.Fallback, stands.Written, stands.Edited = text, text, escape(text), s.now()
		s.noteTyped(text)
		after := s.wireSaid(ch, stands, linked(text))
		after["edited"] = obj{"user": stands.User, "ts": s.stamp()}
		e["subtype"], e["message"], e["previous_message"] = "message_changed", after, before
	})
}

// DeleteOwn takes a person's own message away.
func (s *Server) DeleteOwn(m Message) Did {
	return s.alter(m, func(ch *channel, stands *Message, e obj) {
		stands.Deleted = s.now()
		e["subtype"], e["deleted_ts"], e["previous_message"] = "message_deleted", stands.TS, s.wireSaid(ch, stands, stands.Written)
	})
}

func (s *Server) alter(m Message, how func(*channel, *Message, obj)) Did {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch := s.channel(m.Channel)
	if ch == nil || ch.messages[m.TS] == nil || s.users[m.User] == nil || s.users[m.User].Bot {
		s.t.Errorf("slacktest: there is no message %s of a person", m.TS)
		return Did{}
	}
	e := obj{"type": "message", "channel": ch.id, "channel_type": ch.kind(), "ts": s.ts(), "hidden": true}
	how(ch, ch.messages[m.TS], e)
	did := s.event(s.teams[ch.Team], e, s.hears(ch))
	did.Message = *ch.messages[m.TS]
	return did
}

// Join brings a person into a channel, Leave takes them out.
func (s *Server) Join(channel, user string) Did {
	return s.move(channel, user, "member_joined_channel", true)
}

// Leave takes a person out of a channel.
func (s *Server) Leave(channel, user string) Did {
	return s.move(channel, user, "member_left_channel", false)
}

// InviteApp has a person bring the app into a channel.
func (s *Server) InviteApp(channel, by string) Did {
	s.mu.Lock()
	bot := s.botIn(channel)
	s.mu.Unlock()
	did := s.move(channel, bot, "member_joined_channel", true, by)
	return did
}

// RemoveApp has a person take the app out of a channel.
func (s *Server) RemoveApp(channel string) Did {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch := s.channel(channel)
	if ch == nil {
		return Did{}
	}
	bot := s.botIn(channel)
	told := ch.byMember[bot] && s.users[bot].may(s, ch.scope(":read"))
	delete(ch.byMember, bot)
	kind := "channel_left"
	if ch.Private {
		kind = "group_left"
	}
	return s.event(s.teams[ch.Team], obj{"type": kind, "channel": ch.id, "actor_id": bot}, told)
}

func (s *Server) botIn(channel string) string {
	if ch := s.channels[channel]; ch != nil {
		return s.teams[ch.Team].botUser
	}
	return ""
}

func (s *Server) move(channel, user, kind string, in bool, by ...string) Did {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch, u := s.channel(channel), s.user(user)
	if ch == nil || u == nil {
		return Did{}
	}
	if in {
		ch.byMember[user] = true
	} else {
		delete(ch.byMember, user)
	}
	sign := "C"
	if ch.Private {
		sign = "G"
	}
	e := obj{"type": kind, "user": user, "channel": ch.id, "channel_type": sign, "team": ch.Team}
	for _, inviter := range by {
		e["inviter"] = inviter
	}
	return s.event(s.teams[ch.Team], e, ch.byMember[s.teams[ch.Team].botUser] && u.may(s, ch.scope(":read")))
}

// OpenHome opens the app's home, on the tab "home" or "messages".
func (s *Server) OpenHome(user, tab string) Did {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.user(user)
	if u == nil {
		return Did{}
	}
	e := obj{"type": "app_home_opened", "user": user, "channel": s.open(u).id, "tab": tab}
	if v := s.homes[user]; v != nil {
		e["view"] = s.wireView(v)
	}
	return s.event(s.teams[u.Team], e, true)
}

// Poison sends an event of a type that nobody knows yet.
func (s *Server) Poison(user string) Did {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.user(user)
	if u == nil {
		return Did{}
	}
	return s.event(s.teams[u.Team], obj{"type": "hologram_shared", "user": []obj{{"id": user}}, "channel": 7}, true)
}

// AppRateLimited tells the app that it gets too much: an outer event without an inner
// one [doc].
func (s *Server) AppRateLimited() Did {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.raw(Events, fmt.Sprintf(
		`{"token":"fake0verification0token","type":"app_rate_limited","team_id":%q,"minute_rate_limited":%d,"api_app_id":%q}`, s.first.id, s.now().Unix(), s.app.id))
}

// Raw sends a payload of any shape that is JSON.
func (s *Server) Raw(kind, payload string) Did {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.raw(kind, payload)
}

func (s *Server) raw(kind, payload string) Did {
	if !json.Valid([]byte(payload)) {
		s.t.Errorf("slacktest: no JSON: %.80s", payload)
		return Did{}
	}
	s.lastID++
	id := fmt.Sprintf("Rw0FAKE%05d", s.lastID)
	s.enqueue(&delivery{id: id, kind: kind, team: s.first, raw: json.RawMessage(payload)})
	return Did{ID: id}
}
