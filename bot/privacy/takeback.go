package privacy

import (
	"context"
	"slices"
	"sync"
	"time"

	"ella/bot"
)

const (
	// takeBackFor is how long taking messages away may hold up the erasing: whoever
	// wants to be forgotten is forgotten when the platform does not answer, too.
	takeBackFor = 10 * time.Second
	// chatsAtOnce is in how many chats that is done side by side.
	chatsAtOnce = 8
	// takenAtOnce is how many messages one call takes away, as many as the tightest
	// platform does (https://core.telegram.org/bots/api#deletemessages).
	takenAtOnce = 100
)

// takeBack takes Ella's messages, and a list of commands of their own, away from the
// chats of those who are being erased, so that a phone that others see, too, does not
// tell what they read. Best effort: a platform takes away only what is not too old.
func (r *Room) takeBack(ctx context.Context, all []Standing) {
	if r.Direct == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, takeBackFor)
	defer cancel()
	slots := make(chan struct{}, chatsAtOnce)
	var chats sync.WaitGroup
	for _, s := range all {
		if s.Address.Menu != "" && r.Menu != nil {
			s.Address.Menu = ""
			r.Menu(s.Address, nil)
		}
		slots <- struct{}{}
		chats.Go(func() {
			defer func() { <-slots }()
			for refs := range slices.Chunk(s.Refs, takenAtOnce) {
				if _, err := r.Direct(ctx, s.Address.Account, bot.Outgoing{Chat: s.Address.Chat, TakeBack: refs}); err != nil {
					r.Log.Debug("taking messages away failed", "kind", string(bot.SendKindOf(err)))
					return
				}
			}
		})
	}
	chats.Wait()
}
