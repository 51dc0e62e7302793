package main

import (
	"context"
	"flag"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"ella/adapters/telegram/telegramtest"
	"ella/bot/alert"
)

// telegramRecipients is to how many people TestTelegramAlert writes. At Telegram's
// pace 10,000 take some seven minutes: make soak.
var telegramRecipients = flag.Int("telegram-recipients", 200, "to how many people the alert on Telegram goes")

// TestTelegramAlert sends an alert through a real `ella serve` and a Telegram that
// keeps its limits. One in twenty has blocked Ella, and at random Telegram asks for a
// pause. Meanwhile people write to her. Nobody gets two copies, everybody has a final
// state, and no limit is broken. How fast it was is printed, and not judged here.
func TestTelegramAlert(t *testing.T) {
	recipients := *telegramRecipients
	const (
		writers   = 40
		every     = 500 * time.Millisecond // somebody writes
		perSecond = 25.0                   // ELLA_TELEGRAM_RATE as it is when nothing is set
	)
	fake := telegramtest.New(t, telegramtest.Options{Seed: 1})
	var blocked, chats []int64
	for i := range recipients {
		user := fake.AddUser(telegramtest.User{FirstName: "Member", Started: true})
		chats = append(chats, user)
		if i%20 == 7 {
			fake.Block(user)
			blocked = append(blocked, user)
		}
	}
	dir, listen := t.TempDir(), freeAddress(t)
	fake.JumpTo(5_000_000) // Ella never heard of it
	sent := prepareAlertOn(t, dir, "telegram", strconv.FormatInt(fake.BotID(), 10), names(chats))
	fake.Sometimes("sendMessage", 0.001, telegramtest.Throttled(time.Second))

	c := serveTelegram(t, fake, dir, listen)
	defer c.kill()
	replies := fakeReplies{fake: fake}
	talking, quiet := context.WithCancel(t.Context())
	var talk sync.WaitGroup
	talk.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		var people []int64
		for range writers {
			people = append(people, fake.AddUser(telegramtest.User{FirstName: "Writer", Language: "en", Started: true}))
		}
		for i := 0; ; i++ {
			select {
			case <-talking.Done():
				return
			case <-tick.C:
				replies.ask(people[i%len(people)], "/help")
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

	got := map[int64]int{}
	var first, last time.Time
	for _, a := range fake.Accepted() {
		if !strings.Contains(a.Message.Text, "We meet at noon.") {
			continue
		}
		got[a.Message.Chat]++
		if first.IsZero() {
			first = a.At
		}
		last = a.At
	}
	for _, user := range chats {
		want := 1
		if slices.Contains(blocked, user) {
			want = 0
		}
		if got[user] != want {
			t.Fatalf("somebody has %d copies, want %d", got[user], want)
		}
	}
	tally, err := db.Alerts().Tally(t.Context(), sent.ID)
	if err != nil {
		t.Fatal(err)
	}
	if tally.Total() != recipients || tally.Sent != recipients-len(blocked) || tally.Refused != len(blocked) {
		t.Errorf("not everybody has the right state: %+v", tally)
	}
	for _, b := range fake.Breaches() {
		t.Errorf("a rule of Telegram's was broken: %s", b)
	}
	took := last.Sub(first).Seconds()
	rate := float64(recipients-1) / took
	t.Logf("%d recipients in %.1f s: %.2f a second, %.1f %% of the %.0f that are allowed", recipients, took, rate, 100*rate/perSecond, perSecond)
	replies.report(t)
}

// names are chats as the adapter has them.
func names(users []int64) []string {
	all := make([]string, len(users))
	for i, user := range users {
		all[i] = strconv.FormatInt(user, 10)
	}
	return all
}

// serveTelegram starts a real `ella serve` against a fake Telegram.
func serveTelegram(t *testing.T, fake *telegramtest.Server, dir, listen string) *child {
	t.Helper()
	t.Setenv("ELLA_TELEGRAM_TOKEN", fake.Token())
	t.Setenv("ELLA_TELEGRAM_API_URL", fake.URL())
	return startProgram(t, dir, listen, "serve", "--database", filepath.Join(dir, "ella.db"), "--key-file", filepath.Join(dir, "ella.key"), "--listen", listen, "--log", "text,warn")
}

// fakeReplies measures how long people wait for the first answer to what they write,
// from when Telegram has it until the request with the answer reaches Telegram.
type fakeReplies struct {
	fake *telegramtest.Server

	mu    sync.Mutex
	asked []question
}

type question struct {
	chat int64
	at   time.Time
}

func (r *fakeReplies) ask(user int64, text string) {
	r.mu.Lock()
	r.asked = append(r.asked, question{user, time.Now()})
	r.mu.Unlock()
	r.fake.Say(user, text)
}

// report prints the middle and the slowest hundredth.
func (r *fakeReplies) report(t *testing.T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	answers := map[int64][]time.Time{}
	for _, a := range r.fake.Accepted() {
		answers[a.Message.Chat] = append(answers[a.Message.Chat], a.At)
	}
	var waits []time.Duration
	for _, q := range r.asked {
		all := answers[q.chat]
		i := slices.IndexFunc(all, func(at time.Time) bool { return !at.Before(q.at) })
		if i < 0 {
			continue // asked right before the end
		}
		waits = append(waits, all[i].Sub(q.at))
	}
	if len(waits) == 0 {
		t.Error("nobody who wrote was answered")
		return
	}
	slices.Sort(waits)
	t.Logf("%d people wrote meanwhile: answered in p50 %v, p99 %v, at most %v",
		len(waits), waits[len(waits)/2].Round(time.Microsecond), waits[len(waits)*99/100].Round(time.Microsecond), waits[len(waits)-1].Round(time.Microsecond))
}
