package main

import (
	"context"
	"crypto/rand"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/bottest"
	"ella/storage"
	"ella/storage/storagetest"
)

// polling is an adapter whose platform serves one receiver at a time.
type polling struct {
	*bottest.Platform
	receiving *atomic.Int32
	most      *atomic.Int32
	began     chan struct{}
}

func (p *polling) Capabilities() bot.Capabilities {
	can := p.Platform.Capabilities()
	can.OneReceiver = true
	return can
}

func (p *polling) Receive(ctx context.Context, _ bot.Inbox) error {
	if n := p.receiving.Add(1); n > p.most.Load() {
		p.most.Store(n)
	}
	defer p.receiving.Add(-1)
	close(p.began)
	<-ctx.Done()
	return nil
}

// TestOneReceives starts two processes on one database: one of them receives,
// and when it stops the other takes over.
func TestOneReceives(t *testing.T) {
	e := loadEmbedded(t)
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		var receiving, most atomic.Int32
		account, err := db.Account(t.Context(), "memory", "test")
		if err != nil {
			t.Fatal(err)
		}
		begin := func() (*polling, context.CancelFunc, chan error) {
			adapter := &polling{Platform: bottest.NewPlatform(), receiving: &receiving, most: &most, began: make(chan struct{})}
			a, err := newApp(parts{
				db: db, clock: bot.SystemClock{}, ids: newIDs(), random: rand.Reader, log: slog.New(slog.DiscardHandler), language: e.language, places: e.places,
				adapters: bot.NewAdapters(map[bot.AccountID]bot.Adapter{account: adapter}),
				jobs:     func(map[string]bot.Worker) (runner, error) { return &bottest.Jobs{}, nil },
			})
			if err != nil {
				t.Fatal(err)
			}
			a.lease = leaseTimes{hold: time.Second, renew: 100 * time.Millisecond, look: 20 * time.Millisecond}
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() { done <- a.receive(ctx, account, adapter) }()
			return adapter, cancel, done
		}
		first, stopFirst, firstDone := begin()
		<-first.began
		second, stopSecond, secondDone := begin()
		stopFirst()
		if err := <-firstDone; err != nil {
			t.Error(err)
		}
		<-second.began
		stopSecond()
		if err := <-secondDone; err != nil {
			t.Error(err)
		}
		if most.Load() != 1 {
			t.Errorf("%d received at once", most.Load())
		}
	})
}
