package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"ella/bot"
)

// TestDatabaseFaults: each says what is wrong and what to do, in every command
// that opens the database, and changes nothing.
func TestDatabaseFaults(t *testing.T) {
	home(t)
	ella(t, "invite", "organiser", "--organisation", "One").want(t, exitDone)
	key := filepath.Join("config", "ella", "ella.key")
	for name, prepare := range map[string]func() error{
		"junk.db":    func() error { return os.WriteFile("junk.db", bytes.Repeat([]byte("no database "), 500), 0o600) },
		"bad.key":    func() error { return os.WriteFile("bad.key", []byte(`{"version":1}`), 0o600) },
		"groups.csv": func() error { return os.WriteFile("groups.csv", []byte("id,name,town\n1,A,Leeds\n"), 0o600) },
		"newer.db": func() error {
			return changed("newer.db", `INSERT INTO migrations (name, checksum, applied_at) VALUES ('9999_later.sql', 'x', 1)`)
		},
	} {
		if err := prepare(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	ella(t, "invite", "organiser", "--organisation", "Other", "--database", "other.db", "--key-file", "other.key").want(t, exitDone)
	cases := map[string]struct {
		database, key string
		words         []string
		keyless       bool // migrate needs no key, so it finds no fault
	}{
		"wrong key":      {"ella.db", "other.key", []string{"other.key is not the key of database ella.db", "name the key file that was made with this database"}, true},
		"lost key":       {"ella.db", "lost.key", []string{"its key file lost.key is not there", "bring the key file back"}, true},
		"bad key":        {"ella.db", "bad.key", []string{"key file bad.key: it is damaged", "restore it"}, true},
		"a folder's key": {"ella.db", filepath.Join("no", "such.key"), []string{"such.key is not there", "bring the key file back"}, true},
		"not a database": {"junk.db", key, []string{"junk.db: it is not a SQLite database", "name another file"}, false},
		"a folder":       {".", key, []string{"it is not a file", "name a file"}, false},
		"no folder":      {filepath.Join("no", "such.db"), key, []string{"there is no folder no", "make the folder"}, false},
		"newer":          {"newer.db", key, []string{"written by a later version of Ella", "use that version"}, false},
		"no server":      {"postgres://u:secret@127.0.0.1:1/x", key, []string{"the server does not answer", "look at the host and port in ELLA_DATABASE"}, false},
	}
	if path := readOnly(t); path != "" {
		cases["read-only"] = struct {
			database, key string
			words         []string
			keyless       bool
		}{path, key, []string{"it may not be written", "give this user the right to"}, false}
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			for _, command := range []string{"serve --listen 127.0.0.1:0", "doctor", "invite organiser", "import groups groups.csv", "migrate"} {
				args := append(strings.Fields(command), "--database", c.database, "--key-file", c.key)
				r := ella(t, args...)
				switch {
				case command == "migrate" && c.keyless:
					r.want(t, exitDone)
				case command == "doctor" && (name == "no folder" || name == "read-only"):
					// The doctor looks whether there is a file at all.
					r.want(t, exitFailed, "no database at")
				default:
					r.want(t, exitFailed, c.words...)
				}
				if strings.Contains(r.out+r.err, "secret") || strings.Contains(r.out, "/join") {
					t.Errorf("ella %s says too much:\n%s%s", command, r.out, r.err)
				}
			}
		})
	}
	for _, made := range []string{"lost.key", "no"} {
		if _, err := os.Stat(made); err == nil {
			t.Errorf("%s was made: a new key for old data reads nothing", made)
		}
	}
	ella(t, "doctor").want(t, exitDone, "the key fits")
}

// changed copies ella.db and changes the copy.
func changed(path, statement string) error {
	db, err := sql.Open("sqlite", "ella.db")
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.Exec(`VACUUM INTO $1`, path); err != nil {
		return err
	}
	other, err := sql.Open("sqlite", path)
	if err != nil {
		return err
	}
	defer other.Close()
	_, err = other.Exec(statement)
	return err
}

// readOnly is the path of a database that this user may not write, or empty
// where there is none: root writes into every folder but some of the kernel's.
func readOnly(t *testing.T) string {
	t.Helper()
	if os.Geteuid() != 0 {
		if err := os.Mkdir("closed", 0o500); err != nil {
			t.Fatal(err)
		}
		return filepath.Join("closed", "ella.db")
	}
	if _, err := os.Stat("/sys/kernel"); err == nil && runtime.GOOS == "linux" {
		return "/sys/kernel/ella.db"
	}
	return ""
}

// TestExposedKey: a key file that others can read is told of, with its name.
func TestExposedKey(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes of files are another thing there")
	}
	home(t)
	ella(t, "invite", "organiser", "--organisation", "One").want(t, exitDone)
	key := filepath.Join("config", "ella", "ella.key")
	if err := os.Chmod(key, 0o644); err != nil {
		t.Fatal(err)
	}
	ella(t, "doctor").want(t, exitDone, "others on this machine can read the key file", "ella.key", "chmod 600")
}

// TestDoctorFindsWhatWasSetAside: updates that nobody could handle are told of by
// reason, with what to do, and without a word of them.
func TestDoctorFindsWhatWasSetAside(t *testing.T) {
	home(t)
	ella(t, "invite", "organiser", "--organisation", "One").want(t, exitDone)
	s := openStage(t, "lee")
	for i := range 2 {
		raw := bot.Raw{Account: s.Account, Key: fmt.Sprint(i), Sender: "lee", Body: []byte(`{"Kind":"text","Text":"private words`)}
		if err := s.Accept(t.Context(), raw); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := ella(t, "doctor")
	r.want(t, exitFailed, "updates set aside after three tries: 2 (unreadable)", "it is kept", "then ask the doctor again")
	if strings.Contains(r.out+r.err, "private") || strings.Contains(r.out+r.err, "lee") {
		t.Errorf("the doctor tells what was in them:\n%s%s", r.out, r.err)
	}
}
