package storage

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"errors"
	"fmt"
)

// The two rows of meta that know the keys: one index and one sealed value, since
// each keyset can be wrong by itself.
const (
	checkIndex = "key_index"
	checkSeal  = "key_seal"
)

// used reports whether the database ever had a key.
func (db *DB) used(ctx context.Context) (bool, error) {
	return db.ask(ctx, `SELECT EXISTS (SELECT 1 FROM meta) OR EXISTS (SELECT 1 FROM accounts)`)
}

func (db *DB) ask(ctx context.Context, question string) (yes bool, err error) {
	if err := db.read().queryRow(ctx, question).Scan(&yes); err != nil {
		return false, fault("look into", db.name, err)
	}
	return yes, nil
}

// checkKeys refuses keys that are not this database's. The first keys of an
// empty database become its own.
func (db *DB) checkKeys(ctx context.Context) error {
	// Asked first: another process may be opening the same empty database, and
	// it adds data only after it has left its key check.
	data, err := db.ask(ctx, `SELECT EXISTS (SELECT 1 FROM accounts)`)
	if err != nil {
		return err
	}
	index, sealed, err := db.keyChecks(ctx)
	if err != nil {
		return err
	}
	if index == nil && sealed == nil {
		if data {
			return db.wrongKey(errors.New("the database no longer says which key is its own"))
		}
		if err := db.adoptKeys(ctx); err != nil {
			return err
		}
		// Read back: another process may have been first, with its own.
		if index, sealed, err = db.keyChecks(ctx); err != nil {
			return err
		}
	}
	if subtle.ConstantTimeCompare(index, db.index(checkIndex)) != 1 {
		return db.wrongKey(nil)
	}
	if _, err := db.open("meta", "value", checkSeal, sealed); err != nil {
		return db.wrongKey(err)
	}
	return nil
}

func (db *DB) wrongKey(cause error) error {
	name := "the key"
	if db.keys.path != "" {
		name = "key file " + db.keys.path
	}
	return &Fault{
		Kind: WrongKey,
		What: name + " is not the key of database " + db.name,
		Fix:  "name the key file that was made with this database",
		Err:  cause,
	}
}

func (db *DB) keyChecks(ctx context.Context) (index, sealed []byte, err error) {
	rs, err := db.read().query(ctx, `SELECT name, value FROM meta WHERE name IN ($1, $2)`, checkIndex, checkSeal)
	if err != nil {
		return nil, nil, fault("look into", db.name, err)
	}
	defer rs.Close()
	for rs.Next() {
		var name string
		var value []byte
		if err := rs.Scan(&name, &value); err != nil {
			return nil, nil, err
		}
		if name == checkIndex {
			index = value
		} else {
			sealed = value
		}
	}
	return index, sealed, rs.Err()
}

func (db *DB) adoptKeys(ctx context.Context) (err error) {
	sealed, err := db.seal("meta", "value", checkSeal, []byte("ella"))
	if err != nil {
		return err
	}
	// Before the writer runs, so with a transaction of its own.
	tx, err := db.writes.BeginTx(ctx, nil)
	if err != nil {
		return fault("write to", db.name, err)
	}
	defer func() {
		if back := tx.Rollback(); err == nil && back != nil && !errors.Is(back, sql.ErrTxDone) {
			err = back
		}
	}()
	const insert = `INSERT INTO meta (name, value) VALUES ($1, $2), ($3, $4) ON CONFLICT DO NOTHING`
	if _, err := tx.ExecContext(ctx, insert, checkIndex, db.index(checkIndex), checkSeal, sealed); err != nil {
		return fault("write to", db.name, err)
	}
	if err := tx.Commit(); err != nil {
		return fault("write to", db.name, fmt.Errorf("keep the key check: %w", err))
	}
	return nil
}
