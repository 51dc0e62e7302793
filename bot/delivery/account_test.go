package delivery_test

import (
	"testing"
	"testing/synctest"
	"time"

	"ella/bot"
)

// A workspace that lets Ella in again has another adapter: what ends meanwhile with the
// old token says nothing of the new one, and Resume takes back what was said of it.
func TestTokenReplaced(t *testing.T) {
	bubble(t, func(p *post) {
		amina := p.member("amina")
		renewed := &platform{Platform: p.platform.Platform, counts: map[string]int{}}
		p.platform.answers(func(int, bot.Outgoing) error {
			p.options.Adapters.Put(p.account, renewed)
			return fails(bot.NoAccess)
		})
		p.start()
		p.say(amina, "one")
		sleep(time.Minute)
		p.expect("with the new token", p.heard("amina"), "one")
		renewed.answers(first(1, fails(bot.NoAccess)))
		p.say(amina, "two")
		synctest.Wait()
		p.expect("once that is refused too", p.heard("amina"), "one")
		p.Resume(p.account)
		sleep(2 * time.Minute)
		p.expect("after it was put right", p.heard("amina"), "one", "two")
	})
}

// A reply of an account that is not served waits for it, for as long as it is worth
// sending.
func TestReplyOfAnAccountThatComes(t *testing.T) {
	bubble(t, func(p *post) {
		amina := p.member("amina")
		p.options.Adapters.Drop(p.account)
		p.start()
		p.say(amina, "one")
		sleep(10 * time.Minute)
		p.expect("it waits", p.outbox(), "waiting 0 ")
		p.options.Adapters.Put(p.account, p.platform)
		sleep(time.Minute)
		p.expect("it arrives", p.heard("amina"), "one")
		p.options.Adapters.Drop(p.account)
		p.say(amina, "two")
		sleep(2 * time.Hour)
		p.expect("not for ever", p.outbox(), "refused 1 no-access")
	})
}
