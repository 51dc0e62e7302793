package telegram

import (
	"context"
	"sync"

	"ella/bot"
)

// A keyboard that asks for a location stays up on a phone until a message takes it
// away. keyboards remembers in which chats it is up, as long as this process lives:
// after a restart it stays, folded away as Telegram's apps do after one use.
type keyboards struct {
	mu sync.Mutex
	up map[int64]bool // to whether it has done its work
}

// maxKeyboards bounds how many are remembered.
const maxKeyboards = 10_000

func newKeyboards() *keyboards { return &keyboards{up: map[int64]bool{}} }

func (k *keyboards) raised(chat int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for other := range k.up {
		if len(k.up) < maxKeyboards {
			break
		}
		delete(k.up, other)
	}
	k.up[chat] = false
}

// located notes that somebody answered in a chat: if a keyboard is up there, the next
// message takes it away. Receiving calls it; it does not block.
func (s *sender) located(chat string) {
	to, ok := targetOf(chat)
	if !ok {
		return
	}
	s.keyboards.mu.Lock()
	defer s.keyboards.mu.Unlock()
	if _, up := s.keyboards.up[to.id]; up {
		s.keyboards.up[to.id] = true
	}
}

// lower reports whether a keyboard is to be taken away, and leaves that to the caller.
func (k *keyboards) lower(chat int64) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.up[chat] {
		return false
	}
	delete(k.up, chat)
	return true
}

// putBack says that it could not be done.
func (k *keyboards) putBack(chat int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.up[chat] = true
}

// takeKeyboard finds the part with which a keyboard that has done its work goes away:
// one without buttons, since a message carries only one of the two. Where there is
// none a short message of its own takes it away first. It returns -1 for none. The
// parts before first stand in the chat already. Copies leave the keyboard: their
// readers did not ask for a second message.
func (s *sender) takeKeyboard(ctx context.Context, d delivery, parts []Part, first int) (int, *bot.SendError) {
	for _, p := range parts {
		if p.Ask != "" {
			return -1, nil // the new one takes its place
		}
	}
	if d.bulk || !s.keyboards.lower(d.to.id) {
		return -1, nil
	}
	for i, p := range parts {
		if i >= first && len(p.Buttons) == 0 {
			return i, nil
		}
	}
	d.silent = true
	m, err := s.sendPart(ctx, d, Part{Kind: TextPart, HTML: "📍 ✓"}, true)
	switch {
	case err == nil:
	case err.Kind.Passing(), err.Kind.Hopeless():
		s.keyboards.putBack(d.to.id)
		return -1, err
	default:
		return -1, nil // whatever became of it: the message itself must go
	}
	// It has done its work, and nothing of Ella's is to stand in a chat that she could
	// not name later.
	s.takeOld(ctx, d.to, []standing{{id: m.ID}})
	return -1, nil
}
