package slacktest

// standing is a message that the app wants to change. It must be named by the id of
// its channel: a user's will not do here, as it does for posting [doc: chat.update].
// s.mu is held.
func (s *Server) standing(c *call, foreign string) (*channel, *Message, *apiError) {
	ch := s.channels[c.args["channel"]]
	if ch == nil || ch.Team != c.team.id || !ch.byMember[c.team.botUser] {
		if s.users[c.args["channel"]] != nil {
			s.breach(c, RuleArgument, "a message is changed by the id of its channel, not of its reader")
		}
		return nil, nil, refusal("channel_not_found")
	}
	m := ch.messages[c.args["ts"]]
	switch {
	case m == nil || !m.Deleted.IsZero():
		return nil, nil, refusal("message_not_found")
	case m.User != c.team.botUser:
		s.breach(c, RuleForeign, "the message is not the app's")
		return nil, nil, refusal(foreign)
	}
	return ch, m, nil
}

func (s *Server) updateMessage(c *call) (obj, *apiError) {
	ch, m, e := s.standing(c, "cant_update_message")
	if e != nil {
		return nil, e
	}
	if runes := len([]rune(c.args["text"])); runes > s.table.Limits["update.text"].Max {
		s.breach(c, RuleLong, "a text of %d characters in an update", runes)
		return nil, refusal("msg_too_long")
	}
	n, e := s.content(c)
	if e != nil {
		return nil, e
	}
	// Here the default is "client", which makes links and mentions of plain words
	// [doc: chat.update]; what a call leaves out counts as that.
	if c.args["parse"] != "none" {
		s.breach(c, RuleUnfurl, "an update without parse=none")
	}
	if link, _ := c.flag("link_names"); link {
		s.breach(c, RuleMarkup, "link_names makes mentions of what people typed")
	}
	if _, given := c.args["blocks"]; !given && m.Blocks != nil {
		// Slack then keeps the old blocks, which hide the new text [doc].
		s.breach(c, RuleText, "a new text behind the old blocks: blocks must be named, or cleared with []")
		n.blocks, n.read = m.Blocks, s.read(m.Blocks)
	}
	n.shown(m)
	m.Edited = s.now()
	s.shareFiles(n, m)
	s.accept(c, m)
	return obj{"channel": ch.id, "ts": m.TS, "text": m.Written, "message": s.wireMessage(c.team, m)}, nil
}

func (s *Server) deleteMessage(c *call) (obj, *apiError) {
	ch, m, e := s.standing(c, "cant_delete_message")
	if e != nil {
		return nil, e
	}
	m.Deleted = s.now()
	return obj{"channel": ch.id, "ts": m.TS}, nil
}
