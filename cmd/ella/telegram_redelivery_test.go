package main

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"ella/adapters/telegram/telegramtest"
	"ella/bot"
	"ella/storage"
)

// telegramUpdates is how many updates TestTelegramRedelivered has delivered again and
// again: make soak has 50,000.
var telegramUpdates = flag.Int("telegram-updates", 200, "how many updates Telegram delivers, each several times")

// TestTelegramRedelivered has Telegram deliver everything out of order, and most of it
// several times, while Ella is killed again and again: first by webhook, then by long
// polling, with what was pending in between. Each update is acted on once.
func TestTelegramRedelivered(t *testing.T) {
	const (
		writers = 20 // organisers: what they write makes a draft each
		times   = 4  // that an update is delivered, in the mean
	)
	unique := *telegramUpdates
	kills := max(8, unique/2500)
	fake := telegramtest.New(t, telegramtest.Options{Seed: 2, Limits: telegramtest.Limits{Off: true}})
	var people []int64
	for range writers {
		people = append(people, fake.AddUser(telegramtest.User{FirstName: "Organiser", Started: true}))
	}
	dir, listen := t.TempDir(), freeAddress(t)
	prepareOrganisers(t, dir, "telegram", strconv.FormatInt(fake.BotID(), 10), names(people), names(people))

	t.Setenv("ELLA_TELEGRAM_WEBHOOK_URL", "http://"+listen+"/telegram")
	t.Setenv("ELLA_TELEGRAM_WEBHOOK_SECRET", "a-secret-of-this-test")
	c := serveTelegram(t, fake, dir, listen)
	fake.Shuffle()
	fake.DeliverTwice(true)
	dice := rand.New(rand.NewPCG(1, 2))
	deliveries := 0
	killed := 0
	for i := range unique {
		if i == unique/2 {
			// What is pending goes over to the other way of receiving.
			c.kill()
			t.Setenv("ELLA_TELEGRAM_WEBHOOK_URL", "")
			t.Setenv("ELLA_TELEGRAM_WEBHOOK_SECRET", "")
			c = serveTelegram(t, fake, dir, listen)
		}
		did := fake.Say(people[i%writers], fmt.Sprintf("/alert draft number %d", i))
		again := dice.IntN(2*times - 1)
		for range again {
			fake.Redeliver(did.Update)
		}
		deliveries += 1 + again
		if (i+1)%max(1, unique/kills) == 0 {
			some := len(fake.Pending()) / 2
			finished := time.Now().Add(3 * time.Second)
			eventually(t, "some updates to be taken", func() bool { return len(fake.Pending()) <= some || time.Now().After(finished) })
			c.kill()
			killed++
			c = serveTelegram(t, fake, dir, listen)
		}
	}
	defer func() { c.kill() }()
	db := openBesideChild(t, dir)
	patience := 30*time.Second + time.Duration(unique)*20*time.Millisecond
	eventuallyWithin(t, patience, "everything to be delivered and acted on", func() bool {
		if len(fake.Pending()) > 0 {
			return false
		}
		checkup, err := db.Checkup(t.Context())
		return err == nil && checkup.Waiting == 0
	})
	checkup, err := db.Checkup(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if checkup.Drafts != unique || len(checkup.Parked) > 0 {
		t.Errorf("%d updates made %d drafts; set aside: %v", unique, checkup.Drafts, checkup.Parked)
	}
	seen := draftsByText(t, db, filepath.Join(dir, "ella.db"))
	for i := range unique {
		if n := seen[fmt.Sprintf("draft number %d", i)]; n != 1 {
			t.Fatalf("update %d was acted on %d times", i, n)
		}
	}
	t.Logf("%d updates delivered %d times, %d kills: each acted on once", unique, deliveries, killed)
}

// draftsByText counts drafts by what their authors wrote.
func draftsByText(t *testing.T, db *storage.DB, file string) map[string]int {
	t.Helper()
	beside, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer beside.Close()
	rows, err := beside.QueryContext(t.Context(), `SELECT id FROM alerts WHERE state = 'draft'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	found := map[string]int{}
	for rows.Next() {
		var id bot.AlertID
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		a, err := db.Alerts().Alert(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range a.Variants {
			found[v.Text]++
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

// prepareOrganisers makes an organisation with organisers on a platform who have been
// through the first minute. senders are how the platform calls those whose chats they are.
func prepareOrganisers(t *testing.T, dir, platform, account string, chats, senders []string) {
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
	id, err := db.Account(ctx, platform, account)
	if err != nil {
		t.Fatal(err)
	}
	ids, now := newIDs(), time.Now()
	people := samplePeople{db: db, ids: ids, clock: bot.SystemClock{}, account: id, zone: "Europe/London"}
	o := bot.Organisation{ID: bot.OrganisationID(ids.New()), Name: sampleOrganisation, Zone: "Europe/London"}
	err = db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		if err := db.Members().AddOrganisation(ctx, tx, o); err != nil {
			return err
		}
		for i, chat := range chats {
			p := people.person(chat, "en", "")
			if err := people.join(ctx, tx, p, senders[i], o.ID, now); err != nil {
				return err
			}
			if err := db.Roles().Grant(ctx, tx, p.Member.ID, bot.Role{Kind: bot.Organiser, Organisation: o.ID}, now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
