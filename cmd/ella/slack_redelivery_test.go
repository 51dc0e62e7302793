package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"ella/adapters/slack/slacktest"
)

// slackEnvelopes is how many envelopes TestSlackRedelivered has delivered again and
// again: make soak has 20,000.
var slackEnvelopes = flag.Int("slack-envelopes", 200, "how many envelopes Slack delivers, each several times")

// TestSlackRedelivered has Slack deliver everything out of order, and most of it several
// times, while its connections end in every way it has and Ella is killed again and
// again. Every third is a slash command, the others are messages. Each is acted on once.
func TestSlackRedelivered(t *testing.T) {
	const (
		writers = 20 // organisers: what they write makes a draft each
		times   = 3  // that an envelope is delivered, in the mean
	)
	unique := *slackEnvelopes
	kills := max(8, unique/1000)
	// Retries go on until somebody takes it: a killed Ella is away for a while.
	fake := slacktest.New(t, slacktest.Options{Seed: 2, Limits: slacktest.Limits{Off: true}, RetryClicks: true, Retries: 1000})
	var people, senders []string
	for range writers {
		user := fake.AddUser(slacktest.User{Name: "Organiser", Locale: "en-GB"})
		people, senders = append(people, user), append(senders, fake.Team()+":"+user)
	}
	dir, listen := t.TempDir(), freeAddress(t)
	prepareOrganisers(t, dir, "slack", fake.Team(), people, senders)
	c := serveSlack(t, fake, dir, listen)
	defer func() { c.kill() }()
	eventually(t, "a connection", func() bool { return fake.Connections() > 0 })
	fake.Shuffle()
	dice := rand.New(rand.NewPCG(1, 2))
	deliveries, killed, cut := 0, 0, 0
	for i := range unique {
		user, draft := people[i%writers], fmt.Sprintf("alert draft number %d", i)
		var did slacktest.Did
		if i%3 == 0 {
			did = fake.Command(user, "", "/ella", draft)
		} else {
			did = fake.Say(user, "/"+draft)
		}
		again := dice.IntN(2*times - 1)
		for range again {
			fake.Redeliver(did.ID)
		}
		deliveries += 1 + again
		if (i+1)%max(1, unique/kills/4) == 0 {
			switch cut++; cut % 4 {
			case 0:
				c.kill()
				killed++
				c = serveSlack(t, fake, dir, listen)
			case 1:
				fake.Disconnect(slacktest.RefreshRequested, false)
			case 2:
				fake.Disconnect(slacktest.Warning, true)
			case 3:
				fake.Drop(true)
			}
		}
	}
	db := openBesideChild(t, dir)
	patience := 30*time.Second + time.Duration(unique)*20*time.Millisecond
	eventuallyWithin(t, patience, "everything to be delivered and acted on", func() bool {
		if len(fake.Pending()) > 0 {
			return false
		}
		checkup, err := db.Checkup(t.Context())
		return err == nil && checkup.Waiting == 0
	})
	if lost := fake.Lost(); len(lost) > 0 {
		t.Errorf("%d were given up by Slack", len(lost))
	}
	checkup, err := db.Checkup(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if checkup.Drafts != unique || len(checkup.Parked) > 0 {
		t.Errorf("%d envelopes made %d drafts; set aside: %v", unique, checkup.Drafts, checkup.Parked)
	}
	seen := draftsByText(t, db, filepath.Join(dir, "ella.db"))
	for i := range unique {
		if n := seen[fmt.Sprintf("draft number %d", i)]; n != 1 {
			t.Fatalf("envelope %d was acted on %d times", i, n)
		}
	}
	for _, b := range fake.Breaches() {
		t.Errorf("a rule of Slack's was broken: %v", b)
	}
	t.Logf("%d envelopes delivered %d times, %d connections cut, %d kills: each acted on once", unique, deliveries, cut-killed, killed)
}
