package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"ella/storage"
)

// expected knows of workspaces that are not connected here whether they are to be served:
// one may have been let in at another process a moment ago. A workspace is looked up at
// most once in expectedFor, however much comes from it.
type expected struct {
	db  *storage.DB
	log *slog.Logger

	mu  sync.Mutex
	all map[string]expectation
}

type expectation struct {
	yes bool
	at  time.Time
}

const (
	expectedFor = time.Second
	// expectedMost is how many workspaces are remembered at a time: only Slack itself can
	// name any.
	expectedMost = 1000
)

// at looks a workspace up. When the database does not answer, the answer is yes: then
// Slack keeps what it brought.
func (e *expected) at(ctx context.Context, team string, now time.Time) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if last, ok := e.all[team]; ok && now.Sub(last.at) < expectedFor {
		return last.yes
	}
	yes, err := e.db.Kept(ctx, platformSlack, team)
	if err != nil {
		e.log.Warn("looking up the accounts of Slack failed", "err", err)
		return true
	}
	if len(e.all) >= expectedMost || e.all == nil {
		e.all = map[string]expectation{}
	}
	e.all[team] = expectation{yes, now}
	return yes
}

// forget has all be looked up anew: somebody was let in.
func (e *expected) forget() {
	e.mu.Lock()
	defer e.mu.Unlock()
	clear(e.all)
}
