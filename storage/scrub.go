package storage

import "context"

// Scrub makes what was deleted unreadable in the SQLite file, even for somebody
// who has the file and looks at its bytes. secure_delete overwrites what is
// deleted, but only in pages that first go to the write-ahead log: the old pages
// are in the file, and older ones in the log, until the log has been copied back
// and emptied. It waits for readers to end, at most for the busy timeout; then it
// is a Fault of kind Busy and may be tried again. Whoever erases a member calls it
// afterwards.
//
// On PostgreSQL it does nothing: old rows go when the server vacuums, and their
// bytes in its files and log are out of our hands. There the sealing of fields
// has to carry it.
func (db *DB) Scrub(ctx context.Context) error {
	if db.engine == postgres {
		return nil
	}
	var busy, frames, copied int
	err := db.writes.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &frames, &copied)
	if err != nil {
		return fault("scrub", db.name, err)
	}
	if busy != 0 {
		return &Fault{Kind: Busy, What: "scrub " + db.name + ": somebody is still reading", Fix: "try again"}
	}
	return nil
}
