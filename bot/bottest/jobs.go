package bottest

import (
	"context"
	"slices"
	"strings"
	"sync"

	"ella/bot"
)

// Jobs runs jobs when it is told to, in a fixed order: by time, then kind, then
// id. A job of a unit that did not commit may run; workers must bear that anyway.
type Jobs struct {
	Workers map[string]bot.Worker
	Clock   bot.Clock

	mu      sync.Mutex
	waiting []bot.Job
}

// Add implements bot.Jobs.
func (j *Jobs) Add(_ context.Context, _ bot.Tx, job bot.Job) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, w := range j.waiting {
		if w.Kind == job.Kind && w.ID == job.ID {
			return nil
		}
	}
	j.waiting = append(j.waiting, job)
	return nil
}

// Start does nothing: time does not pass by itself.
func (*Jobs) Start(context.Context) error { return nil }

// Stop does nothing.
func (*Jobs) Stop(context.Context) error { return nil }

// RunDue runs what is due by now, and returns how many jobs that was.
func (j *Jobs) RunDue(ctx context.Context) (int, error) {
	j.mu.Lock()
	now := j.Clock.Now()
	var due, later []bot.Job
	for _, job := range j.waiting {
		if job.At.After(now) {
			later = append(later, job)
		} else {
			due = append(due, job)
		}
	}
	j.waiting = later
	j.mu.Unlock()
	slices.SortFunc(due, func(a, b bot.Job) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return strings.Compare(a.Kind+a.ID, b.Kind+b.ID)
	})
	for _, job := range due {
		if err := j.Workers[job.Kind](ctx, job.ID); err != nil {
			return len(due), err
		}
	}
	return len(due), nil
}
