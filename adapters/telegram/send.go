package telegram

import (
	"context"

	"ella/bot"
)

// Send lowers and sends one message. A press is answered before anything else, since
// Telegram soon forgets it. Messages that are to go away go before the new one comes.
//
// A message may become several of Telegram's. If a later one of them fails for now
// (not sent, throttled), the error says so, and the same message sent again goes on
// where it stopped, as long as this process lives. If the address itself turned out to
// be off, the error says that. After any other failure a part of it stands there and
// the rest never will: that is Unclear.
func (s *sender) Send(ctx context.Context, out bot.Outgoing) (bot.Ref, error) {
	empty := len(out.Message.Blocks) == 0
	if out.Press != "" {
		err := s.answer(ctx, out)
		if empty && len(out.TakeBack) == 0 {
			return "", err.OrNil()
		}
	}
	to, ok := targetOf(out.Chat)
	if !ok {
		return "", sendError(bot.Gone, "no-chat")
	}
	if len(out.TakeBack) > 0 {
		if err := s.takeBack(ctx, to, out.TakeBack); err != nil && (empty || err.Kind.Hopeless() || err.Kind.Passing()) {
			return "", err
		}
		if empty {
			return "", nil
		}
	}
	lowered, err := Lower(out.Message)
	if err != nil {
		return "", err
	}
	d := delivery{
		to: to, bulk: out.Bulk,
		silent: out.Silent || lowered.Silent, protected: lowered.Protected, preview: lowered.Preview,
	}
	parts := lowered.Parts
	if !to.private() {
		if parts = withoutAsking(parts); len(parts) == 0 {
			return "", sendError(bot.Invalid, "empty")
		}
	}
	if out.Edit != "" {
		ref, err := s.edit(ctx, d, out.Edit, parts)
		return ref, err.OrNil()
	}
	all, failed := s.sendAll(ctx, d, parts)
	if failed != nil {
		return "", failed
	}
	return refTo(all), nil
}

// withoutAsking is a message for a chat that can't be asked where somebody is.
func withoutAsking(parts []Part) (all []Part) {
	for _, p := range parts {
		if !p.Only {
			p.Ask = ""
			all = append(all, p)
		}
	}
	return all
}

// sendAll sends the parts of a message, one after the other.
func (s *sender) sendAll(ctx context.Context, d delivery, parts []Part) ([]standing, *bot.SendError) {
	var all []standing
	if len(parts) > 1 {
		all = s.halves.Take(d.to, parts)
	}
	removal, err := s.takeKeyboard(ctx, d, parts, len(all))
	if err != nil {
		if len(all) > 0 {
			s.halves.Keep(d.to, parts, all)
		}
		return nil, err
	}
	for i, p := range parts {
		if i < len(all) {
			continue // it stands there since the attempt before
		}
		m, err := s.sendPart(ctx, d, p, i == removal)
		if err != nil {
			if removal >= i {
				s.keyboards.putBack(d.to.id)
			}
			return nil, s.halfway(d, parts, all, err)
		}
		if p.Ask != "" {
			s.keyboards.raised(d.to.id)
		}
		all = append(all, standing{m.ID, p.kind()})
	}
	return all, nil
}

// halfway is what the failure of one part means for the whole message.
func (s *sender) halfway(d delivery, parts []Part, all []standing, err *bot.SendError) *bot.SendError {
	switch {
	case len(all) == 0, err.Kind.Hopeless():
		return err
	case err.Kind.Passing():
		s.halves.Keep(d.to, parts, all)
		return err
	}
	s.log.Warn("telegram: a message stands in a chat in part", "account", string(s.account), "kind", string(err.Kind), "code", err.Code)
	return sendError(bot.Unclear, codePartial)
}

// isRefusal reports whether a failure is the one with this code.
func isRefusal(err *bot.SendError, code string) bool {
	return err != nil && err.Kind == bot.Invalid && err.Code == code
}
