package slack_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"ella/adapters/slack"
	"ella/bot"
)

// taken is an inbox that keeps what it takes, under its keys.
type taken struct {
	mu     sync.Mutex
	got    []bot.Raw
	refuse func(ctx context.Context, raw bot.Raw) error
	// came is told of each, if anybody listens.
	came chan bot.Raw
}

// Accept implements bot.Inbox.
func (i *taken) Accept(ctx context.Context, raw bot.Raw) error {
	i.mu.Lock()
	refuse := i.refuse
	i.mu.Unlock()
	if refuse != nil {
		if err := refuse(ctx, raw); err != nil {
			return err
		}
	}
	i.mu.Lock()
	i.got = append(i.got, raw)
	i.mu.Unlock()
	if i.came != nil {
		i.came <- raw
	}
	return nil
}

func (i *taken) all() []bot.Raw {
	i.mu.Lock()
	defer i.mu.Unlock()
	return append([]bot.Raw(nil), i.got...)
}

func (i *taken) refusing(refuse func(ctx context.Context, raw bot.Raw) error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.refuse = refuse
}

// receiving runs Receive until stop is called, which says how it ended.
func receiving(t *testing.T, a *slack.Adapter, inbox bot.Inbox) (stop func() error, ended <-chan error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	done := make(chan error, 1)
	go func() { done <- a.Receive(ctx, inbox) }()
	return func() error { cancel(); return <-done }, done
}

// frozen is a clock that stands still.
type frozen struct{ at time.Time }

// Now implements bot.Clock.
func (f frozen) Now() time.Time { return f.at }
