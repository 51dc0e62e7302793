package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/action"
	"ella/bot/alert"
	"ella/storage"
)

// TestKilled kills Ella again and again, in the middle of an alert and of
// answers. Afterwards every update was acted on once, every recipient has one
// copy, or two of which the second says so, or a state that says that it is not
// known, and nothing is recorded as sent that did not arrive.
func TestKilled(t *testing.T) {
	const (
		recipients = 240
		drafts     = 40
		answers    = 20
		kills      = 12
	)
	settings := childSettings{Dir: t.TempDir(), Listen: freeAddress(t), AlertsPerSecond: 120}
	platform := newPlatformServer(t)
	settings.Platform = platform.URL
	sent := prepareAlert(t, settings.Dir, recipients)

	c := startChild(t, settings)
	// The platform delivers each update until it is acknowledged, as real ones do.
	var delivering sync.WaitGroup
	for i := range drafts {
		delivering.Go(func() {
			deliver(t, settings.Listen, relayed{Key: fmt.Sprint("draft-", i), Update: bot.Update{
				Kind: bot.TextSent, Sender: "organiser", Chat: "organiser", Text: fmt.Sprintf("/alert draft number %d", i),
			}})
		})
	}
	for i := range answers {
		chat := fmt.Sprintf("crowd-%03d", i*recipients/answers)
		delivering.Go(func() {
			eventually(t, "a copy to answer", func() bool { return len(platform.to(chat)) > 0 })
			deliver(t, settings.Listen, relayed{Key: "answer-" + chat, Update: bot.Update{
				Kind: bot.ButtonPressed, Sender: chat, Chat: chat, Press: "press", Data: "v1:" + bot.VerbRSVP + ":" + string(sent.Action) + ":yes",
			}})
		})
	}
	for range kills {
		begun := platform.count()
		some := 3 + rand.IntN(20)
		finished := time.Now().Add(3 * time.Second)
		eventually(t, "something to arrive", func() bool { return platform.count() >= begun+some || time.Now().After(finished) })
		c.kill()
		c = startChild(t, settings)
	}
	delivering.Wait()
	defer c.kill()

	db := openBesideChild(t, settings.Dir)
	eventually(t, "the alert to end", func() bool {
		a, err := db.Alerts().Alert(t.Context(), sent.ID)
		return err == nil && a.State == alert.Done
	})
	tally, err := db.Alerts().Tally(t.Context(), sent.ID)
	if err != nil {
		t.Fatal(err)
	}
	one, two := 0, 0
	for i := range recipients {
		copies := slices.DeleteFunc(platform.to(fmt.Sprintf("crowd-%03d", i)), func(text string) bool {
			return !strings.Contains(text, "We meet at noon.") // the answer to an answer
		})
		switch len(copies) {
		case 0:
		case 1:
			one++
		case 2:
			two++
			if !strings.Contains(copies[1], "Perhaps you have seen this already") {
				t.Errorf("a second copy does not say that it is one: %q", copies[1])
			}
		default:
			t.Errorf("somebody got %d copies", len(copies))
		}
	}
	if tally.Total() != recipients || tally.Waiting != 0 || tally.Sent+tally.Unknown != recipients {
		t.Errorf("not everybody has a final state: %+v", tally)
	}
	if lost := recipients - one - two; lost > tally.Unknown {
		t.Errorf("%d got nothing, and only %d are shown as not known", lost, tally.Unknown)
	}
	t.Logf("%d kills: %d recipients had one copy, %d two, %d none; recorded: %+v", kills, one, two, recipients-one-two, tally)

	eventually(t, "every draft to be there", func() bool { return draftReplies(platform) >= drafts })
	counts, err := db.Actions().Counts(t.Context(), action.Action{ID: sent.Action, Alert: sent.ID, Organisation: sent.Organisation}, sent.Organisation)
	if err != nil || counts.Yes != answers {
		t.Errorf("%d answers were counted as %+v: %v", answers, counts, err)
	}
	checkup, err := db.Checkup(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if checkup.Drafts != drafts || checkup.Waiting != 0 || len(checkup.Parked) != 0 {
		t.Errorf("%d updates did not make as many drafts, or some were left: %+v", drafts, checkup)
	}
}

// prepareAlert makes an organisation with a crowd and an alert to them all that
// was just submitted: the first process freezes its audience and begins.
func prepareAlert(t *testing.T, dir string, recipients int) alert.Alert {
	t.Helper()
	var chats []string
	for i := range recipients {
		chats = append(chats, fmt.Sprintf("crowd-%03d", i))
	}
	return prepareAlertOn(t, dir, "relay", "test", chats)
}

// prepareAlertOn does it for an account whose chats are called as their senders are.
func prepareAlertOn(t *testing.T, dir, platform, name string, chats []string) alert.Alert {
	t.Helper()
	ctx := t.Context()
	db, err := storage.Open(ctx, childDatabase(dir, false))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	account, err := db.Account(ctx, platform, name)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	ids := newIDs()
	people := samplePeople{db: db, ids: ids, clock: bot.SystemClock{}, account: account, zone: "Europe/London"}
	o := bot.Organisation{ID: bot.OrganisationID(ids.New()), Name: sampleOrganisation, Zone: "Europe/London"}
	organiser := people.person("organiser", "en", "")
	a := alert.Alert{
		ID: bot.AlertID(ids.New()), Organisation: o.ID, Author: organiser.Member.ID, Action: bot.ActionID(ids.New()),
		Expires: now.Add(time.Hour), Variants: []alert.Variant{{Locale: "en", Text: "We meet at noon."}},
	}
	if a.Hash, err = a.Sum(); err != nil {
		t.Fatal(err)
	}
	jobs, err := storage.NewJobs(db, nil)
	if err != nil {
		t.Fatal(err)
	}
	var members []bot.Person
	for _, chat := range chats {
		members = append(members, people.person(chat, "en", ""))
	}
	err = db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		if err := db.Members().AddOrganisation(ctx, tx, o); err != nil {
			return err
		}
		// The organiser does not hear from themselves here: their chat is for answers.
		if err := db.Engine("").Join(ctx, tx, organiser, "organiser"); err != nil {
			return err
		}
		if err := db.Roles().Grant(ctx, tx, organiser.Member.ID, bot.Role{Kind: bot.Organiser, Organisation: o.ID}, now); err != nil {
			return err
		}
		for _, p := range members {
			if err := people.join(ctx, tx, p, p.Address.Chat, o.ID, now); err != nil {
				return err
			}
		}
		if err := db.Alerts().Create(ctx, tx, a, now); err != nil {
			return err
		}
		call := action.Action{ID: a.Action, Organisation: o.ID, Alert: a.ID, Original: "en", Titles: map[string]string{"en": "Noon"}}
		if err := db.Actions().Create(ctx, tx, call, now); err != nil {
			return err
		}
		if err := db.Alerts().Submit(ctx, tx, a, now); err != nil {
			return err
		}
		return jobs.Add(ctx, tx, bot.Job{Kind: alert.JobFreeze, ID: string(a.ID)})
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// deliver hands an update in until it is acknowledged.
func deliver(t *testing.T, listen string, u relayed) {
	body, err := json.Marshal(u)
	if err != nil {
		t.Error(err)
		return
	}
	pause := time.NewTicker(20 * time.Millisecond)
	defer pause.Stop()
	for t.Context().Err() == nil {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+listen+"/update", bytes.NewReader(body))
		if err != nil {
			t.Error(err)
			return
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
		<-pause.C
	}
}

func openBesideChild(t *testing.T, dir string) *storage.DB {
	t.Helper()
	o := childDatabase(dir, false)
	o.Log = slog.New(slog.DiscardHandler)
	db, err := storage.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// draftReplies counts the answers to drafts that arrived.
func draftReplies(p *platformServer) int {
	n := 0
	for _, text := range p.to("organiser") {
		if strings.Contains(text, "Which language did you write this in?") {
			n++
		}
	}
	return n
}
