package storage

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ella/storage/internal/engines"
)

// table is what both engines must agree on.
type table struct {
	columns map[string]string // name: type and whether it may be NULL
	keys    []string          // of the primary key, in order
	indexes []string          // unique or not, and their columns
	refs    []string          // foreign keys
}

func TestBothEnginesHaveOneSchema(t *testing.T) {
	lite := sqliteSchema(t, openTest(t, engines.SQLite(t)))
	pg := postgresSchema(t, openTest(t, engines.FreshPostgres(t)))
	for name := range pg {
		if lite[name] == nil {
			t.Errorf("table %s is only on PostgreSQL", name)
		}
	}
	for name, l := range lite {
		p := pg[name]
		if p == nil {
			t.Errorf("table %s is only on SQLite", name)
			continue
		}
		if a, b := fmt.Sprint(l.columns), fmt.Sprint(p.columns); a != b {
			t.Errorf("%s: columns\n%s\n%s", name, a, b)
		}
		if !slices.Equal(l.keys, p.keys) {
			t.Errorf("%s: primary keys %q and %q", name, l.keys, p.keys)
		}
		if !slices.Equal(l.indexes, p.indexes) {
			t.Errorf("%s: indexes\n%q\n%q", name, l.indexes, p.indexes)
		}
		if !slices.Equal(l.refs, p.refs) {
			t.Errorf("%s: foreign keys\n%q\n%q", name, l.refs, p.refs)
		}
	}
}

// There is no place for what would hurt people most, and what is sealed is bytes.
func TestNoColumnForWhatWeMustNotKnow(t *testing.T) {
	forbidden := regexp.MustCompile(`(?i)nationali|citizen|ethnic|race|religio|immigra|asylum|refugee|visa|passport|status|birth|dob|\bage\b|gender|street|house_?n|door|address_line|surname|last_?name|phone|email`)
	for name, tab := range sqliteSchema(t, openTest(t, engines.SQLite(t))) {
		for column, kind := range tab.columns {
			if forbidden.MatchString(column) {
				t.Errorf("%s.%s: no such thing is kept", name, column)
			}
			if strings.HasSuffix(column, "_sealed") || strings.HasSuffix(column, "_index") {
				if !strings.HasPrefix(kind, "BYTEA") {
					t.Errorf("%s.%s is %s, not BYTEA", name, column, kind)
				}
			}
			if strings.HasSuffix(column, "_at") && !strings.HasPrefix(kind, "BIGINT") {
				t.Errorf("%s.%s is %s: instants are BIGINT milliseconds", name, column, kind)
			}
		}
	}
}

// A migration may run while the release before is still serving.
func TestMigrationsOnlyExpand(t *testing.T) {
	all, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	contracts := regexp.MustCompile(`(?i)\b(DROP|RENAME|DELETE|TRUNCATE|ALTER\s+COLUMN|SET\s+NOT\s+NULL)\b`)
	comment := regexp.MustCompile(`(?m)--.*$`)
	for _, m := range all {
		if found := contracts.FindString(comment.ReplaceAllString(m.text, "")); found != "" {
			t.Errorf("%s: %s contracts", m.name, found)
		}
	}
}

// ours leaves out the job queue's tables, which differ by engine.
func ours(name string) bool {
	return !strings.HasPrefix(name, "river_") && !strings.HasPrefix(name, "sqlite_")
}

// strs reads rows of strings.
func strs(t *testing.T, db *DB, columns int, query string, args ...any) [][]string {
	t.Helper()
	all, err := collect(func(r *rows) ([]string, error) {
		row := make([]string, columns)
		dest := make([]any, columns)
		for i := range row {
			dest[i] = &row[i]
		}
		return row, r.Scan(dest...)
	})(db.read().query(t.Context(), query, args...))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func sqliteSchema(t *testing.T, db *DB) map[string]*table {
	t.Helper()
	tables := make(map[string]*table)
	for _, row := range strs(t, db, 1, `SELECT name FROM sqlite_schema WHERE type = 'table'`) {
		if !ours(row[0]) {
			continue
		}
		tab := &table{columns: make(map[string]string)}
		tables[row[0]] = tab
		for _, c := range strs(t, db, 4, `SELECT name, upper(type), "notnull", pk FROM pragma_table_info($1) ORDER BY pk`, row[0]) {
			tab.columns[c[0]] = c[1] + map[string]string{"0": " NULL", "1": ""}[c[2]]
			if c[3] != "0" {
				tab.keys = append(tab.keys, c[0])
			}
		}
		for _, i := range strs(t, db, 2, `SELECT name, "unique" FROM pragma_index_list($1) WHERE origin <> 'pk'`, row[0]) {
			var columns []string
			for _, c := range strs(t, db, 1, `SELECT name FROM pragma_index_info($1) ORDER BY seqno`, i[0]) {
				columns = append(columns, c[0])
			}
			tab.indexes = append(tab.indexes, map[string]string{"0": "", "1": "unique "}[i[1]]+strings.Join(columns, ","))
		}
		for _, f := range strs(t, db, 3, `SELECT "from", "table", "to" FROM pragma_foreign_key_list($1)`, row[0]) {
			tab.refs = append(tab.refs, f[0]+" "+f[1]+"."+f[2])
		}
		slices.Sort(tab.indexes)
		slices.Sort(tab.refs)
	}
	return tables
}

func postgresSchema(t *testing.T, db *DB) map[string]*table {
	t.Helper()
	tables := make(map[string]*table)
	for _, row := range strs(t, db, 1, `SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()`) {
		if !ours(row[0]) {
			continue
		}
		tab := &table{columns: make(map[string]string)}
		tables[row[0]] = tab
		for _, c := range strs(t, db, 3, `SELECT column_name, upper(data_type), is_nullable FROM information_schema.columns
			WHERE table_schema = current_schema() AND table_name = $1`, row[0]) {
			tab.columns[c[0]] = c[1] + map[string]string{"YES": " NULL", "NO": ""}[c[2]]
		}
		for _, i := range strs(t, db, 3, `
			SELECT CASE WHEN x.indisprimary THEN 'key' ELSE '' END, CASE WHEN x.indisunique THEN 'unique ' ELSE '' END,
				(SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(x.indkey) WITH ORDINALITY k (attnum, n)
				JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.attnum)
			FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid
			WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = $1`, row[0]) {
			if i[0] == "key" {
				tab.keys = strings.Split(i[2], ",")
			} else {
				tab.indexes = append(tab.indexes, i[1]+i[2])
			}
		}
		for _, f := range strs(t, db, 3, `
			SELECT a.attname, o.relname, b.attname FROM pg_constraint f
			JOIN pg_class c ON c.oid = f.conrelid JOIN pg_class o ON o.oid = f.confrelid
			JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = f.conkey[1]
			JOIN pg_attribute b ON b.attrelid = o.oid AND b.attnum = f.confkey[1]
			WHERE f.contype = 'f' AND c.relnamespace = current_schema()::regnamespace AND c.relname = $1`, row[0]) {
			tab.refs = append(tab.refs, f[0]+" "+f[1]+"."+f[2])
		}
		slices.Sort(tab.indexes)
		slices.Sort(tab.refs)
	}
	return tables
}
