package storage

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
)

// When rows around a row are deleted, SQLite moves what is left to fewer pages, and
// a page from which rows were moved keeps their bytes between its list of cells and
// its first cell: secure_delete does not reach them, and neither does deleting the
// row later where it went. Vacuuming would, and would keep everybody waiting while
// it writes the whole database. So these gaps are looked for beside the writer, and
// filled with zeros a few pages at a time. SQLite takes no notice of what is in
// them. The form of a page is in https://www.sqlite.org/fileformat.html#b_tree_pages

// gapsAtOnce is how many pages are cleaned in one commit.
const gapsAtOnce = 32

// closeGaps fills the gaps of all pages with zeros.
func (db *DB) closeGaps(ctx context.Context) error {
	var vacuums int
	if err := db.reads.QueryRowContext(ctx, `PRAGMA auto_vacuum`).Scan(&vacuums); err != nil || vacuums != 0 {
		return err // see gap
	}
	pages, err := db.gappy(ctx)
	if err != nil || len(pages) == 0 {
		return err
	}
	path, err := realPath(db.name)
	if err != nil {
		return err
	}
	// The writer's own connection refuses to write pages, and should.
	h, err := openPageHandle(path)
	if err != nil {
		return err
	}
	defer func() { _ = h.Close() }()
	for len(pages) > 0 {
		n := min(gapsAtOnce, len(pages))
		if err := db.closeSome(ctx, h, pages[:n]); err != nil {
			return err
		}
		pages = pages[n:]
	}
	return nil
}

// closeSome cleans a few pages in one transaction, while the writer's connection is
// held: waiting for it costs its users less than waiting for SQLite's lock.
func (db *DB) closeSome(ctx context.Context, h *sql.DB, pages []int64) error {
	writer, err := db.writes.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = writer.Close() }()
	tx, err := h.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return err
	}
	for _, number := range pages {
		var page []byte
		err := tx.QueryRowContext(ctx, `SELECT data FROM sqlite_dbpage WHERE pgno = $1`, number).Scan(&page)
		if errors.Is(err, sql.ErrNoRows) {
			continue // the file has become shorter
		}
		if err == nil {
			// It may have changed since it was looked at.
			if from, to := gap(page, number); holdsBytes(page[from:to]) {
				clear(page[from:to])
				_, err = tx.ExecContext(ctx, `UPDATE sqlite_dbpage SET data = $2 WHERE pgno = $1`, number, page)
			}
		}
		if err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	return tx.Commit()
}

// gappy lists the pages whose gaps hold something.
func (db *DB) gappy(ctx context.Context) ([]int64, error) {
	found, err := db.reads.QueryContext(ctx, `SELECT pgno, data FROM sqlite_dbpage`)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	var pages []int64
	for found.Next() {
		var number int64
		var page sql.RawBytes
		if err := found.Scan(&number, &page); err != nil {
			return nil, err
		}
		if from, to := gap(page, number); holdsBytes(page[from:to]) {
			pages = append(pages, number)
		}
	}
	return pages, found.Err()
}

// The first byte of a page with cells says which kind it is.
const (
	interiorIndex, interiorTable = 2, 5
	leafIndex, leafTable         = 10, 13
)

// gap is where nothing is in a page with cells: after the list of cells and before
// the first of them. Of any other page, and of one that does not look as it should,
// it is empty. Pages of other kinds begin with the number of another page, whose
// first byte is 0 in every database below 64 GiB, and from there on nothing is
// touched. A database with auto_vacuum, which Ella never makes, has pages of yet
// another kind.
func gap(page []byte, number int64) (from, to int) {
	head := 0
	if number == 1 {
		head = 100 // the file's own header comes first
	}
	if len(page) < 512 || number >= 1<<24 {
		return 0, 0
	}
	switch page[head] {
	case interiorIndex, interiorTable:
		from = head + 12
	case leafIndex, leafTable:
		from = head + 8
	default:
		return 0, 0
	}
	from += 2 * int(binary.BigEndian.Uint16(page[head+3:]))
	if to = int(binary.BigEndian.Uint16(page[head+5:])); to == 0 {
		to = 1 << 16
	}
	if from > to || to > len(page) {
		return 0, 0
	}
	return from, to
}

func holdsBytes(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return true
		}
	}
	return false
}
