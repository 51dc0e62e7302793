package slack

import (
	"context"

	"ella/bot"
)

// takeBack takes messages away that are Ella's own. One that is gone is no failure, nor
// one that has no name of ours; the reader's own no app can take away.
func (s *sender) takeBack(ctx context.Context, refs []bot.Ref) *bot.SendError {
	for _, ref := range refs {
		all, ok := parseRef(ref)
		if !ok {
			continue
		}
		for _, name := range all.names {
			if err := s.take(ctx, all.channel, name); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *sender) take(ctx context.Context, channel, name string) *bot.SendError {
	_, _, err := s.call(ctx, s.pace.remove, channel, false, func(ctx context.Context) {
		if isFile(name) {
			_ = s.library.DeleteFileContext(ctx, name)
			return
		}
		_, _, _ = s.library.DeleteMessageContext(ctx, channel, name)
	})
	if isOneOf(err, noTakes) || err != nil && (err.Kind == bot.Invalid || err.Code == codeScope) {
		return nil
	}
	return err
}

// takeOld takes away what a new message stands for. It is best effort: the new one is
// there.
func (s *sender) takeOld(ctx context.Context, old standing) {
	if err := s.takeBack(ctx, []bot.Ref{old.ref()}); err != nil {
		s.log.Debug("slack: an old message stays", "account", string(s.account), "kind", string(err.Kind), "code", err.Code)
	}
}
