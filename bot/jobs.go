package bot

import (
	"context"
	"time"
)

// Job is something to do later. It holds an id and nothing else, since jobs are
// stored in plain text.
type Job struct {
	Kind string
	ID   string
	// At is when to run it; zero means as soon as the unit is committed.
	At time.Time
}

// Jobs runs what happens later.
type Jobs interface {
	// Add puts a job in as part of a unit of work: it exists if and only if the
	// unit commits. Adding the same kind and id again while one waits changes nothing.
	Add(ctx context.Context, tx Tx, job Job) error
}

// Worker does the jobs of one kind. It may be called again for a job that was
// cut off, so it must be able to repeat. Its error's text is stored: ids only.
type Worker func(ctx context.Context, id string) error

// Shelf keeps the few things that an adapter must remember between runs (an
// offset, an uploaded file's id, what the phones of the try page show).
// Values are encrypted.
type Shelf interface {
	// Put stores values by key, all in one commit, over what was there.
	Put(ctx context.Context, account AccountID, values map[string][]byte) error
	// List returns the values whose keys begin with prefix, ordered by key.
	List(ctx context.Context, account AccountID, prefix string) ([]ShelfItem, error)
}

// ShelfItem is one remembered value.
type ShelfItem struct {
	Key   string
	Value []byte
}
