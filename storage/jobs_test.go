package storage

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"ella/bot"
	"ella/storage/internal/engines"
)

// startJobs runs jobs until the test ends.
func startJobs(t *testing.T, db *DB, workers map[string]bot.Worker, change ...func(*Jobs)) *Jobs {
	t.Helper()
	j, err := NewJobs(db, workers)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range change {
		f(j)
	}
	if err := j.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := j.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	return j
}

func add(t *testing.T, db *DB, j *Jobs, jobs ...bot.Job) {
	t.Helper()
	err := db.Write(t.Context(), func(ctx context.Context, tx bot.Tx) error {
		for _, job := range jobs {
			if err := j.Add(ctx, tx, job); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func receive[T any](t *testing.T, from <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-from:
	case <-time.After(20 * time.Second):
		t.Fatal("nothing happened for 20 s")
	}
	return v
}

func countJobs(t *testing.T, db *DB, where string) (n int) {
	t.Helper()
	if err := db.read().queryRow(context.Background(), `SELECT count(*) FROM river_job WHERE `+where).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestJobRuns(t *testing.T) {
	t.Parallel() // most of it is waiting
	each(t, func(t *testing.T, db *DB) {
		ran := make(chan string, 10)
		j := startJobs(t, db, map[string]bot.Worker{
			"remind": func(_ context.Context, id string) error { ran <- id; return nil },
		})
		add(t, db, j, bot.Job{Kind: "remind", ID: "a1"})
		if id := receive(t, ran); id != "a1" {
			t.Errorf("it ran for %q", id)
		}
		begun := time.Now()
		add(t, db, j, bot.Job{Kind: "remind", ID: "a2", At: begun.Add(300 * time.Millisecond)})
		if id := receive(t, ran); id != "a2" || time.Since(begun) < 300*time.Millisecond {
			t.Errorf("%q ran after %v", id, time.Since(begun))
		}
		err := db.Write(t.Context(), func(ctx context.Context, tx bot.Tx) error {
			return j.Add(ctx, tx, bot.Job{Kind: "unheard of"})
		})
		if err == nil {
			t.Error("a job was added that nothing works")
		}
	})
}

// A job exists if and only if its unit is kept, also beside others in a group.
func TestJobBelongsToItsUnit(t *testing.T) {
	t.Parallel() // most of it is waiting
	each(t, func(t *testing.T, db *DB) {
		j, err := NewJobs(db, nil)
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				err := db.Write(t.Context(), func(ctx context.Context, tx bot.Tx) error {
					if err := j.Add(ctx, tx, bot.Job{Kind: "k", ID: string(rune('a' + i))}); err != nil {
						return err
					}
					if i%2 == 1 {
						return io.EOF
					}
					return nil
				})
				if (err != nil) != (i%2 == 1) {
					t.Errorf("unit %d: %v", i, err)
				}
			})
		}
		wg.Wait()
		if n := countJobs(t, db, "state = 'available'"); n != 10 {
			t.Errorf("%d jobs, want 10", n)
		}
	})
}

func TestJobIsUniqueWhileItWaits(t *testing.T) {
	t.Parallel() // most of it is waiting
	each(t, func(t *testing.T, db *DB) {
		ran, hold := make(chan string, 10), make(chan struct{})
		workers := map[string]bot.Worker{"k": func(_ context.Context, id string) error {
			ran <- id
			<-hold
			return nil
		}}
		later := time.Now().Add(time.Hour)
		insert, err := NewJobs(db, nil)
		if err != nil {
			t.Fatal(err)
		}
		same := bot.Job{Kind: "k", ID: "same"}
		add(t, db, insert, same, same, bot.Job{Kind: "k", ID: "other", At: later}, bot.Job{Kind: "k2", ID: "same", At: later})
		add(t, db, insert, same, bot.Job{Kind: "k", ID: "same", At: later})
		if n := countJobs(t, db, "1 = 1"); n != 3 {
			t.Errorf("%d jobs wait, want 3", n)
		}

		// While it runs it can be added again, once: what changed since it began
		// would be missed otherwise. And so it can after it is done, although the
		// done one is still in the table.
		j := startJobs(t, db, workers)
		receive(t, ran)
		add(t, db, j, same, same) // in one unit: a free worker begins it at once
		if n := countJobs(t, db, "state IN ('available', 'running')"); n != 2 {
			t.Errorf("%d jobs run or wait, want 2", n)
		}
		receive(t, ran)
		close(hold)
		add(t, db, j, same)
		receive(t, ran)
		if len(ran) > 0 {
			t.Errorf("it ran %d times too often", len(ran))
		}
	})
}

// What a failed worker says is tried again, and stored and logged without words.
func TestJobFails(t *testing.T) {
	t.Parallel() // most of it is waiting
	const secret = "Rojin Demir"
	each(t, func(t *testing.T, db *DB) {
		var log syncBuffer
		db.log = slog.New(slog.NewTextHandler(&log, nil))
		ran := make(chan string, 10)
		tried := make(map[string]bool)
		var mu sync.Mutex
		j := startJobs(t, db, map[string]bot.Worker{"k": func(_ context.Context, id string) error {
			ran <- id
			mu.Lock()
			defer mu.Unlock()
			if tried[id] {
				return nil
			}
			tried[id] = true
			if id == "panics" {
				panic(secret)
			}
			return errors.New("no room for " + secret)
		}})
		add(t, db, j, bot.Job{Kind: "k", ID: "fails"}, bot.Job{Kind: "k", ID: "panics"})
		for range 4 {
			receive(t, ran)
		}
		text := `SELECT json(errors) FROM river_job WHERE errors IS NOT NULL`
		if db.engine == postgres {
			text = `SELECT errors::text FROM river_job WHERE errors IS NOT NULL`
		}
		stored := strs(t, db, 1, text)
		if len(stored) != 2 {
			t.Errorf("%d jobs have errors, want 2", len(stored))
		}
		for _, row := range stored {
			if strings.Contains(row[0], "Rojin") {
				t.Errorf("stored: %s", row[0])
			}
			if !strings.Contains(row[0], "failed (*errors.errorString)") && !strings.Contains(row[0], "panicked") {
				t.Errorf("stored: %s", row[0])
			}
		}
		if got := log.String(); strings.Contains(got, "Rojin") || !strings.Contains(got, "a job failed") {
			t.Errorf("log: %s", got)
		}
	})
}

// A job that failed waits: the same one is not added beside it. One that was
// added while it ran takes its place.
func TestFailedJobIsUnique(t *testing.T) {
	t.Parallel() // most of it is waiting
	each(t, func(t *testing.T, db *DB) {
		ran, hold := make(chan string, 10), make(chan error)
		job := bot.Job{Kind: "k", ID: "x"}
		j := startJobs(t, db, map[string]bot.Worker{"k": func(ctx context.Context, id string) error {
			ran <- id
			select {
			case err := <-hold:
				return err
			case <-ctx.Done():
				return ctx.Err()
			}
		}})
		add(t, db, j, job)
		receive(t, ran)
		hold <- io.EOF
		waitFor(t, func() bool { return countJobs(t, db, "state <> 'running' AND errors IS NOT NULL") == 1 })
		add(t, db, j, job)
		if n := countJobs(t, db, "1 = 1"); n != 1 {
			t.Errorf("%d jobs, want 1", n)
		}
		receive(t, ran) // the second try
		add(t, db, j, job)
		hold <- io.EOF
		receive(t, ran) // the one that was added meanwhile
		waitFor(t, func() bool { return countJobs(t, db, "state = 'completed'") == 1 })
		hold <- nil
		waitFor(t, func() bool { return countJobs(t, db, "state = 'completed'") == 2 })
	})
}

// waitFor looks until it is so. What it looks at is in the database, so there is
// nothing to wait on but time.
func waitFor(t *testing.T, so func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range 2000 {
		if so() {
			return
		}
		<-tick.C
	}
	t.Fatal("it did not become so in 20 s")
}

func TestEvery(t *testing.T) {
	t.Parallel() // most of it is waiting
	each(t, func(t *testing.T, db *DB) {
		ran := make(chan string, 10)
		workers := map[string]bot.Worker{"tidy": func(_ context.Context, id string) error { ran <- id; return nil }}
		every := func(d time.Duration) func(*Jobs) { return func(j *Jobs) { j.Every("tidy", d) } }
		run := func(d time.Duration) (stop func()) {
			j, err := NewJobs(db, workers)
			if err != nil {
				t.Fatal(err)
			}
			every(d)(j)
			if err := j.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			return func() {
				if err := j.Stop(context.Background()); err != nil {
					t.Error(err)
				}
			}
		}
		// At once, and then the next is planned an hour later, across a restart.
		stop := run(time.Hour)
		if id := receive(t, ran); id != "" {
			t.Errorf("its id is %q", id)
		}
		waitFor(t, func() bool { return countJobs(t, db, "state = 'scheduled'") == 1 })
		stop()
		stop = run(time.Hour)
		if n := countJobs(t, db, "state IN ('scheduled', 'available', 'running')"); n != 1 {
			t.Errorf("%d are planned after a restart, want 1", n)
		}
		stop()
		// Another interval begins anew, and comes again.
		stop = run(50 * time.Millisecond)
		receive(t, ran)
		receive(t, ran)
		stop()
	})
}

// What a killed process was running starts at once when the next one serves, and
// its dead leader is not waited for.
func TestJobsAreRepaired(t *testing.T) {
	t.Parallel() // most of it is waiting
	path := engines.SQLite(t)
	db := openTest(t, path, func(o *Options) { o.Exclusive = true })
	insert, err := NewJobs(db, nil)
	if err != nil {
		t.Fatal(err)
	}
	soon := time.Now().Add(time.Second)
	add(t, db, insert, bot.Job{Kind: "k", ID: "cut off"}, bot.Job{Kind: "k", ID: "later", At: soon})
	for _, statement := range []string{
		`UPDATE river_job SET state = 'running', attempt = 1, attempted_at = datetime('now') WHERE state = 'available'`,
		`INSERT INTO river_leader (name, leader_id, elected_at, expires_at) VALUES ('default', 'dead', datetime('now'), datetime('now', '+15 seconds'))`,
	} {
		if _, err := db.writes.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	ran := make(chan string, 10)
	begun := time.Now()
	startJobs(t, db, map[string]bot.Worker{"k": func(_ context.Context, id string) error { ran <- id; return nil }})
	for _, want := range []string{"cut off", "later"} {
		if id := receive(t, ran); id != want {
			t.Errorf("%q ran, want %q", id, want)
		}
	}
	if d := time.Since(begun); d > 10*time.Second {
		t.Errorf("it took %v", d)
	}
}

// A job of a later release waits for it.
func TestUnknownJobWaits(t *testing.T) {
	t.Parallel() // most of it is waiting
	each(t, func(t *testing.T, db *DB) {
		insert, err := NewJobs(db, nil)
		if err != nil {
			t.Fatal(err)
		}
		add(t, db, insert, bot.Job{Kind: "of a later release", ID: "x"})
		startJobs(t, db, map[string]bot.Worker{"k": func(context.Context, string) error { return nil }})
		waitFor(t, func() bool { return countJobs(t, db, "state = 'scheduled'") == 1 })
	})
}

// syncBuffer is a buffer that a log writes to while a test reads.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
