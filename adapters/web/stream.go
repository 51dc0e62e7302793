package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// writeWithin is how long a page may take to read what is written to it. One
// that is slower is cut off, and comes back by itself.
const writeWithin = 10 * time.Second

// stream answers GET /events: one stream of server-sent events for all phones.
// A page that names the last event it saw, in Last-Event-ID or as ?last=, gets
// those after it; any other starts with a snapshot.
func (a *Adapter) stream(w http.ResponseWriter, r *http.Request) {
	if err := a.load(r.Context()); err != nil {
		a.log.Warn("web: the phones can't be read", "err", err)
		errBusy.write(w)
		return
	}
	select {
	case <-a.ended:
		errBusy.write(w)
		return
	default:
	}
	last := r.Header.Get("Last-Event-ID")
	if last == "" {
		last = r.URL.Query().Get("last")
	}
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	out := http.NewResponseController(w)
	// A stream has no end by which its request must have been read.
	_ = out.SetReadDeadline(time.Time{})
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()

	a.mu.Lock()
	next := a.journal.after(last)
	a.mu.Unlock()
	if _, err := fmt.Fprint(w, "retry: 1000\n\n"); err != nil {
		return
	}
	for {
		batch, wake := a.news(&next)
		// Not every writer has deadlines; those of net/http do.
		_ = out.SetWriteDeadline(time.Now().Add(writeWithin))
		for _, e := range batch {
			if _, err := fmt.Fprintf(w, "id: %s\nevent: %s\ndata: %s\n\n", a.journal.id(e.number), e.name, e.data); err != nil {
				return
			}
		}
		if out.Flush() != nil {
			return
		}
		select {
		case <-wake:
		case <-ticker.C:
			if _, err := fmt.Fprint(w, ":\n\n"); err != nil {
				return
			}
		case <-r.Context().Done():
			return
		case <-a.ended:
			return
		}
	}
}

// news returns the events from *next on, or a snapshot in place of them all
// when some are gone; moves *next on; and returns a channel that is closed when
// there is more.
func (a *Adapter) news(next *int64) ([]event, <-chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	j := &a.journal
	batch, ok := j.since(*next)
	if !ok || *next == 0 {
		// Snapshots are made of strings, numbers and booleans: they always marshal.
		data, _ := json.Marshal(a.snapshot(true))
		batch = []event{{j.next - 1, EventSnapshot, data}}
	}
	*next = j.next
	return batch, j.wake
}
