package privacy_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ella/bot"
	"ella/bot/bottest"
	"ella/bot/privacy"
)

// eraser is what a run of the erasing finds.
type eraser struct {
	privacy.Store
	erased, left int
	scrubbed     bool
	err          error
	standing     []privacy.Standing
}

func (e eraser) Erase(ctx context.Context, since time.Time, takeBack func(context.Context, []privacy.Standing)) (erased, left int, err error) {
	if len(e.standing) > 0 {
		takeBack(ctx, e.standing)
	}
	if since != now.Add(-48*time.Hour) {
		e.err = errors.Join(e.err, errors.New("it looks for the messages of another time"))
	}
	return e.erased, e.left, e.err
}

func (e eraser) Scrub(context.Context) (bool, error) { return e.scrubbed, e.err }

func (eraser) Write(ctx context.Context, unit bot.Change) error { return unit(ctx, nil) }

// The erasing comes back for who is left, soon also when it failed for somebody, and
// has the files scrubbed whenever somebody is gone. A goodbye takes half a minute at
// most, so all that is within a minute.
func TestErase(t *testing.T) {
	failed := errors.New("failed")
	for _, c := range []struct {
		run  eraser
		want string
	}{
		{eraser{}, "[]"},
		{eraser{erased: 2}, "[privacy.scrub 0s]"},
		{eraser{left: 1}, "[privacy.erase 2s]"},
		{eraser{erased: 1, left: 1}, "[privacy.erase 2s privacy.scrub 10s]"},
		{eraser{left: 1, err: failed}, "[privacy.erase 10s]"},
		{eraser{erased: 1, left: 1, err: failed}, "[privacy.erase 10s privacy.scrub 10s]"},
		{eraser{err: failed}, "[]"},
	} {
		j := &jobs{}
		r := &privacy.Room{Store: c.run, Jobs: j, Clock: bottest.NewClock(now)}
		if err := r.Erase(t.Context(), ""); !errors.Is(err, c.run.err) {
			t.Errorf("%+v: %v", c.run, err)
		}
		if got := fmt.Sprint(added(j)); got != c.want {
			t.Errorf("%+v: added %s, want %s", c.run, got, c.want)
		}
	}
}

// The scrubbing comes back while somebody reads; a failure is the job's.
func TestScrub(t *testing.T) {
	failed := errors.New("failed")
	for want, run := range map[string]eraser{"[]": {scrubbed: true}, "[privacy.scrub 10s]": {}, "[] failed": {err: failed}} {
		j := &jobs{}
		r := &privacy.Room{Store: run, Jobs: j, Clock: bottest.NewClock(now)}
		got := ""
		if err := r.Scrub(t.Context(), ""); err != nil {
			got = " " + err.Error()
		}
		if got = fmt.Sprint(added(j)) + got; got != want {
			t.Errorf("added %s, want %s", got, want)
		}
	}
}

func added(j *jobs) []string {
	all := []string{}
	for _, job := range j.added {
		all = append(all, fmt.Sprint(job.Kind, " ", job.At.Sub(now).Round(time.Second)))
	}
	return all
}

// What stands in the chats of those who are erased is taken away first, in pieces that
// every platform takes, for as long as ten seconds and no longer.
func TestEraseTakesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refs := make([]bot.Ref, 250)
		for i := range refs {
			refs[i] = bot.Ref(fmt.Sprint("r", i))
		}
		run := eraser{erased: 20}
		for i := range 20 {
			run.standing = append(run.standing, privacy.Standing{Address: bot.Address{Account: "memory", Chat: fmt.Sprint("chat-", i)}, Refs: refs})
		}
		var mu sync.Mutex
		taken := map[string][]bot.Ref{}
		slow := time.Duration(0)
		r := &privacy.Room{
			Store: run, Jobs: &jobs{}, Clock: bottest.NewClock(now), Log: slog.New(slog.DiscardHandler),
			Direct: func(ctx context.Context, account bot.AccountID, out bot.Outgoing) (bot.Ref, error) {
				if account != "memory" || len(out.TakeBack) > 100 || len(out.Message.Blocks) > 0 {
					t.Errorf("through %s goes %+v", account, out)
				}
				select {
				case <-ctx.Done():
					return "", &bot.SendError{Kind: bot.NotSent}
				case <-time.After(slow):
				}
				mu.Lock()
				defer mu.Unlock()
				taken[out.Chat] = append(taken[out.Chat], out.TakeBack...)
				return "", nil
			},
		}
		erase := func() time.Duration {
			begun := time.Now()
			if err := r.Erase(t.Context(), ""); err != nil {
				t.Error(err)
			}
			return time.Since(begun)
		}
		slow = time.Second
		if took := erase(); took > 10*time.Second {
			t.Errorf("it took %v", took)
		}
		for _, s := range run.standing {
			if !slices.Equal(taken[s.Address.Chat], refs) {
				t.Errorf("of %s %d messages are taken away", s.Address.Chat, len(taken[s.Address.Chat]))
			}
		}
		slow = time.Hour
		if took := erase(); took != 10*time.Second {
			t.Errorf("a platform that does not answer held the erasing up for %v", took)
		}
		r.Direct = nil
		if took := erase(); took != 0 {
			t.Errorf("without a way to the platform it took %v", took)
		}
	})
}
