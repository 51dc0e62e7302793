package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/bottest"
	"ella/storage"
	"ella/storage/storagetest"
)

// benchStage is a whole Ella on a database with members who are through the first
// minute.
// Its platform answers at once: what is measured is from Accept to Send.
func benchStage(b *testing.B, db *storage.DB, clock bot.Clock, members int) (*stage, []string) {
	b.Helper()
	people := make([]string, members)
	for i := range people {
		people[i] = fmt.Sprintf("member-%d", i)
	}
	s := newStage(b, loadEmbedded(b), db, clock, slog.New(slog.DiscardHandler), people...)
	err := db.Write(b.Context(), func(ctx context.Context, tx bot.Tx) error {
		sample := samplePeople{db: db, ids: s.app.ids, clock: clock, account: s.Account, zone: "Europe/London"}
		for _, name := range people {
			if err := db.Engine("").Join(ctx, tx, sample.person(name, "en", ""), name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return s, people
}

// BenchmarkUpdates measures how many updates a second are taken in durably,
// worked and answered, with as many under way as there is room for.
func BenchmarkUpdates(b *testing.B) {
	run := func(b *testing.B, db *storage.DB) {
		s, people := benchStage(b, db, bot.SystemClock{}, 500)
		var answered atomic.Int64
		s.Platform.OnSent(func(string, bottest.Shown) { answered.Add(1) })
		ctx := b.Context()
		var next atomic.Int64
		b.SetParallelism(128)
		b.ResetTimer()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				p := people[int(next.Add(1))%len(people)]
				raw := s.Platform.Raw(s.Account, bot.Update{Kind: bot.TextSent, Sender: p, Chat: p, Text: "good morning, Ella"})
				if err := s.Accept(ctx, raw); err != nil {
					b.Error(err)
					return
				}
			}
		})
		if err := s.settle(ctx); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if n := answered.Load(); n != int64(b.N) {
			b.Fatalf("%d of %d updates were answered", n, b.N)
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "updates/s")
	}
	b.Run("SQLite", func(b *testing.B) { run(b, storagetest.SQLite(b, realTime)) })
	b.Run("PostgreSQL", func(b *testing.B) { run(b, storagetest.Postgres(b, realTime)) })
}

func realTime(o *storage.Options) { o.Clock = bot.SystemClock{} }

// BenchmarkReply measures how long one update takes from its arrival to the
// moment its answer is handed to the adapter, at a steady pace.
func BenchmarkReply(b *testing.B) {
	for _, perSecond := range []int{50, 300} {
		b.Run(fmt.Sprintf("SQLite-%d-per-second", perSecond), func(b *testing.B) {
			s, people := benchStage(b, storagetest.SQLite(b, realTime), bot.SystemClock{}, 200)
			took := replyTimes(b.Context(), b, s, people, perSecond, b.N)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// replyTimes sends n updates at a pace and returns how long each answer took,
// shortest first.
func replyTimes(ctx context.Context, b *testing.B, s *stage, people []string, perSecond, n int) []time.Duration {
	b.Helper()
	var mu sync.Mutex
	begun := map[string]time.Time{}
	var took []time.Duration
	s.Platform.OnSent(func(chat string, _ bottest.Shown) {
		now := time.Now()
		mu.Lock()
		defer mu.Unlock()
		if at, ok := begun[chat]; ok {
			took = append(took, now.Sub(at))
			delete(begun, chat)
		}
	})
	tick := time.NewTicker(time.Second / time.Duration(perSecond))
	defer tick.Stop()
	var wait sync.WaitGroup
	for i := range max(n, 100) {
		<-tick.C
		p := people[i%len(people)]
		wait.Go(func() {
			raw := s.Platform.Raw(s.Account, bot.Update{Kind: bot.TextSent, Sender: p, Chat: p, Text: "good morning, Ella"})
			mu.Lock()
			begun[p] = time.Now()
			mu.Unlock()
			if err := s.Accept(ctx, raw); err != nil {
				b.Error(err)
			}
		})
	}
	wait.Wait()
	if err := s.settle(ctx); err != nil {
		b.Fatal(err)
	}
	slices.Sort(took)
	return took
}
