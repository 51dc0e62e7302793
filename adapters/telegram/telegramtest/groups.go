package telegramtest

// Block has a person block the bot: nothing reaches them any more.
func (s *Server) Block(user int64) Did { return s.blocks(user, true) }

// Unblock lifts it.
func (s *Server) Unblock(user int64) Did { return s.blocks(user, false) }

func (s *Server) blocks(user int64, on bool) Did {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[user]
	if c == nil || c.blocked == on {
		return Did{}
	}
	c.blocked = on
	was, is := Member, Kicked
	if !on {
		was, is = Kicked, Member
		c.started = true
	}
	return Did{Update: s.memberChanged(c, user, was, is)}
}

// memberChanged tells the bot that it is something else in a chat now.
func (s *Server) memberChanged(c *chat, by int64, was, is Standing) int64 {
	return s.happen("my_chat_member", laneOf('m', c.id), wireMemberUpdate{
		Chat: c.wire(), From: *s.user(by), Date: s.now().Unix(), Old: s.member(s.bot.ID, was), New: s.member(s.bot.ID, is),
	})
}

// standing makes the bot something else in a group.
func (s *Server) standing(c *chat, by int64, is Standing) int64 {
	was := c.standing
	c.standing = is
	if was == is {
		return 0
	}
	return s.memberChanged(c, by, was, is)
}

// AddToGroup has a person add the bot to a group: it is told twice, of its
// standing and by a message that all see. Did is the message, and the update that
// tells of it; the other one is the id before. To a channel a bot can only be added
// as an administrator, and no message tells of it.
func (s *Server) AddToGroup(group, by int64) Did {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[group]
	c.members[by] = Administrator
	if c.kind == Channel {
		return Did{Update: s.standing(c, by, Administrator)}
	}
	s.standing(c, by, Member)
	return s.said(group, by, &Message{Kind: Service, shape: func(w *wireMessage) { w.NewMembers = []wireUser{s.bot} }})
}

// RemoveFromGroup has a person take the bot out of a group or channel.
func (s *Server) RemoveFromGroup(group, by int64) Did {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Did{Update: s.standing(s.chats[group], by, Kicked)}
}

// Promote makes the bot an administrator of a group or channel.
func (s *Server) Promote(group, by int64) Did {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Did{Update: s.standing(s.chats[group], by, Administrator)}
}

// Demote makes it a common member again.
func (s *Server) Demote(group, by int64) Did {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Did{Update: s.standing(s.chats[group], by, Member)}
}

// Join has a person become a member of a group.
func (s *Server) Join(group, user int64) Did {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.chats[group].members[user] = Member
	return s.said(group, user, &Message{Kind: Service, shape: func(w *wireMessage) { w.NewMembers = []wireUser{*s.user(user)} }})
}

// Migrate makes a basic group a supergroup with another id. Both ends tell of it,
// and the old one refuses everything from now on.
func (s *Server) Migrate(group, by int64) (supergroup int64, from, to Did) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.chats[group]
	supergroup = s.freeGroup(Supergroup)
	c := s.newChat(supergroup, Supergroup)
	c.title, c.standing, c.members = old.title, old.standing, old.members
	from = s.said(group, by, &Message{Kind: Service, shape: func(w *wireMessage) { w.MigrateTo = supergroup }})
	old.movedTo = supergroup
	to = s.said(supergroup, by, &Message{Kind: Service, shape: func(w *wireMessage) { w.MigrateFrom = group }})
	return supergroup, from, to
}
