package privacy_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
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
}

func (e eraser) Erase(context.Context) (erased, left int, err error) { return e.erased, e.left, e.err }

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
