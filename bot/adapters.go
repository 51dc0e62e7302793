package bot

import (
	"iter"
	"maps"
	"sync"
)

// Adapters are the accounts that this process serves. They come and go while it runs: a
// workspace lets Ella in, or takes her out. Safe for concurrent use.
type Adapters struct {
	mu  sync.RWMutex
	all map[AccountID]Adapter
}

// NewAdapters begins with those.
func NewAdapters(all map[AccountID]Adapter) *Adapters {
	a := &Adapters{all: map[AccountID]Adapter{}}
	maps.Copy(a.all, all)
	return a
}

// Of is the adapter of an account, if it is served here.
func (a *Adapters) Of(id AccountID) (Adapter, bool) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	adapter, ok := a.all[id]
	return adapter, ok
}

// Put serves an account from now on, with this adapter in place of an earlier one.
func (a *Adapters) Put(id AccountID, adapter Adapter) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.all[id] = adapter
}

// Drop serves an account no longer. What it was about to send waits.
func (a *Adapters) Drop(id AccountID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.all, id)
}

// All are those that are served at this moment.
func (a *Adapters) All() iter.Seq2[AccountID, Adapter] {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return maps.All(maps.Clone(a.all))
}
