package telegram

import (
	"context"
	"slices"

	library "github.com/go-telegram/bot"

	"ella/bot"
)

// takeBack takes messages of a chat away, Ella's own and in private chats the
// reader's. One that is gone or older than Telegram allows is no failure, nor one
// that has no name of ours.
func (s *sender) takeBack(ctx context.Context, to target, refs []bot.Ref) *bot.SendError {
	var ids []int
	for _, ref := range refs {
		all, ok := parseRef(ref)
		if !ok {
			continue
		}
		for _, m := range all {
			ids = append(ids, m.id)
		}
	}
	for some := range slices.Chunk(ids, maxTaken) {
		if err := s.takeSome(ctx, to, some); err != nil {
			return err
		}
	}
	return nil
}

// takeSome takes some away in one call. One that is too old keeps all the others from
// going: then each half goes by itself, the later one first.
func (s *sender) takeSome(ctx context.Context, to target, ids []int) *bot.SendError {
	err := s.quietly(ctx, to, func(ctx context.Context) error {
		_, err := s.library.DeleteMessages(ctx, &library.DeleteMessagesParams{ChatID: to.id, MessageIDs: ids})
		return err
	})
	switch n := len(ids) / 2; {
	case err == nil || err.Kind != bot.Invalid:
		return err
	case n == 0:
		return nil
	default:
		if err := s.takeSome(ctx, to, ids[n:]); err != nil {
			return err
		}
		return s.takeSome(ctx, to, ids[:n])
	}
}

// takeOld takes away what a new message stands for. It is best effort: the new one is
// there.
func (s *sender) takeOld(ctx context.Context, to target, old []standing) {
	if err := s.takeBack(ctx, to, []bot.Ref{refTo(old)}); err != nil {
		s.log.Debug("telegram: an old message stays", "account", string(s.account), "kind", string(err.Kind), "code", err.Code)
	}
}
