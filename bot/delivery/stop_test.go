package delivery_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"ella/bot"
)

// Somebody says stop while a reply that another person caused waits for its
// platform: it is not written any more, not even by the next run. What they asked
// for is, and so is what they hear in their own turns.
func TestStopWhileAReplyWaits(t *testing.T) {
	for _, restart := range []bool{false, true} {
		t.Run(map[bool]string{false: "in one run", true: "across a restart"}[restart], func(t *testing.T) {
			bubble(t, func(p *post) {
				grace, amina := p.member("grace"), p.member("amina")
				p.platform.answers(func(n int, out bot.Outgoing) error {
					if n == 1 && out.Chat == "amina" {
						return &bot.SendError{Kind: bot.Throttled, RetryAfter: time.Minute}
					}
					return nil
				})
				p.start()
				p.Send(p.queue(grace, bot.Reply{To: amina.Member.ID, Message: plain("news")}))
				p.Send(p.queue(grace, bot.Reply{To: amina.Member.ID, Message: plain("the answer"), Asked: true}))
				p.say(amina, "Done.")
				synctest.Wait()
				p.do(func(ctx context.Context, tx bot.Tx) error {
					return p.db.Members().SetState(ctx, tx, amina.Member.ID, bot.Stopped)
				})
				if restart {
					p.Stop()
					p.fresh()
					p.start()
				}
				sleep(2 * time.Minute)
				p.expect("amina", p.heard("amina"), "the answer", "Done.")
			})
		})
	}
}
