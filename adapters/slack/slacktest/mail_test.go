package slacktest_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ella/adapters/slack/slacktest"
)

func TestAcksAnywhere(t *testing.T) {
	c := newClient(t, slacktest.Options{AcksAnywhere: true})
	maryam := c.s.AddUser(slacktest.User{})
	first := c.connect()
	did := c.s.Say(maryam, "hello")
	e := first.next()
	second := c.connect()
	second.ack(e)
	if !c.settled(did.ID) || c.s.Attempts(did.ID) != 1 {
		t.Error("an ack over another connection does not count")
	}
	c.broke()
}

func TestShuffle(t *testing.T) {
	c := newClient(t, slacktest.Options{Seed: 1})
	maryam := c.s.AddUser(slacktest.User{})
	c.s.Shuffle()
	var said []string
	for range 20 {
		said = append(said, c.s.Say(maryam, "hello").ID)
	}
	p := c.connect()
	var got []string
	for range said {
		e := p.next()
		for _, id := range said {
			if strings.Contains(string(e.Payload), id) {
				got = append(got, id)
			}
		}
		p.ack(e)
	}
	if slices.Equal(got, said) {
		t.Error("they came in order")
	}
	slices.Sort(got)
	if !slices.Equal(got, said) {
		t.Errorf("they came as %v", got)
	}
	last := said[len(said)-1]
	c.s.Redeliver(last)
	if e := p.next(); !strings.Contains(string(e.Payload), last) || e.Attempt != 1 {
		t.Errorf("once more comes %+v", e)
	}
}

// TestDeliverStartsAnew delivers what the app turned down at an attempt that Slack
// still waits for.
func TestDeliverStartsAnew(t *testing.T) {
	c := newClient(t, slacktest.Options{AckWindow: 50 * time.Millisecond, Retries: -1})
	p := c.connect()
	did := c.s.Say(c.s.AddUser(slacktest.User{}), "hello")
	p.next() // not acknowledged
	done := make(chan bool)
	go func() { done <- c.s.Deliver(t.Context(), did.ID) }()
	p.ack(p.next())
	if !<-done {
		t.Error("the attempt that was turned down counts")
	}
	c.broke()
}

func TestMuchMail(t *testing.T) {
	c := newClient(t, slacktest.Options{})
	p := c.connect()
	people := []string{c.s.AddUser(slacktest.User{}), c.s.AddUser(slacktest.User{})}
	const n = 2000
	go func() {
		for i := range n {
			c.s.Say(people[i%2], "hello")
		}
	}()
	for range n {
		p.ack(p.next())
	}
	for len(c.s.Pending()) > 0 {
		c.settled(c.s.Pending()[0])
	}
	c.broke()
}

func TestErrors(t *testing.T) {
	all := slacktest.Errors("chat.postMessage")
	for _, want := range []string{"channel_not_found", "token_revoked", "msg_blocks_too_long", "ratelimited"} {
		if !slices.Contains(all, want) {
			t.Errorf("%s is not among %v", want, all)
		}
	}
}

func TestChannelsAreSeen(t *testing.T) {
	c := newClient(t, slacktest.Options{Limits: slacktest.Limits{Off: true}})
	maryam := c.s.AddUser(slacktest.User{})
	in := c.s.AddChannel(slacktest.Channel{Name: "in", Members: []string{maryam}})
	info := c.must(c.form("conversations.info", "channel", in, "include_num_members", "true"))
	if info.str("channel", "name") != "in" || !strings.Contains(info.body, `"num_members":2`) || !strings.Contains(info.body, `"is_member":true`) {
		t.Errorf("the channel is %s", info.body)
	}
	if dm := c.must(c.form("conversations.info", "channel", c.s.DM(maryam))); dm.str("channel", "user") != maryam {
		t.Errorf("the conversation is %s", dm.body)
	}
	id, secret := c.s.Client()
	c.refused(c.form("apps.uninstall", "client_id", id, "client_secret", "wrong"), "bad_client_secret")
	c.must(c.form("apps.uninstall", "client_id", id, "client_secret", secret))
	c.refused(c.form("auth.test"), "account_inactive")
	c.broke()
}
