package language

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"sync"
)

// Fault is one thing wrong with a file of the catalogues. Load joins them all.
type Fault struct {
	// File is the name of the file; Key is the entry, empty when the fault is
	// about the whole file.
	File, Key string
	// Problem says what is wrong, Fix what to do about it.
	Problem, Fix string
}

// Error is the fault on one line: file, key, problem, fix.
func (f *Fault) Error() string {
	parts := []string{f.File, f.Key, f.Problem, f.Fix}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ": ")
}

// faults gathers what is wrong while files are read.
type faults []*Fault

func (fs *faults) add(file, key, problem, fix string) {
	*fs = append(*fs, &Fault{File: file, Key: key, Problem: problem, Fix: fix})
}

// err joins the faults in an order that does not depend on map iteration. It is
// nil when there are none.
func (fs faults) err() error {
	slices.SortStableFunc(fs, func(a, b *Fault) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Problem, b.Problem))
	})
	errs := make([]error, len(fs))
	for i, f := range fs {
		errs[i] = f
	}
	return errors.Join(errs...)
}

// Shortfall says how an entry could not be said as asked for.
type Shortfall string

// The shortfalls.
const (
	MissingEntry Shortfall = "missing entry" // said in English, or by the last word of its key
	MissingForm  Shortfall = "missing form"  // said in the form "other"
	MissingValue Shortfall = "missing value" // said with "…" in its place
)

// FaultCount is how often a text could not be said as asked for. It holds names
// from code and catalogues only, nothing of any member.
type FaultCount struct {
	Locale, Key string
	Shortfall   Shortfall
	Count       int
}

// maxTallied bounds the tally. Keys come from code, so it is never met unless
// code builds keys from something that it should not.
const maxTallied = 1000

// tally counts shortfalls while the program runs.
type tally struct {
	mu     sync.Mutex
	counts map[FaultCount]int // by a FaultCount whose Count is 0
}

func (t *tally) note(locale, key string, s Shortfall) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f := FaultCount{Locale: locale, Key: key, Shortfall: s}
	if _, known := t.counts[f]; !known && len(t.counts) >= maxTallied {
		return
	}
	t.counts[f]++
}

func (t *tally) list() []FaultCount {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make([]FaultCount, 0, len(t.counts))
	for f, n := range t.counts {
		f.Count = n
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b FaultCount) int {
		return cmp.Or(cmp.Compare(a.Locale, b.Locale), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Shortfall, b.Shortfall))
	})
	return all
}
