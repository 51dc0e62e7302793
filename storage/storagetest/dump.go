package storagetest

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// Dump is all that a database holds, the job queue included: every row of every
// table, by the table's name, each as its columns' names and raw values.
type Dump map[string][]string

// DumpOf reads the database of that path or URL, past the program: whatever table
// or column is added is in it.
func DumpOf(t testing.TB, url string) Dump {
	t.Helper()
	db, list := behind(t, url)
	defer db.Close()
	dump := Dump{}
	for _, name := range column(t, db, list) {
		dump[name] = rowsOf(t, db, name)
	}
	return dump
}

func rowsOf(t testing.TB, db *sql.DB, table string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), `SELECT * FROM "`+table+`"`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	all := []string{}
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for i, v := range values {
			if raw, ok := v.([]byte); ok {
				v = string(raw)
			}
			fmt.Fprintf(&b, "%s=%v ", columns[i], v)
		}
		all = append(all, b.String())
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}

// behind opens a database past the program, and says how its tables are listed.
func behind(t testing.TB, url string) (db *sql.DB, list string) {
	t.Helper()
	driver, list := "sqlite", `SELECT name FROM sqlite_schema WHERE type = 'table'`
	if strings.HasPrefix(url, "postgres") {
		driver, list = "pgx", `SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()`
	}
	db, err := sql.Open(driver, url)
	if err != nil {
		t.Fatal(err)
	}
	return db, list
}

func column(t testing.TB, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var v string
		if err := rows.Scan(&v); err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// Value is the only value of a query that returns bytes, asked past the program.
func Value(t testing.TB, url, query string) []byte {
	t.Helper()
	db, _ := behind(t, url)
	defer db.Close()
	var v []byte
	if err := db.QueryRowContext(t.Context(), query).Scan(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// Without is the dump without the rows that hold one of the needles.
func (d Dump) Without(needles map[string][]byte) Dump {
	left := Dump{}
	for table, rows := range d {
		left[table] = []string{}
		for _, row := range rows {
			if !slices.ContainsFunc(mapped(needles), func(n []byte) bool { return strings.Contains(row, string(n)) }) {
				left[table] = append(left[table], row)
			}
		}
	}
	return left
}

func mapped(needles map[string][]byte) [][]byte {
	var all [][]byte
	for _, n := range needles {
		all = append(all, n)
	}
	return all
}

// Find names the tables that hold each needle, by the needle's name.
func (d Dump) Find(needles map[string][]byte) map[string][]string {
	found := map[string][]string{}
	for name, needle := range needles {
		for table, rows := range d {
			if slices.ContainsFunc(rows, func(row string) bool { return strings.Contains(row, string(needle)) }) {
				found[name] = append(found[name], table)
			}
		}
		slices.Sort(found[name])
	}
	return found
}

// FindInFiles counts each needle in the bytes of a SQLite database's files, free
// pages, what lies between the rows of a page, and the log included. Reading them
// here drops SQLite's locks on them in this process; nobody else has them.
func FindInFiles(t testing.TB, path string, needles map[string][]byte) map[string]int {
	t.Helper()
	found := map[string]int{}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		content, err := os.ReadFile(path + suffix)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		for name, needle := range needles {
			if n := bytes.Count(content, needle); n > 0 {
				found[name+" in "+strings.TrimPrefix(suffix, "-")] += n
			}
		}
	}
	return found
}

// FindInRelations counts each needle in the bytes of the files of a PostgreSQL
// schema's tables and indexes, after the server has written them.
func FindInRelations(t testing.TB, url string, needles map[string][]byte) map[string]int {
	t.Helper()
	db, _ := behind(t, url)
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), `CHECKPOINT`); err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	for _, name := range column(t, db, `
		SELECT c.oid::text FROM pg_class c WHERE c.relkind IN ('r', 'i', 't') AND (c.relnamespace = current_schema()::regnamespace
		OR c.oid IN (SELECT reltoastrelid FROM pg_class WHERE relnamespace = current_schema()::regnamespace))`) {
		var content []byte
		var relation string
		err := db.QueryRowContext(t.Context(), `SELECT relname, pg_read_binary_file(pg_relation_filepath(oid)) FROM pg_class WHERE oid = $1::oid`, name).Scan(&relation, &content)
		if err != nil {
			t.Fatal(err)
		}
		for name, needle := range needles {
			if n := bytes.Count(content, needle); n > 0 {
				found[name+" in "+relation] += n
			}
		}
	}
	return found
}
