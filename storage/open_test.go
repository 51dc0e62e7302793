package storage

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ella/storage/internal/engines"
)

func TestOpenFaults(t *testing.T) {
	dir := t.TempDir()
	garbage := filepath.Join(dir, "letter.txt")
	if err := os.WriteFile(garbage, bytes.Repeat([]byte("Dear all, "), 500), 0o600); err != nil {
		t.Fatal(err)
	}
	short := filepath.Join(dir, "short.txt")
	if err := os.WriteFile(short, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, url string
		kind      FaultKind
	}{
		{"nothing", "", BadAddress},
		{"unknown scheme", "mysql://root:secret@localhost/x", BadAddress},
		{"bad URL", "postgres://user:secret@[::1/x", BadAddress},
		{"not a database", garbage, NotADatabase},
		{"not a database, short", short, NotADatabase},
		{"a folder", dir, NotADatabase},
		{"missing folder", filepath.Join(dir, "no", "ella.db"), MissingFolder},
		{"server does not answer", "postgres://user:secret@127.0.0.1:1/x", Unreachable},
		{"server has no such name", "postgres://user:secret@ella.invalid/x", Unreachable},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, open := range []func(Options) error{
				func(o Options) error { _, err := Open(t.Context(), o); return err },
				func(o Options) error { return Migrate(t.Context(), o) },
			} {
				err := open(Options{URL: tt.url, Keys: testKeys(t)})
				var f *Fault
				if !errors.As(err, &f) || f.Kind != tt.kind || f.What == "" || f.Fix == "" {
					t.Errorf("Open = %v, want a fault %q", err, tt.kind)
				}
				if err != nil && strings.Contains(err.Error(), "secret") {
					t.Errorf("the error shows the password: %v", err)
				}
			}
		})
	}
	if got := readFile(t, garbage); !bytes.Equal(got, bytes.Repeat([]byte("Dear all, "), 500)) {
		t.Error("a file that is no database was changed")
	}
}

func TestOneServes(t *testing.T) {
	path := engines.SQLite(t)
	exclusive := func(o *Options) { o.Exclusive = true }
	first, err := Open(t.Context(), Options{URL: path, Keys: testKeys(t), Exclusive: true})
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, link} {
		if _, err := Open(t.Context(), Options{URL: name, Keys: testKeys(t), Exclusive: true}); KindOf(err) != AlreadyServing {
			t.Errorf("a second one opens %s: %v", filepath.Base(name), err)
		}
	}
	// A one-shot command writes beside it, and both see what the other wrote.
	beside := openTest(t, path)
	if err := beside.Write(t.Context(), addNote("beside")); err != nil {
		t.Error(err)
	}
	if err := first.Write(t.Context(), addNote("first")); err != nil {
		t.Error(err)
	}
	if got := notes(t, first); len(got) != 2 {
		t.Errorf("notes = %q", got)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	openTest(t, path, exclusive)
}

func TestFilesArePrivate(t *testing.T) {
	path := engines.SQLite(t)
	// One that was there before, readable by everyone.
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	db := openTest(t, path, func(o *Options) { o.Exclusive = true })
	if err := db.Write(t.Context(), addNote("one")); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal", "-shm", ".lock"} {
		wantPrivate(t, path+suffix)
	}
	fresh := engines.SQLite(t)
	openTest(t, fresh)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		wantPrivate(t, fresh+suffix)
	}
}

// A name with the letters that a URI gives a meaning is a name like any other.
func TestOddNames(t *testing.T) {
	for _, name := range []string{"a b.db", "50%.db", "what?.db", "no#1.db", "ستارہ.db", "x&_pragma=journal_mode(off).db"} {
		path := filepath.Join(t.TempDir(), name)
		db := openTest(t, path)
		if err := db.Write(t.Context(), addNote("one")); err != nil {
			t.Error(err)
		}
		if info, err := os.Stat(path); err != nil || info.Size() == 0 {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// The settings that durability and erasure stand on. mattn's parameters would
// be ignored silently by this driver, so they are read back.
func TestPragmas(t *testing.T) {
	db := openTest(t, engines.SQLite(t))
	for pragma, want := range map[string]string{
		"busy_timeout": "10000", "journal_mode": "wal", "synchronous": "2", "foreign_keys": "1",
		"secure_delete": "1", "trusted_schema": "0", "temp_store": "2",
	} {
		var got string
		if err := db.writes.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s = %q, %v; want %q", pragma, got, err, want)
		}
	}
	for pragma, want := range map[string]string{"busy_timeout": "10000", "query_only": "1", "trusted_schema": "0", "temp_store": "2"} {
		var got string
		if err := db.reads.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("read pool: %s = %q, %v; want %q", pragma, got, err, want)
		}
	}
}

func TestBusy(t *testing.T) {
	path := engines.SQLite(t)
	db, other := openTest(t, path), openTest(t, path)
	if _, err := db.writes.ExecContext(t.Context(), `PRAGMA busy_timeout = 1`); err != nil {
		t.Fatal(err)
	}
	tx, err := other.writes.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), addNote("one")); KindOf(err) != Busy || !db.unavailable(err) {
		t.Errorf("Write = %v", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), addNote("one")); err != nil {
		t.Error(err)
	}
}

func TestExposedKeyIsReported(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ella.key")
	if _, err := CreateKeys(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	openTest(t, engines.SQLite(t), func(o *Options) {
		o.Keys, o.KeyFile, o.Log = nil, path, slog.New(slog.NewTextHandler(&log, nil))
	})
	if !strings.Contains(log.String(), "others on this machine can read the key file") {
		t.Errorf("log = %q", log.String())
	}
}
