// Package storage keeps Ella's data in SQLite or PostgreSQL, with one SQL text
// for both. It implements the store that each room declares for itself, and the
// ports bot.Jobs and bot.Shelf. Two promises are kept here: what Write has
// acknowledged is durable, and the database without its key names nobody.
//
// # How to add a store
//
// A store is one file, named after what it keeps, with one type on top of *DB
// that implements the interface of its room:
//
//	// Groups keeps the directory.
//	type Groups struct{ db *DB }
//
//	// Groups gives the store of the directory.
//	func (db *DB) Groups() Groups { return Groups{db} }
//
// What changes something takes the unit of work and turns it into a *Tx with
// own. exec returns how many rows were changed; statements are prepared once per
// connection, so they are constants with $1, $2 …:
//
//	func (s Groups) Close(ctx context.Context, tx bot.Tx, id bot.GroupID, version int64) error {
//		n, err := own(tx).exec(ctx, `
//			UPDATE groups SET state = 'closed', version = version + 1, updated_at = $3
//			WHERE id = $1 AND version = $2`, id, version, s.db.now())
//		if err == nil && n == 0 {
//			err = bot.ErrConflict
//		}
//		return err
//	}
//
// The first error of a Tx sticks: ask with ON CONFLICT or a SELECT, don't try and
// recover. afterCommit wakes whoever waits for the change. A caller outside the
// engine begins a unit with db.Write, which may run it twice; compute before.
//
// What only reads takes db.read() (what is committed now), db.view (several reads
// of one moment) or, inside a unit, its Tx. A function that serves all of them
// takes a source. A missing row is bot.ErrNotFound; collect reads many:
//
//	func (s Groups) Names(ctx context.Context, from source) ([]string, error) {
//		return collect(func(r *rows) (name string, err error) {
//			return name, r.Scan(&name)
//		})(from.query(ctx, `SELECT name FROM groups ORDER BY id`))
//	}
//
// Platform ids, names, free text and exact places are sealed in a column named
// x_sealed of type BYTEA, under table, column and row id (rowKey where the key
// has several parts); what must be found again has a column x_index beside it:
//
//	sealed, err := s.db.seal("addresses", "chat_sealed", id, []byte(chat))
//	chat, err := s.db.open("addresses", "chat_sealed", id, sealed)
//	at := s.db.index("addresses.sender_index", string(account), sender)
//
// Ids come from db.ids.New(), instants from db.now() or from the caller, as
// milliseconds. Claiming rows for one process ends the inner SELECT with
// db.skipLocked, and reading one that must not change meanwhile with db.locked; both
// are empty on SQLite.
//
// # One SQL text
//
// Works on both: $n, also reused; RETURNING; ON CONFLICT; booleans; BYTEA; BIGINT;
// UPDATE … FROM. Not on SQLite: timestamptz, IDENTITY, FOR UPDATE, = ANY, INSERT
// inside WITH; and LIKE ignores case there. Not on PostgreSQL: BLOB, flag = 1,
// NUL in a text, integers where a BOOLEAN is due. A migration only expands: new
// tables, new columns that may be NULL or have a default, new indexes.
//
// # Tests
//
// A test in package storage runs over both engines with each; one elsewhere uses
// storagetest.Each or storagetest.SQLite.
package storage
