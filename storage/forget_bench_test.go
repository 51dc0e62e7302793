package storage_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/delivery"
	"ella/bot/privacy"
	"ella/storage"
	"ella/storage/storagetest"
)

// BenchmarkForget forgets people who have 10,000 copies and 10,000 answers each,
// among others who have as many, while others are being answered. erase-ms is from
// the yes until nothing is left, in the files neither, without the wait for the
// goodbye; p99-ratio is how long the slowest hundredth of the others' turns takes
// meanwhile, against right before.
func BenchmarkForget(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { benchForget(b, storagetest.SQLite(b)) })
	b.Run("postgres", func(b *testing.B) { benchForget(b, storagetest.Postgres(b)) })
}

const (
	benchHistory = 10_000
	benchOthers  = 5
)

func benchForget(b *testing.B, db *storage.DB) {
	b.Helper()
	account, err := db.Account(b.Context(), "memory", "one")
	if err != nil {
		b.Fatal(err)
	}
	ids := bot.NewIDs(bot.SystemClock{}, storagetest.NewRandom(9))
	join := func(sender string) bot.Person {
		id := bot.MemberID(ids.New())
		p := bot.Person{
			Member:  bot.Member{ID: id, State: bot.Active, Locale: "en"},
			Address: bot.Address{ID: bot.AddressID(ids.New()), Account: account, Member: id, Chat: sender},
		}
		if err := db.Write(b.Context(), func(ctx context.Context, tx bot.Tx) error { return db.Engine("").Join(ctx, tx, p, sender) }); err != nil {
			b.Fatal(err)
		}
		return p
	}
	numbers := `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ` + fmt.Sprint(benchHistory) + `) `
	db.Exec(b, `INSERT INTO organisations (id, name, zone, sample, state, created_at) VALUES ('o', 'o', '', FALSE, 'active', 0)`)
	db.Exec(b, `INSERT INTO alerts (id, organisation_id, author_id, action_id, locale, audience, state, frozen_to, expires_at, version, created_at) `+
		numbers+`SELECT CAST(1000000000000000 + i AS TEXT), 'o', '', '', 'en', '{}', 'done', '', 0, 1, 0 FROM n`)
	db.Exec(b, `INSERT INTO actions (id, organisation_id, alert_id, title_sealed, state, created_at) SELECT id, 'o', id, $1, 'open', 0 FROM alerts`, []byte{1})
	history := func(p bot.Person) {
		db.Exec(b, `INSERT INTO deliveries (alert_id, member_id, state, attempts, reason, locale, address_id, owner, held_until, updated_at)
			SELECT id, $1, 'sent', 1, '', 'en', $2, 'me', 0, 0 FROM alerts`, string(p.Member.ID), string(p.Address.ID))
		db.Exec(b, `INSERT INTO rsvps (action_id, member_id, answer, plus, updated_at, organisation_id) SELECT id, $1, 'yes', 1, 0, 'o' FROM actions`, string(p.Member.ID))
	}
	for i := range benchOthers {
		history(join(fmt.Sprint("other", i)))
	}
	var answered []bot.Person
	for i := range 8 {
		answered = append(answered, join(fmt.Sprint("answered", i)))
	}
	if err := db.Scrub(b.Context()); err != nil {
		b.Fatal(err)
	}

	var erasing time.Duration
	var before, during []time.Duration
	for n := 0; b.Loop(); n++ {
		b.StopTimer()
		sender := fmt.Sprint("goes", n)
		p := join(sender)
		history(p)
		stop := answer(b, db, account, answered)
		wait(time.Second)
		before = append(before, stop()...)
		stop = answer(b, db, account, answered)
		b.StartTimer()
		began := time.Now()
		err := db.Write(b.Context(), func(ctx context.Context, tx bot.Tx) error {
			return db.Privacy().Forget(ctx, tx, p.Member.ID, account, sender)
		})
		if err != nil {
			b.Fatal(err)
		}
		if _, left, err := db.Privacy().Erase(b.Context(), time.Time{}, func(context.Context, []privacy.Standing) {}); err != nil || left > 0 {
			b.Fatal(left, err)
		}
		if err := db.Scrub(b.Context()); err != nil {
			b.Fatal(err)
		}
		erasing += time.Since(began)
		b.StopTimer()
		during = append(during, stop()...)
		b.StartTimer()
	}
	b.ReportMetric(float64(erasing.Milliseconds())/float64(b.N), "erase-ms")
	slowest := func(all []time.Duration) time.Duration {
		slices.Sort(all)
		return all[len(all)*99/100]
	}
	b.ReportMetric(float64(slowest(before).Microseconds())/1000, "p99-before-ms")
	b.ReportMetric(float64(slowest(during).Microseconds())/1000, "p99-during-ms")
	b.ReportMetric(float64(slowest(during))/float64(slowest(before)), "p99-ratio")
}

func wait(d time.Duration) { <-time.After(d) }

// answer has people answered again and again until the returned function is called,
// which says how long each answer took.
func answer(b *testing.B, db *storage.DB, account bot.AccountID, people []bot.Person) (stop func() []time.Duration) {
	b.Helper()
	var mu sync.Mutex
	var all []time.Duration
	var work sync.WaitGroup
	var ended atomic.Bool
	var failed atomic.Pointer[error]
	ids := bot.NewIDs(bot.SystemClock{}, storagetest.NewRandom(3))
	for i, p := range people {
		work.Go(func() {
			for !ended.Load() {
				began := time.Now()
				if err := turn(b.Context(), db, account, fmt.Sprint("answered", i), p, ids); err != nil {
					failed.Store(&err)
					return
				}
				took := time.Since(began)
				mu.Lock()
				all = append(all, took)
				mu.Unlock()
				wait(5 * time.Millisecond)
			}
		})
	}
	return func() []time.Duration {
		ended.Store(true)
		work.Wait()
		if err := failed.Load(); err != nil {
			b.Fatal(*err)
		}
		return all
	}
}

// turn is what an update does to the database, from its arrival to its answer.
func turn(ctx context.Context, db *storage.DB, account bot.AccountID, sender string, p bot.Person, ids bot.IDs) error {
	id := ids.New()
	if _, _, err := db.Engine("me").Accept(ctx, id, bot.Raw{Account: account, Key: id, Sender: sender, Body: []byte("hello")}); err != nil {
		return err
	}
	if _, _, err := db.Engine("me").Person(ctx, account, sender); err != nil {
		return err
	}
	var queued []bot.Queued
	err := db.Write(ctx, func(ctx context.Context, tx bot.Tx) (err error) {
		if err := db.Engine("me").Finish(ctx, tx, id); err != nil {
			return err
		}
		queued, err = db.Engine("me").Queue(ctx, tx, p.Address, []bot.Reply{say("hello")})
		return err
	})
	if err != nil {
		return err
	}
	var d delivery.Store = db.Delivery("me")
	return d.ReplyGone(ctx, queued[0])
}
