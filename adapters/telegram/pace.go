package telegram

import (
	"context"
	"time"

	"ella/adapters/throttle"
	"ella/bot"
)

// The pace that Telegram asks for
// (https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this),
// each a little below it, since what leaves here evenly arrives there less evenly.
const (
	// overallCount messages leave in any second; Telegram takes 30.
	overallCount = 28
	overallEvery = time.Second / overallCount
	// overallBurst replies leave at once, if it was quiet before. Copies never do.
	overallBurst = 4
	// chatBurst messages go to one person at once, and then one every chatEvery.
	chatBurst = 3
	chatEvery = time.Second
	// groupCount messages and edits go to a group in any groupPer, one every
	// groupEvery; Telegram takes 20 a minute.
	groupCount = 18
	groupPer   = time.Minute
	groupEvery = time.Second

	// maxHold is how long a send is held. Whoever would have to wait longer is sent
	// away with how long that is.
	maxHold = 2 * time.Second
	// suspicion is how long after the wait of one 429 another in a second chat means
	// that it is the account that is limited, and not the chats. Longer, and two chats
	// that have nothing to do with each other would keep everybody waiting.
	suspicion = 5 * time.Second
)

// pace is the gate before every call that writes a message, and what Telegram counts of
// them. It is safe for concurrent use; a nil pace holds nobody up.
type pace struct {
	gate *throttle.Gate[int64]
	// unlimited copies pass without the overall limit: the operator has Telegram's
	// leave, and says so with a rate of their own.
	unlimited bool

	// The gate's lock is held on what follows.
	second        throttle.Window
	evenly        throttle.Even
	pause, noBulk time.Time // until when nothing, and no copies, leave
	// The last 429 of a private chat; no chat before the first.
	refusedUntil time.Time
	refusedChat  int64
}

func newPace(rate float64) *pace {
	p := &pace{
		unlimited: rate == 0 || rate > overallCount,
		second:    throttle.NewWindow(overallCount, time.Second), evenly: throttle.NewEven(overallEvery),
	}
	p.gate = &throttle.Gate[int64]{Rules: p, Hold: maxHold, NewChat: newChat}
	return p
}

// newChat is the pace of a person, or of a group.
func newChat(chat int64) *throttle.Chat {
	if chat > 0 {
		return throttle.NewChat(chatEvery, chatBurst, throttle.Window{})
	}
	return throttle.NewChat(groupEvery, 1, throttle.NewWindow(groupCount, groupPer))
}

// enter waits until one more message may be written into a chat. A copy is bulk. It
// fails without anything being sent: Throttled with how long to wait, or NotSent when
// ctx ends.
func (p *pace) enter(ctx context.Context, chat int64, bulk, edit bool) *bot.SendError {
	if p == nil {
		return nil
	}
	_, err := p.gate.Enter(ctx, throttle.Call[int64]{About: chat, Bulk: bulk, Free: edit && chat > 0})
	return err
}

// refused obeys a 429. Whether it is about the chat, or about the account, Telegram
// does not say; of a group it is known how soon it is full.
func (p *pace) refused(chat int64, wait time.Duration) {
	if p == nil {
		return
	}
	p.gate.Change(func(now time.Time) {
		until := now.Add(wait)
		p.gate.Chat(chat, now).Refuse(until)
		if chat <= 0 {
			return
		}
		p.noBulk = throttle.Later(p.noBulk, until)
		if p.refusedChat != 0 && p.refusedChat != chat && now.Before(p.refusedUntil.Add(suspicion)) {
			p.pause = throttle.Later(p.pause, until)
		}
		p.refusedUntil, p.refusedChat = until, chat
	})
}

// obey waits for the end of a 429 before a call that writes nothing, and so counts
// for nothing.
func (p *pace) obey(ctx context.Context, chat int64) *bot.SendError {
	if p == nil {
		return nil
	}
	return p.gate.Obey(ctx, chat)
}

// All is until when nothing leaves, or no copies, whichever chat they are for.
func (p *pace) All(bulk bool) time.Time {
	if bulk {
		return throttle.Later(p.pause, p.noBulk)
	}
	return p.pause
}

// Turn is when the next may leave for all that is sent. Copies without limit are in
// nobody's way.
func (p *pace) Turn(bulk bool) time.Time {
	switch {
	case bulk && p.unlimited:
		return time.Time{}
	case bulk:
		return throttle.Later(p.second.Free(1), p.evenly.Free(1))
	}
	return throttle.Later(p.second.Free(1), p.evenly.Free(overallBurst))
}

// Count enters a send that leaves now.
func (p *pace) Count(bulk bool, now time.Time) {
	if !bulk || !p.unlimited {
		p.second.Add(now)
		p.evenly.Add(now)
	}
}
