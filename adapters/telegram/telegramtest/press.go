package telegramtest

import "strconv"

// Press presses a button of a message, in a private chat or a group: the n-th of
// those that answer to the bot (Message.Presses), from 0. The buttons are those
// that m has: who looks at an old copy presses an old button, as people do. When
// the message was deleted meanwhile, the bot gets it as inaccessible.
func (s *Server) Press(user int64, m Message, n int) Did {
	buttons := m.Presses()
	if n < 0 || n >= len(buttons) {
		s.t.Errorf("telegramtest: of %d buttons there is no number %d", len(buttons), n)
		return Did{}
	}
	return s.press(user, m, buttons[n].Data, false)
}

// PressData presses a button that may never have been there: a changed app can
// send any data [doc: CallbackQuery].
func (s *Server) PressData(user int64, m Message, data string) Did {
	return s.press(user, m, data, false)
}

// PressInaccessible is Press on a message that the server no longer shows the bot.
func (s *Server) PressInaccessible(user int64, m Message, n int) Did {
	buttons := m.Presses()
	if n < 0 || n >= len(buttons) {
		s.t.Errorf("telegramtest: of %d buttons there is no number %d", len(buttons), n)
		return Did{}
	}
	return s.press(user, m, buttons[n].Data, true)
}

func (s *Server) press(user int64, m Message, data string, inaccessible bool) Did {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, by := s.chats[m.Chat], s.user(user)
	if c == nil || by == nil || c.blocked {
		s.t.Errorf("telegramtest: user %d can't press anything in chat %d", user, m.Chat)
		return Did{}
	}
	w := wireQuery{ID: s.ask(user), From: *by, Data: data, ChatInstance: strconv.FormatInt(-6_000_000_000_000_000_000+c.id, 10)}
	if found := c.messages[m.ID]; found == nil || !found.Deleted.IsZero() || inaccessible {
		w.Message = wireGone{c.wire(), m.ID, 0}
	} else {
		w.Message = s.wire(found)
	}
	return Did{Update: s.happen("callback_query", laneOf('u', user), w), Query: w.ID}
}
