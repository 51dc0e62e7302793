package web

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// journal is the last events, so that a page that was cut off goes on from the
// one it saw last. It is one run's: a page that knew an earlier run starts over
// from a snapshot. Adapter.mu guards it.
type journal struct {
	run    string
	next   int64 // the number of the next event
	events []event
	// wake is closed when the next event is added.
	wake chan struct{}
}

type event struct {
	number int64
	name   string
	data   []byte
}

func newJournal(run string) journal {
	return journal{run: run, next: 1, wake: make(chan struct{})}
}

// add appends an event. Its value is one of the types in wire.go.
func (j *journal) add(name string, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		// The types in wire.go hold nothing but strings, numbers and booleans.
		return
	}
	if len(j.events) >= 2*maxLog {
		j.events = slices.Clone(j.events[len(j.events)-maxLog:])
	}
	j.events = append(j.events, event{j.next, name, data})
	j.next++
	close(j.wake)
	j.wake = make(chan struct{})
}

// since returns the events from number on. It reports false when some of them
// are gone, or were never.
func (j *journal) since(number int64) ([]event, bool) {
	first := j.next - int64(len(j.events))
	if number < first || number > j.next {
		return nil, false
	}
	// What was handed out is never written again, only appended after.
	return slices.Clip(j.events[number-first:]), true
}

// id is how a page names an event that it saw.
func (j *journal) id(number int64) string { return j.run + "-" + strconv.FormatInt(number, 10) }

// after is the number of the event after the one with that id, or 0.
func (j *journal) after(id string) int64 {
	run, number, ok := strings.Cut(id, "-")
	if !ok || run != j.run {
		return 0
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n + 1
}
