package main

import (
	"context"
	"flag"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ella/adapters/slack/slacktest"
	"ella/bot/alert"
)

// slackRecipients is to how many people TestSlackAlert writes. At Slack's pace 5,000
// take some 28 minutes: make soak.
var slackRecipients = flag.Int("slack-recipients", 30, "to how many people the alert on Slack goes")

// TestSlackAlert sends an alert through a real `ella serve` and a Slack that keeps its
// limits. One in twenty was deactivated, and at random Slack asks for a pause.
// Meanwhile people write to Ella and press her buttons. Nobody gets two copies,
// everybody has a final state, and no limit is broken. How fast it was, and how soon
// Ella acknowledged what she was brought, is printed, and not judged here.
func TestSlackAlert(t *testing.T) {
	recipients := *slackRecipients
	const (
		writers = 40
		// Somebody writes, or presses a button. What they are answered with counts among the
		// 300 messages a minute that a workspace takes, and goes first: more than 40 answers
		// a minute make an alert slower.
		every     = 4 * time.Second
		perSecond = 3.0 // ELLA_SLACK_RATE as it is when nothing is set
		repeated  = "Perhaps you have seen this already"
	)
	fake := slacktest.New(t, slacktest.Options{Seed: 1})
	var gone, chats []string
	for i := range recipients {
		user := fake.AddUser(slacktest.User{Name: "Member", Locale: "en-GB"})
		chats = append(chats, user)
		if i%20 == 7 {
			fake.Deactivate(user)
			gone = append(gone, user)
		}
	}
	dir, listen := t.TempDir(), freeAddress(t)
	sent := prepareAlertOn(t, dir, "slack", fake.Team(), chats)
	fake.Sometimes("chat.postMessage", 0.001, slacktest.Throttled(time.Second))

	c := serveSlack(t, fake, dir, listen)
	defer c.kill()
	eventually(t, "a connection", func() bool { return fake.Connections() > 0 })
	var people []string
	for range writers {
		people = append(people, fake.AddUser(slacktest.User{Name: "Writer", Locale: "en-GB"}))
	}
	talking, quiet := context.WithCancel(t.Context())
	var talk sync.WaitGroup
	talk.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for i := 0; ; i++ {
			select {
			case <-talking.Done():
				return
			case <-tick.C:
				user := people[i/2%len(people)]
				if all := fake.Shown(fake.DM(user)); i%2 == 1 && len(all) > 0 && len(all[len(all)-1].Presses()) > 0 {
					fake.Press(user, all[len(all)-1], 0)
				} else {
					fake.Say(user, "hello")
				}
			}
		}
	})
	db := openBesideChild(t, dir)
	lasts := time.Duration(float64(recipients)/perSecond*float64(time.Second)) + time.Minute
	eventuallyWithin(t, 2*lasts, "the alert to end", func() bool {
		a, err := db.Alerts().Alert(t.Context(), sent.ID)
		return err == nil && a.State == alert.Done
	})
	quiet()
	talk.Wait()

	got := map[string]int{}
	var first, last time.Time
	var pause time.Duration
	for _, a := range fake.Accepted() {
		if !strings.Contains(a.Message.Text, "We meet at noon.") {
			continue
		}
		if got[a.Message.Channel]++; got[a.Message.Channel] > 1 && !strings.Contains(a.Message.Text, repeated) {
			t.Error("a second copy does not say that it may be one")
		}
		if first.IsZero() {
			first = a.At
		} else {
			pause = max(pause, a.At.Sub(last))
		}
		last = a.At
	}
	twice := 0
	for _, user := range chats {
		n := got[fake.DM(user)]
		if isGone := slices.Contains(gone, user); isGone && n != 0 || !isGone && (n < 1 || n > 2) {
			t.Fatalf("somebody has %d copies", n)
		}
		if n == 2 {
			twice++
		}
	}
	// Nobody gets a second one while every answer arrives in time: a machine that stood
	// still for half a minute is the only reason to have one.
	if twice > 0 && pause < 20*time.Second {
		t.Errorf("%d have two copies, and no answer was missing", twice)
	}
	tally, err := db.Alerts().Tally(t.Context(), sent.ID)
	if err != nil {
		t.Fatal(err)
	}
	if tally.Total() != recipients || tally.Sent != recipients-len(gone) || tally.Refused != len(gone) {
		t.Errorf("not everybody has the right state: %+v", tally)
	}
	for _, b := range fake.Breaches() {
		t.Errorf("a rule of Slack's was broken: %v", b)
	}
	shown := 0
	for _, user := range people {
		shown += fake.Warnings(user)
	}
	if shown > 0 {
		t.Errorf("people were shown %d warnings", shown)
	}
	took := last.Sub(first).Seconds()
	rate := float64(recipients-1) / took
	t.Logf("%d recipients in %.1f s: %.2f a second, %.1f %% of the %.0f that are allowed; the longest pause was %v, and %d have two copies", recipients, took, rate, 100*rate/perSecond, perSecond, pause.Round(time.Millisecond), twice)
	acks := fake.Acks()
	if len(acks) == 0 {
		t.Fatal("nothing was acknowledged")
	}
	slices.Sort(acks)
	t.Logf("%d acknowledged meanwhile: p50 %v, p99 %v, at most %v",
		len(acks), acks[len(acks)/2].Round(time.Microsecond), acks[len(acks)*99/100].Round(time.Microsecond), acks[len(acks)-1].Round(time.Microsecond))
}

// serveSlack starts a real `ella serve` against a fake Slack, over Socket Mode.
func serveSlack(t *testing.T, fake *slacktest.Server, dir, listen string) *child {
	t.Helper()
	t.Setenv("ELLA_SLACK_BOT_TOKEN", fake.BotToken())
	t.Setenv("ELLA_SLACK_APP_TOKEN", fake.AppToken())
	t.Setenv("ELLA_SLACK_API_URL", fake.APIURL())
	return startProgram(t, dir, listen, "serve", "--database", filepath.Join(dir, "ella.db"), "--key-file", filepath.Join(dir, "ella.key"), "--listen", listen, "--log", "text,warn")
}
