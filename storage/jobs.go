package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"

	"ella/bot"
)

// Limits of jobs.
const (
	// jobTimeout is how long a worker may run before its context ends; what takes
	// longer is done in pieces, each a job of its own.
	jobTimeout = 2 * time.Minute
	// rescueAfter is when a job whose process died is given to another one.
	// River's default is an hour. On SQLite nobody waits for it: see repair.
	rescueAfter = 3 * time.Minute
	// maxAttempts ends the tries of a job that always fails, after two days.
	maxAttempts = 200
	// maxRetryWait is the longest wait between two tries.
	maxRetryWait = 15 * time.Minute
	jobWorkers   = 20
	// jobCooldown is the least time between two looks for jobs. River also tells
	// nobody of a job that is added within it after another one, so such a job may
	// wait for jobPoll; River's second is long for what follows from a message.
	jobCooldown = 20 * time.Millisecond
	jobPoll     = 300 * time.Millisecond
	keepDone    = time.Hour
)

// Jobs implements bot.Jobs with River. Jobs are rows beside ours, so adding one
// is part of the unit of work that wants it.
type Jobs struct {
	db       *DB
	client   *river.Client[*sql.Tx]
	workers  map[string]bot.Worker
	periods  []jobArgs
	listener *pgxpool.Pool // PostgreSQL only
}

var _ bot.Jobs = (*Jobs)(nil)

// NewJobs prepares jobs of the kinds that workers are given for. Without
// workers jobs can be added and are not run: one-shot commands use that. It does
// not touch the database.
func NewJobs(db *DB, workers map[string]bot.Worker) (*Jobs, error) {
	j := &Jobs{db: db, workers: workers}
	config := &river.Config{
		CompletedJobRetentionPeriod: keepDone,
		FetchCooldown:               jobCooldown,
		FetchPollInterval:           jobPoll,
		JobTimeout:                  jobTimeout,
		Logger:                      riverLog(db.log),
		MaxAttempts:                 maxAttempts,
		RescueStuckJobsAfter:        rescueAfter,
		RetryPolicy:                 retryPolicy{},
	}
	if len(workers) > 0 {
		config.Queues = map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: jobWorkers}}
		config.Workers = river.NewWorkers()
		if err := river.AddWorkerSafely(config.Workers, &jobWorker{jobs: j}); err != nil {
			return nil, fmt.Errorf("set up jobs: %w", err)
		}
	}
	driver, err := j.driver()
	if err != nil {
		return nil, err
	}
	if j.client, err = river.NewClient(driver, config); err != nil {
		return nil, fmt.Errorf("set up jobs: %w", err)
	}
	return j, nil
}

// driver is River's driver on our own handle. On SQLite it has to be the
// writer's: on a pool of its own a job waits seconds for the lock while units
// are being written.
func (j *Jobs) driver() (riverdriver.Driver[*sql.Tx], error) {
	switch {
	case j.db.engine == sqliteEngine:
		return riversqlite.New(j.db.writes), nil
	case len(j.workers) == 0:
		return riverdatabasesql.New(j.db.writes), nil
	}
	config, err := pgxpool.ParseConfig(j.db.url)
	if err != nil {
		return nil, errors.New("set up jobs: the database's URL can't be understood")
	}
	config.MinConns, config.MaxConns = 0, 1
	if j.listener, err = pgxpool.NewWithConfig(context.Background(), config); err != nil {
		return nil, fmt.Errorf("set up jobs: %s", describe(rootCause(err)))
	}
	return riverdatabasesql.NewWithPgxListener(j.db.writes, j.listener), nil
}

// Every runs the jobs of a kind again and again: at once where the database has
// never seen it, and then one interval after each run that succeeded, across
// restarts and whichever process is up. The worker is given an empty id. Call it
// before Start.
func (j *Jobs) Every(kind string, interval time.Duration) {
	j.periods = append(j.periods, jobArgs{Job: kind, Every: interval.String()})
}

// Start runs jobs until Stop, or until ctx ends. It returns when they are being
// run. A database that is held exclusively is repaired first.
func (j *Jobs) Start(ctx context.Context) error {
	if j.db.lock != nil {
		if err := j.repair(ctx); err != nil {
			return fmt.Errorf("repair jobs: %w", err)
		}
	}
	for _, args := range j.periods {
		err := j.db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
			return j.insert(ctx, own(tx), args, time.Time{})
		})
		if err != nil {
			return fmt.Errorf("start jobs: %w", err)
		}
	}
	if err := j.client.Start(ctx); err != nil {
		return fmt.Errorf("start jobs: %w", err)
	}
	return nil
}

// Stop takes no more jobs, waits for those that are running until ctx ends, and
// then cuts them off: they run again later. Call it before DB.Close.
func (j *Jobs) Stop(ctx context.Context) error {
	err := j.client.Stop(ctx)
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		err = j.client.StopAndCancel(hard)
	}
	if j.listener != nil {
		j.listener.Close()
	}
	if err != nil {
		return fmt.Errorf("stop jobs: %w", err)
	}
	return nil
}

// Add implements bot.Jobs. A job waits from when it is added to when it is
// begun, and again from a failure to the next try: adding it in that time changes
// nothing, not even when it is due. While it runs it does not wait, so what is
// added then is run afterwards: nothing that changed meanwhile is missed.
func (j *Jobs) Add(ctx context.Context, tx bot.Tx, job bot.Job) error {
	if _, ok := j.workers[job.Kind]; !ok && len(j.workers) > 0 {
		return fmt.Errorf("add a job: nothing works jobs of kind %q", job.Kind)
	}
	return j.insert(ctx, own(tx), jobArgs{Job: job.Kind, ID: job.ID}, job.At)
}

func (j *Jobs) insert(ctx context.Context, t *Tx, args jobArgs, at time.Time) error {
	const what = "INSERT INTO river_job"
	t.mu.Lock()
	defer t.mu.Unlock()
	run, err := t.begin(ctx, what, []any{args.Job, args.ID})
	if err != nil {
		return err
	}
	_, err = j.client.InsertTx(run, t.raw, args, &river.InsertOpts{
		ScheduledAt: at,
		UniqueOpts:  river.UniqueOpts{ByArgs: true, ByState: unfinished()},
	})
	if err != nil {
		return t.fail(what, err)
	}
	return nil
}

// unfinished are the states of a job that is not done. River's default has
// completed ones as well: a weekly reminder would vanish without a word.
func unfinished() []rivertype.JobState {
	return []rivertype.JobState{
		rivertype.JobStateAvailable,
		rivertype.JobStatePending,
		rivertype.JobStateRetryable,
		rivertype.JobStateRunning,
		rivertype.JobStateScheduled,
	}
}

// repair gives back what a killed process was running, and its leadership.
// Without it the dead leader blocks scheduled jobs for some 15 s and its jobs
// for rescueAfter. Nobody else runs jobs while the file is held exclusively.
func (j *Jobs) repair(ctx context.Context) error {
	return j.db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		t := own(tx)
		n, err := t.exec(ctx, `UPDATE river_job SET state = 'available' WHERE state = 'running'`)
		if err != nil {
			return err
		}
		if n > 0 {
			t.afterCommit(func() { j.db.log.Info("running jobs that were cut off again", "jobs", n) })
		}
		_, err = t.exec(ctx, `DELETE FROM river_leader`)
		return err
	})
}
