package delivery

import (
	"context"
	"sync"
	"time"

	"ella/bot"
)

// lookEvery is how soon the pump notices an alert that nobody woke it for: one
// submitted in another process, or copies whose wait is over.
const lookEvery = time.Second

// A stretch of an alert is leased at a time, and the alerts take turns. A lease
// is long enough for a slow platform; it only keeps other processes away, so one
// that runs out costs nothing.
const (
	stretch  = 32
	leaseFor = 2 * time.Minute
)

// task is one leased copy on its way to a worker.
type task struct {
	alert Running
	copy  Copy
}

// pump leases what the ledger holds and hands it to workers, until Stop.
func (d *Delivery) pump() {
	for range d.Width {
		d.work.Go(d.worker)
	}
	reported := map[bot.AlertID]time.Time{}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for d.run.Err() == nil {
		leased, err := d.round(reported, func(tasks []task) {
			for _, t := range tasks {
				select {
				case d.tasks <- t:
				case <-d.run.Done():
					return
				}
			}
		})
		if err != nil && d.run.Err() == nil {
			d.Log.Warn("sending alerts failed; trying again", "err", err)
		}
		if leased && err == nil {
			continue
		}
		select {
		case <-d.run.Done():
		case <-d.wake:
		case <-tick.C:
		}
	}
}

// round leases one stretch of every running alert and gives it to take. It
// reports whether there was any.
func (d *Delivery) round(reported map[bot.AlertID]time.Time, take func([]task)) (bool, error) {
	running, err := d.Store.Running(d.run)
	if err != nil {
		return false, err
	}
	found := false
	for _, alert := range running {
		now := d.Clock.Now()
		copies, err := d.Store.Lease(d.run, alert.ID, d.Owner, now, now.Add(leaseFor), stretch)
		if err != nil {
			return found, err
		}
		tasks := make([]task, len(copies))
		for i, c := range copies {
			tasks[i] = task{alert, c}
		}
		take(tasks)
		found = found || len(copies) > 0
		closed := false
		if len(copies) == 0 {
			if closed, err = d.Store.Close(d.run, alert.ID, d.Clock.Now()); err != nil {
				return found, err
			}
		}
		if err := d.report(alert.ID, closed, len(copies) > 0, reported); err != nil {
			return found, err
		}
	}
	return found, nil
}

// report edits the author's card: at once when the alert begins or ends, and
// now and then in between.
func (d *Delivery) report(id bot.AlertID, closed, moving bool, reported map[bot.AlertID]time.Time) error {
	last, seen := reported[id]
	now := d.Clock.Now()
	if !closed && seen && (!moving || now.Sub(last) < d.ProgressEvery) {
		return nil
	}
	reported[id] = now
	if closed {
		delete(reported, id)
	}
	replies, err := d.Composer.Progress(d.run, id)
	if err != nil {
		return err
	}
	return d.Post(d.run, replies)
}

// worker sends leased copies. Where the pace is fast it takes a few at a time,
// so that one commit begins them all.
func (d *Delivery) worker() {
	for {
		var batch []task
		select {
		case <-d.run.Done():
			return
		case t := <-d.tasks:
			batch = append(batch, t)
		}
	more:
		for len(batch) < d.atOnce {
			select {
			case t := <-d.tasks:
				batch = append(batch, t)
			default:
				break more
			}
		}
		d.sendBatch(batch)
	}
}

// sendBatch waits for the pace, counts the attempts in one commit, and only then
// writes: what a crash can leave doubtful is what is being written.
func (d *Delivery) sendBatch(batch []task) {
	alerts := map[bot.AlertID]Running{}
	var copies []Copy
	for _, t := range batch {
		// What will only be set aside needs no pace.
		over := t.alert.Cancelled || !d.Clock.Now().Before(t.alert.Expires)
		if !over && d.pacer(t.copy.Address.Account).wait(d.run) != nil {
			return // leased and not begun: nothing happened
		}
		if !d.hold(t.copy.Key()) {
			continue // another worker has it, since its lease ran out while it waited
		}
		defer d.letGo(t.copy.Key())
		alerts[t.alert.ID] = t.alert
		copies = append(copies, t.copy)
	}
	if len(copies) == 0 {
		return
	}
	begun, err := d.Store.Begin(d.run, d.Owner, d.Clock.Now(), copies)
	if err != nil {
		if d.run.Err() == nil {
			d.Log.Warn("beginning copies failed; they are taken up again", "err", err)
		}
		return
	}
	var sending sync.WaitGroup
	for _, c := range begun {
		sending.Go(func() { d.sendCopy(alerts[c.Alert], c) })
	}
	sending.Wait()
}

// Drain sends everything that can be sent now, in the caller's goroutine, and
// returns when nothing is left that is due. It stands in for Start where time
// does not pass: transcripts, and commands that do one thing.
func (d *Delivery) Drain(ctx context.Context) error {
	reported := map[bot.AlertID]time.Time{}
	for {
		leased, err := d.round(reported, d.sendBatch)
		if err != nil {
			return err
		}
		d.replies.Wait()
		d.notices.Wait()
		d.menus.Wait()
		d.views.Wait()
		if !leased || ctx.Err() != nil {
			return ctx.Err()
		}
	}
}
