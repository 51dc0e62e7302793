package telegramtest_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"ella/adapters/telegram/telegramtest"
)

func TestOneChatAtItsPace(t *testing.T) {
	c := newClock()
	s, b := newBot(t, telegramtest.Options{Now: c.Now})
	user := s.AddUser(telegramtest.User{FirstName: "Maryam", Started: true})
	for range 3 {
		b.say(user, "burst")
	}
	got := b.want("Too Many Requests: retry after 1", "sendMessage", set{"chat_id": user, "text": "x"})
	if got.status != http.StatusTooManyRequests || got.Code != 429 || got.Parameters.RetryAfter != 1 || got.header.Get("Retry-After") != "1" {
		t.Errorf("too much is answered with %d, %+v, %q", got.status, got.Parameters, got.header.Get("Retry-After"))
	}
	b.breaches(telegramtest.RuleLimit)
	// On its way when the 429 was told: refused, and no breach.
	c.Add(100 * time.Millisecond)
	b.want("Too Many Requests: retry after 1", "sendMessage", set{"chat_id": user, "text": "x"})
	b.breaches(telegramtest.RuleLimit)
	c.Add(100 * time.Millisecond)
	b.want("Too Many Requests: retry after 1", "sendMessage", set{"chat_id": user, "text": "x"})
	b.breaches(telegramtest.RuleLimit, telegramtest.RuleWait)
	other := s.AddUser(telegramtest.User{FirstName: "Other", Started: true})
	b.say(other, "the wait is only for one chat")
	// Answers, typing, edits and deletions are free in a private chat.
	id := s.Shown(user)[0].ID
	b.want("ok", "sendChatAction", set{"chat_id": user, "action": "typing"})
	b.want("ok", "getMe", nil)
	b.want("ok", "deleteMessage", set{"chat_id": user, "message_id": id})
	c.Add(800 * time.Millisecond)
	for range 5 {
		b.say(user, "one a second")
		b.want("ok", "editMessageText", set{"chat_id": user, "message_id": s.Shown(user)[0].ID, "text": c.Now().String()})
		c.Add(time.Second)
	}
	b.breaches(telegramtest.RuleLimit, telegramtest.RuleWait)
}

func TestGroupMinute(t *testing.T) {
	c := newClock()
	s, b := newBot(t, telegramtest.Options{Now: c.Now})
	group := s.AddGroup(telegramtest.Group{Title: "Group", Bot: telegramtest.Member})
	id := b.say(group, "first").id()
	for i := range 19 {
		c.Add(2 * time.Second)
		if i%2 == 0 {
			b.say(group, "x")
		} else {
			b.want("ok", "editMessageText", set{"chat_id": group, "message_id": id, "text": c.Now().String()})
		}
	}
	b.breaches()
	c.Add(2 * time.Second) // the first was 40 s ago
	if got := b.want("Too Many Requests: retry after 20", "editMessageText", set{"chat_id": group, "message_id": id, "text": "x"}); got.Parameters.RetryAfter != 20 {
		t.Errorf("retry_after is %d", got.Parameters.RetryAfter)
	}
	b.breaches(telegramtest.RuleLimit)
	c.Add(20 * time.Second)
	b.say(group, "x")
	b.want("Too Many Requests: retry after 2", "sendMessage", set{"chat_id": group, "text": "x"})
	b.breaches(telegramtest.RuleLimit, telegramtest.RuleLimit)
}

func TestOverall(t *testing.T) {
	c := newClock()
	s, b := newBot(t, telegramtest.Options{Now: c.Now})
	var users []int64
	for range 40 {
		users = append(users, s.AddUser(telegramtest.User{FirstName: "x", Started: true}))
	}
	for _, user := range users[:30] {
		b.say(user, "x")
	}
	b.breaches()
	b.want("Too Many Requests: retry after 1", "sendMessage", set{"chat_id": users[30], "text": "x"})
	b.breaches(telegramtest.RuleLimit)
	c.Add(500 * time.Millisecond)
	b.want("Too Many Requests: retry after 1", "sendMessage", set{"chat_id": users[31], "text": "x"})
	b.breaches(telegramtest.RuleLimit, telegramtest.RuleWait)
	c.Add(500 * time.Millisecond)
	for _, user := range users[10:] {
		b.say(user, "x")
	}
	b.breaches(telegramtest.RuleLimit, telegramtest.RuleWait)
}

func TestOwnLimits(t *testing.T) {
	c := newClock()
	s, b := newBot(t, telegramtest.Options{Now: c.Now, Limits: telegramtest.Limits{Overall: 100, ChatBurst: 1, ChatEvery: 10 * time.Second, GroupPerMinute: 2}})
	user := s.AddUser(telegramtest.User{FirstName: "Maryam", Started: true})
	b.say(user, "x")
	b.want("Too Many Requests: retry after 10", "sendMessage", set{"chat_id": user, "text": "x"})
	s, b = newBot(t, telegramtest.Options{Now: c.Now, Limits: telegramtest.Limits{Off: true}})
	user = s.AddUser(telegramtest.User{FirstName: "Maryam", Started: true})
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for range 25 {
				b.say(user, "x")
			}
		})
	}
	wait.Wait()
	b.breaches()
	if n := len(s.Shown(user)); n != 100 {
		t.Errorf("%d messages stand there", n)
	}
}
