package slacktest

import (
	"encoding/json"
	"maps"
	"slices"
)

// Command types a slash command in a channel, or in the conversation with the app
// where channel is "".
func (s *Server) Command(user, channel, command, text string) Did {
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
	if ch == nil || command != s.options.Command || !u.may(s, "commands") {
		s.t.Errorf("slacktest: there is no command %s in %q", command, channel)
		return Did{}
	}
	s.noteTyped(text)
	name := ch.Name
	if ch.isDM() {
		name = "directmessage"
	}
	t := s.teams[u.Team]
	reply := responseURL{team: t, user: user, channel: ch}
	return s.act(u, Commands, obj{
		"team_id": t.id, "team_domain": t.domain, "channel_id": ch.id, "channel_name": name, "user_id": user, "user_name": u.handle(),
		"command": command, "text": escape(text), "is_enterprise_install": "false", "response_url": s.newReply(reply),
	}, true, func(c *call, answer json.RawMessage) { s.answerCommand(c, &reply, answer) })
}

// answerCommand shows what a command was acknowledged with.
func (s *Server) answerCommand(c *call, to *responseURL, answer json.RawMessage) {
	var fields map[string]json.RawMessage
	if len(answer) == 0 || json.Unmarshal(answer, &fields) != nil {
		return
	}
	for name, v := range fields {
		var text string
		if json.Unmarshal(v, &text) != nil {
			text = string(v)
		}
		c.args[name] = text
	}
	if len(c.args) == 0 {
		return
	}
	if n, e := s.content(c); e == nil {
		c.args["replace_original"] = "false"
		s.put(c, to, n)
	}
}

// Press presses one of the buttons of a message that open nothing, counted from 0.
func (s *Server) Press(user string, m Message, n int) Did {
	if all := m.Presses(); n >= 0 && n < len(all) {
		return s.PressButton(user, m, all[n])
	}
	s.t.Errorf("slacktest: the message has no button %d", n)
	return Did{}
}

// PressButton presses any button of a message, as m shows it: also one that an update
// has taken away since.
func (s *Server) PressButton(user string, m Message, b Button) Did {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, ch := s.user(user), s.channels[m.Channel]
	if u == nil || ch == nil {
		return Did{}
	}
	t := s.teams[ch.Team]
	reply := responseURL{team: t, user: user, channel: ch, message: ch.messages[m.TS]}
	if m.Ephemeral {
		reply.message = nil
		reply.ephemeral = 1 + slices.IndexFunc(s.ephemerals[user], func(one Message) bool { return one.TS == m.TS })
	}
	name := ch.Name
	if ch.isDM() {
		name = "directmessage"
	}
	p := obj{
		"type": "block_actions", "channel": obj{"id": ch.id, "name": name}, "state": obj{"values": obj{}}, "response_url": s.newReply(reply),
		"container": obj{"type": "message", "message_ts": m.TS, "channel_id": ch.id, "is_ephemeral": m.Ephemeral},
		"actions":   []obj{s.action(b)},
	}
	if reply.message != nil {
		p["message"] = s.wireMessage(t, reply.message)
	}
	return s.act(u, Interactions, p, false, nil)
}

func (s *Server) action(b Button) obj {
	a := obj{
		"type": "button", "action_id": b.ActionID, "block_id": b.BlockID, "action_ts": s.stamp(),
		"text": obj{"type": "plain_text", "text": b.Text, "emoji": true},
	}
	if b.Value != "" {
		a["value"] = b.Value
	}
	if b.Style != "" {
		a["style"] = b.Style
	}
	return a
}

// PressIn presses a button of a view, home or modal, counted from 0.
func (s *Server) PressIn(v View, n int) Did {
	all := v.Presses()
	if n < 0 || n >= len(all) {
		s.t.Errorf("slacktest: the view has no button %d", n)
		return Did{}
	}
	return s.inView(v, s.actionOf(all[n]))
}

func (s *Server) actionOf(b Button) obj {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.action(b)
}

// Choose picks an option of a select or of radio buttons in a view.
func (s *Server) Choose(v View, actionID, value string) Did {
	for _, in := range v.Inputs {
		if in.ActionID == actionID && slices.Contains(in.Options, value) {
			return s.inView(v, obj{
				"type": in.Type, "action_id": actionID, "block_id": in.BlockID,
				"selected_option": obj{"text": obj{"type": "plain_text", "text": value}, "value": value},
			})
		}
	}
	s.t.Errorf("slacktest: the view has no option %q in %q", value, actionID)
	return Did{}
}

func (s *Server) inView(v View, a obj) Did {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, now := s.user(v.User), s.views[v.ID]
	if u == nil || now == nil {
		s.t.Errorf("slacktest: there is no view %q any more", v.ID)
		return Did{}
	}
	a["action_ts"] = s.stamp()
	w := s.wireView(now)
	return s.act(u, Interactions, obj{
		"type": "block_actions", "container": obj{"type": "view", "view_id": v.ID}, "view": w, "actions": []obj{a},
	}, false, nil)
}

// Submit sends a modal off, with values by action id: a text, or an option's value.
// What the person leaves out keeps what stood there. What the app answers is done:
// the modal closes, changes, or shows errors (Modal). Submitting twice is a matter of
// Redeliver.
func (s *Server) Submit(v View, values map[string]string) Did {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, now := s.user(v.User), s.views[v.ID]
	if u == nil || now == nil || now.Submit == "" {
		s.t.Errorf("slacktest: there is no view %q to submit", v.ID)
		return Did{}
	}
	left := maps.Clone(values)
	state := obj{}
	for _, in := range now.Inputs {
		value, given := left[in.ActionID]
		if !given {
			value = in.Initial
		}
		delete(left, in.ActionID)
		s.noteTyped(value)
		filled := obj{"type": in.Type, "value": value}
		if in.Options != nil {
			filled = obj{"type": in.Type, "selected_option": nil}
			if value != "" {
				filled["selected_option"] = obj{"text": obj{"type": "plain_text", "text": value, "emoji": true}, "value": value}
			}
		}
		block, _ := state[in.BlockID].(obj)
		if block == nil {
			block = obj{}
			state[in.BlockID] = block
		}
		block[in.ActionID] = filled
	}
	for id := range left {
		s.t.Errorf("slacktest: the view has no field %q", id)
	}
	now.Errors = nil
	w := s.wireView(now)
	w["state"] = obj{"values": state}
	return s.act(u, Interactions, obj{"type": "view_submission", "view": w, "response_urls": []obj{}}, true, func(c *call, answer json.RawMessage) {
		s.respond(c, now, answer)
	})
}

// CloseModal closes a modal without sending it off. The app is told if it asked for it.
func (s *Server) CloseModal(v View) Did {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, now := s.user(v.User), s.views[v.ID]
	if u == nil || now == nil {
		s.t.Errorf("slacktest: there is no view %q any more", v.ID)
		return Did{}
	}
	s.pop(now)
	if !now.notifyOnClose {
		return Did{}
	}
	return s.act(u, Interactions, obj{"type": "view_closed", "view": s.wireView(now), "is_cleared": false}, false, nil)
}

// Shortcut uses one of the app's global shortcuts.
func (s *Server) Shortcut(user, callback string) Did {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.user(user)
	if u == nil {
		return Did{}
	}
	return s.act(u, Interactions, obj{"type": "shortcut", "callback_id": callback, "action_ts": s.stamp()}, false, nil)
}

// MessageShortcut uses one of the app's shortcuts on a message.
func (s *Server) MessageShortcut(user string, m Message, callback string) Did {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, ch := s.user(user), s.channel(m.Channel)
	if u == nil || ch == nil || ch.messages[m.TS] == nil {
		return Did{}
	}
	t, stands := s.teams[ch.Team], ch.messages[m.TS]
	w := obj{"type": "message", "user": stands.User, "text": stands.Written, "ts": stands.TS, "team": t.id}
	if stands.User == t.botUser {
		w = s.wireMessage(t, stands)
	}
	return s.act(u, Interactions, obj{
		"type": "message_action", "callback_id": callback, "action_ts": s.stamp(), "message_ts": stands.TS, "channel": obj{"id": ch.id, "name": ch.Name},
		"message": w, "response_url": s.newReply(responseURL{team: t, user: user, channel: ch, message: stands}),
	}, false, nil)
}
