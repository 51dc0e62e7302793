package storage

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"ella/bot"
)

// jobArgs are the arguments of every job, stored in plain text. Renaming a field
// would orphan the jobs that wait.
type jobArgs struct {
	Job string `json:"kind"`
	ID  string `json:"id"`
	// Every is the interval of a job that comes again. It is part of the job's
	// identity, so that a release with another interval begins anew.
	Every string `json:"every,omitempty"`
}

// Kind is River's own kind: it is the same for all.
func (jobArgs) Kind() string { return "ella" }

// jobWorker runs all our jobs.
type jobWorker struct {
	river.WorkerDefaults[jobArgs]
	jobs *Jobs
}

// unknownJobWait is how long a job waits that this version knows no worker for:
// a later version that is gone again may have added it, and comes back for it.
const unknownJobWait = time.Hour

// Work runs one job. Its errors are stored in plain text, so they are redacted.
func (w *jobWorker) Work(ctx context.Context, job *river.Job[jobArgs]) error {
	args := job.Args
	work, ok := w.jobs.workers[args.Job]
	if !ok {
		w.jobs.db.log.Warn("no worker for a job", "kind", args.Job)
		return river.JobSnooze(unknownJobWait)
	}
	if args.Every != "" && !w.jobs.comesAgain(args) {
		return nil // of an earlier release, with another interval
	}
	if err := w.jobs.unlockKey(ctx, job.JobRow); err != nil {
		return errors.New(safeText(err))
	}
	err := w.jobs.call(ctx, work, args)
	if err == nil && args.Every != "" {
		err = w.jobs.addNext(ctx, args)
	}
	if err == nil {
		return nil
	}
	text := safeText(err)
	level := w.jobs.db.log.Warn
	if job.Attempt >= job.MaxAttempts {
		level = w.jobs.db.log.Error
	}
	level("a job failed", "kind", args.Job, "id", args.ID, "attempt", job.Attempt, "of", job.MaxAttempts, "err", text)
	if w.jobs.superseded(ctx, job.JobRow) {
		return nil
	}
	return errors.New(text)
}

func (j *Jobs) comesAgain(args jobArgs) bool {
	return slices.Contains(j.periods, args)
}

// unlockKey makes room for the same job to be added while this one runs: what
// changes after it has read its rows would be missed otherwise. River insists
// that running jobs are unique too, so the key is taken from the row. A unit that
// adds the job at this moment either locks the row first, and then is committed
// before the work begins, or comes after and adds another.
func (j *Jobs) unlockKey(ctx context.Context, row *rivertype.JobRow) error {
	return j.db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		_, err := own(tx).exec(ctx, `UPDATE river_job SET unique_key = NULL WHERE id = $1`, row.ID)
		return err
	})
}

// superseded gives a failed job its key back, so that it is the one that waits,
// and reports whether another one waits already: that one does it all then.
func (j *Jobs) superseded(ctx context.Context, row *rivertype.JobRow) bool {
	other := false
	err := j.db.Write(context.WithoutCancel(ctx), func(ctx context.Context, tx bot.Tx) error {
		n, err := own(tx).exec(ctx, `
			UPDATE river_job SET unique_key = $2 WHERE id = $1 AND NOT EXISTS (
				SELECT 1 FROM river_job other WHERE other.unique_key = $2
				AND other.state IN ('available', 'pending', 'retryable', 'running', 'scheduled'))`, row.ID, row.UniqueKey)
		other = n == 0
		return err
	})
	// Where the two meet on PostgreSQL the unit fails and both wait: twice is allowed.
	return err == nil && other && row.UniqueKey != nil
}

// addNext adds the next run of a job that comes again. A crash between the run
// and this repeats the run.
func (j *Jobs) addNext(ctx context.Context, args jobArgs) error {
	interval, err := time.ParseDuration(args.Every)
	if err != nil {
		return fmt.Errorf("interval of a job: %w", err)
	}
	return j.db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		return j.insert(ctx, own(tx), args, time.Now().Add(interval))
	})
}

// errJobPanic reports a worker that panicked.
var errJobPanic = errors.New("panicked")

// call runs the worker. A panic is kept from River, which would store its value
// in plain text.
func (j *Jobs) call(ctx context.Context, work bot.Worker, args jobArgs) (err error) {
	defer func() {
		if v := recover(); v != nil {
			what := fmt.Sprintf("%T", v)
			if known, ok := v.(runtime.Error); ok {
				what = known.Error()
			}
			j.db.log.Error("a job panicked", "kind", args.Job, "id", args.ID, "panic", what, "stack", string(debug.Stack()))
			err = errJobPanic
		}
	}()
	return work(ctx, args.ID)
}

// safeText is what may be stored and logged of a worker's error: the text of
// errors that are known to hold nothing personal, and of others only the type.
func safeText(err error) string {
	var fault *Fault
	var statement *statementError
	var send *bot.SendError
	switch {
	case errors.As(err, &fault):
		return fault.Error()
	case errors.As(err, &statement):
		return statement.Error()
	case errors.As(err, &send):
		return send.Error()
	}
	for _, known := range []error{
		ErrTooLong, ErrPanic, ErrClosed, ErrText, errSeal, errJobPanic,
		bot.ErrNotFound, bot.ErrConflict, bot.ErrUnknownStep, bot.ErrTooLarge, bot.ErrUnreadable,
		context.Canceled, context.DeadlineExceeded,
	} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return fmt.Sprintf("failed (%T)", err)
}

// retryPolicy doubles the wait after each failure.
type retryPolicy struct{}

func (retryPolicy) NextRetry(job *rivertype.JobRow) time.Time {
	wait := maxRetryWait
	if n := len(job.Errors); n < 10 {
		wait = time.Second << n
	}
	return time.Now().Add(wait + rand.N(wait/10))
}
