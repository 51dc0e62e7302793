package slacktest_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"ella/adapters/slack/slacktest"
)

// limited wants a 429, and gives how long to wait.
func (c client) limited(a answer) time.Duration {
	c.t.Helper()
	wait, err := time.ParseDuration(a.header.Get("Retry-After") + "s")
	if a.status != http.StatusTooManyRequests || a.failed() != "ratelimited" || err != nil {
		c.t.Fatalf("answered %d %s, to wait %q", a.status, a.body, a.header.Get("Retry-After"))
	}
	return wait
}

func TestLimitOfAChannel(t *testing.T) {
	now := newClock()
	c := newClient(t, slacktest.Options{Now: now.Now})
	maryam, other := c.s.AddUser(slacktest.User{}), c.s.AddUser(slacktest.User{})
	for range 3 {
		c.must(c.post(maryam, "burst"))
	}
	c.must(c.post(other, "another channel"))
	now.Add(time.Second)
	c.must(c.post(maryam, "a second later"))
	c.broke()
	wait := c.limited(c.post(maryam, "too soon"))
	c.broke(slacktest.RuleLimit)
	c.limited(c.post(other, "on its way")) // the method stands still, but this is grace
	c.broke(slacktest.RuleLimit)
	now.Add(wait / 2)
	c.limited(c.post(other, "not waited"))
	c.must(c.form("auth.test")) // other methods do not
	c.broke(slacktest.RuleLimit, slacktest.RuleWait)
	now.Add(wait)
	c.must(c.post(maryam, "waited"))
}

func TestLimitOfAWorkspace(t *testing.T) {
	now := newClock()
	c := newClient(t, slacktest.Options{Now: now.Now, Limits: slacktest.Limits{Messages: 10}})
	elsewhere := c
	elsewhere.token = c.s.TokenOf(c.s.AddTeam("Other"))
	for range 10 {
		c.must(c.post(c.s.AddUser(slacktest.User{}), "hello"))
		now.Add(time.Second)
	}
	wait := c.limited(c.post(c.s.AddUser(slacktest.User{}), "one too many"))
	if wait != 50*time.Second {
		t.Errorf("it is to wait %v", wait)
	}
	elsewhere.must(elsewhere.form("auth.test"))
	now.Add(wait)
	c.must(c.post(c.s.AddUser(slacktest.User{}), "hello"))
	c.broke(slacktest.RuleLimit)
}

func TestTiers(t *testing.T) {
	for method, one := range map[string]struct {
		n    int
		args func(c client) []string
	}{
		"users.list":            {20, func(client) []string { return nil }},
		"chat.update":           {50, func(client) []string { return []string{"channel", "D0NONE", "ts", "1.1"} }},
		"conversations.open":    {50, func(c client) []string { return []string{"users", c.s.AddUser(slacktest.User{})} }},
		"users.info":            {100, func(c client) []string { return []string{"user", "U0NONE"} }},
		"auth.test":             {300, func(client) []string { return nil }},
		"apps.connections.open": {50, func(client) []string { return nil }},
	} {
		t.Run(method, func(t *testing.T) {
			now := newClock()
			c := newClient(t, slacktest.Options{Now: now.Now})
			if method == "apps.connections.open" {
				c.token = c.s.AppToken()
			}
			args := one.args(c)
			for i := range one.n {
				if a := c.form(method, args...); a.status != http.StatusOK {
					t.Fatalf("call %d is %d", i+1, a.status)
				}
			}
			c.limited(c.form(method, args...))
			c.broke(slacktest.RuleLimit)
			now.Add(time.Minute)
			if a := c.form(method, args...); a.status != http.StatusOK {
				t.Errorf("a minute later it is %d", a.status)
			}
		})
	}
}

func TestLimitsOff(t *testing.T) {
	c := newClient(t, slacktest.Options{Now: newClock().Now, Limits: slacktest.Limits{Off: true}})
	maryam := c.s.AddUser(slacktest.User{})
	for i := range 400 {
		c.must(c.post(maryam, fmt.Sprint(i)))
	}
	c.broke()
}
