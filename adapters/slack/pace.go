package slack

import (
	"context"
	"time"

	"ella/adapters/throttle"
	"ella/bot"
)

// The pace that Slack asks for (https://docs.slack.dev/apis/web-api/rate-limits), each a
// little below it, since what leaves here evenly arrives there less evenly. Slack counts
// by method, by the minute.
const (
	// postCount messages are posted in any minute; Slack takes "several hundred". Copies
	// leave replySpare of them to whoever waits for an answer.
	postCount  = 280
	replySpare = 60
	// chatBurst messages go into one channel at once, and then one every chatEvery.
	chatBurst = 2
	chatEvery = time.Second
	// updateCount updates are made in any minute, and as many messages are taken away:
	// tier 3, of which Slack takes 50. tier4Count is for what it takes 100 of.
	updateCount = 46
	tier4Count  = 92

	// maxHold is how long a send is held. Whoever would have to wait longer is sent
	// away with how long that is.
	maxHold = 2 * time.Second
)

// pace is the gates before the methods, each with a limit of its own. It is safe for
// concurrent use; a nil gate holds nobody up.
type pace struct {
	post, update, remove, whisper, upload, share *gate
	publish, open, fill, people                  *gate
	lists, listed                                *gate
}

// newPace paces copies at so many a second; 0 leaves them to what Slack takes.
func newPace(rate float64) pace {
	post := newGate(postCount)
	post.NewChat = func(string) *throttle.Chat { return throttle.NewChat(chatEvery, chatBurst, throttle.Window{}) }
	post.spare, post.account = replySpare, true
	if rate > 0 {
		post.copies = throttle.NewEven(time.Duration(float64(time.Second) / rate))
	}
	update := newGate(updateCount)
	update.Newest, update.spare = true, updateCount/4
	publish := newGate(tier4Count)
	publish.Newest = true
	return pace{
		publish: publish, open: newGate(tier4Count), fill: newGate(tier4Count), people: newGate(tier4Count), lists: newGate(tier2Count), listed: newGate(tier2Count),
		post: post, update: update, remove: newGate(updateCount), whisper: newGate(tier4Count), upload: newGate(tier4Count), share: newGate(tier4Count),
	}
}

// gate lets the calls of one method through, and counts them as Slack does.
type gate struct {
	throttle.Gate[string]
	// spare is how much of the minute copies leave to replies.
	spare int
	// account: without this method nothing can be written.
	account bool

	// The gate's lock is held on what follows.
	minute throttle.Window
	copies throttle.Even
	until  time.Time // of a 429
}

func newGate(count int) *gate {
	g := &gate{minute: throttle.NewWindow(count, time.Minute)}
	g.Rules, g.Hold = g, maxHold
	return g
}

// enter waits until one more call may be made, about a chat or a message that is changed.
// A copy is bulk. It reports false when the call is not to be made: see throttle.Gate.
func (g *gate) enter(ctx context.Context, about string, bulk bool) (bool, *bot.SendError) {
	if g == nil {
		return true, nil
	}
	made, err := g.Enter(ctx, throttle.Call[string]{About: about, Bulk: bulk})
	if err != nil && err.Kind == bot.Throttled && !g.account {
		err.ChatOnly = true
	}
	return made, err
}

// busy reports that a call would have to wait.
func (g *gate) busy(bulk bool) bool { return g != nil && g.Busy(bulk) }

// refused obeys a 429: nothing of this method leaves before it is over.
func (g *gate) refused(wait time.Duration) {
	if g == nil {
		return
	}
	g.Change(func(now time.Time) { g.until = throttle.Later(g.until, now.Add(wait)) })
}

// All is when one may leave for all that concerns the method.
func (g *gate) All(bulk bool) time.Time {
	n := 1
	if bulk {
		n += g.spare
	}
	return throttle.Later(g.until, g.minute.Free(n))
}

// Turn keeps copies apart. Which comes a little late has not lost its turn.
func (g *gate) Turn(bulk bool) time.Time {
	if bulk {
		return g.copies.Free(2)
	}
	return time.Time{}
}

// Count enters a call that leaves now.
func (g *gate) Count(bulk bool, now time.Time) {
	g.minute.Add(now)
	if bulk {
		g.copies.Add(now)
	}
}
