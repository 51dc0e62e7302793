package main

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"ella/bot"
	"ella/storage"
)

// result is what a run of the program left.
type result struct {
	code     int
	out, err string
}

// ella runs the program in this process.
func ella(t *testing.T, args ...string) result {
	t.Helper()
	var out, errout bytes.Buffer
	code := run(t.Context(), args, &out, &errout)
	r := result{code, out.String(), errout.String()}
	r.readable(t, args)
	return r
}

// internal are words that say nothing to whoever starts Ella: the names of
// packages, of types, of what a compiler knows.
var internal = regexp.MustCompile(`(?m)goroutine|panic|\.go:\d|%!|<nil>|runtime error|(?:^|: |→ )(?:bot|storage|group|web|sql|kong|tink|json|language): |SQLSTATE|unmarshal|context canceled|\[\]byte|interface`)

// readable checks that everything said is fit for people, and that a failure says
// something.
func (r result) readable(t *testing.T, args []string) {
	t.Helper()
	if found := internal.FindString(r.out + r.err); found != "" {
		t.Errorf("ella %q speaks of %q:\n%s%s", args, found, r.out, r.err)
	}
	if failed := strings.Contains("\n"+r.err, "\nella: "); failed != (r.code != exitDone) {
		t.Errorf("ella %q ends with %d and says\n%s", args, r.code, r.err)
	}
}

// want checks the exit code and that some words were said, wherever.
func (r result) want(t *testing.T, code int, words ...string) {
	t.Helper()
	if r.code != code {
		t.Errorf("exit code %d, want %d", r.code, code)
	}
	for _, w := range words {
		if !strings.Contains(r.out+r.err, w) {
			t.Errorf("nobody says %q:\n%s%s", w, r.out, r.err)
		}
	}
}

// home is a machine on which nobody has used Ella: an empty folder, which is the
// current one, and no variable.
func home(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	t.Chdir(dir)
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "ELLA_") && !strings.HasPrefix(name, "ELLA_TEST_") {
			t.Setenv(name, "") // so that it comes back after the test
			os.Unsetenv(name)
		}
	}
	// Where Unix, Windows and macOS have the configuration of a user.
	for _, v := range []string{"XDG_CONFIG_HOME", "AppData", "HOME"} {
		t.Setenv(v, filepath.Join(dir, "config"))
	}
	return dir
}

func TestHelp(t *testing.T) {
	home(t)
	for _, args := range [][]string{nil, {"--help"}, {"-h"}} {
		r := ella(t, args...)
		r.want(t, exitDone, "Begin with:", "try", "serve", "invite", "import groups", "locales check", "doctor", "migrate", "version")
		if r.err != "" {
			t.Errorf("help is no error: %s", r.err)
		}
	}
	ella(t, "serve", "--help").want(t, exitDone, "$ELLA_DATABASE", "$ELLA_KEY_FILE", "$ELLA_LISTEN", "$ELLA_TIMEZONE", "$ELLA_LOG", "ella.db", "Europe/London")
	ella(t, "try", "--help").want(t, exitDone, "$ELLA_LISTEN", "--fresh", "--dir")
	ella(t, "import", "groups", "--help").want(t, exitDone, "postcode", "--dry-run", "about:ar")
	ella(t, "invite", "--help").want(t, exitDone, "organiser, leader, or guardian", "--group")
	ella(t, "version").want(t, exitDone, "ella ")
	ella(t, "locales", "check").want(t, exitDone, "English", "العربية", "Polski", "Українська")
}

func TestWrongUsage(t *testing.T) {
	dir := home(t)
	for _, c := range []struct {
		args  string
		words []string
	}{
		{"nosuch", []string{"nosuch", "ella --help"}},
		{"serve extra", []string{"extra", "ella --help"}},
		{"serve --nosuch", []string{"--nosuch", "ella --help"}},
		{"serve --listen", []string{"--listen", "ella --help"}},
		{"import", []string{"groups", "ella --help"}},
		{"import groups", []string{"<file>", "ella --help"}},
		{"import groups nosuch.csv", []string{"nosuch.csv", "check its name"}},
		{"import groups .", []string{"is a folder", "name the CSV file"}},
		{"invite", []string{"<role>", "ella --help"}},
		{"invite boss", []string{"organiser", "leader", "boss"}},
		{"invite leader", []string{"--group"}},
		{"invite organiser --group x", []string{"leave --group out"}},
		{"doctor --timezone Mars/Base", []string{`"Mars/Base"`, "such as Europe/London"}},
		{"doctor --log loud", []string{`"loud"`, "text or json"}},
		{"serve --listen nowhere", []string{`"nowhere"`, "host:port"}},
		{"serve --listen 127.0.0.1:99999", []string{`"127.0.0.1:99999"`, "host:port"}},
		{"try --listen 0.0.0.0:0", []string{"0.0.0.0", "use 127.0.0.1"}},
		{"serve --database mysql://u:secret@h/x", []string{"mysql://", "name a file", "postgres://"}},
		{"serve --database=", []string{"ELLA_DATABASE is empty", "name a file"}},
		{"migrate --database postgres://h/x", []string{"ELLA_KEY_FILE is not set", "say where the key is"}},
	} {
		r := ella(t, strings.Fields(c.args)...)
		r.want(t, exitUsage, c.words...)
		if strings.Contains(r.err+r.out, "secret") {
			t.Errorf("ella %s says a password", c.args)
		}
	}
	// Whoever mistypes a command has made nothing.
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) > 1 || len(entries) == 1 && entries[0].Name() != "config" {
		t.Errorf("wrong usage left %v (%v)", entries, err)
	}
}

// TestAllFaultsAtOnce: whoever starts Ella the first time is not sent from one
// fault to the next.
func TestAllFaultsAtOnce(t *testing.T) {
	home(t)
	for name, value := range map[string]string{
		"ELLA_DATABASE": "postgres://u:secret@h/x", "ELLA_KEY_FILE": "", "ELLA_LISTEN": "nowhere", "ELLA_TIMEZONE": "Mars/Base", "ELLA_LOG": "loud",
	} {
		t.Setenv(name, value)
	}
	all := []string{"ELLA_KEY_FILE is not set", `ELLA_TIMEZONE="Mars/Base"`, "such as Europe/London", `ELLA_LOG="loud"`, "text or json"}
	for _, command := range []string{"doctor", "migrate", "invite organiser", "import groups cli_test.csv"} {
		if err := os.WriteFile("cli_test.csv", []byte("id,name\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		ella(t, strings.Fields(command)...).want(t, exitUsage, all...)
	}
	ella(t, "serve").want(t, exitUsage, append(all, `ELLA_LISTEN="nowhere"`, "host:port")...)
	ella(t, "invite", "leader").want(t, exitUsage, append(all, "--group")...)
	// Flags win over variables.
	ella(t, "doctor", "--database", "x.db", "--timezone", "Asia/Kabul", "--log", "json,warn").want(t, exitFailed, "no database at x.db", "ella migrate")
}

// TestBeginning takes the way of somebody who sets Ella up: tables, the first
// organiser, the directory, a leader, and the codes typed into a chat.
func TestBeginning(t *testing.T) {
	home(t)
	ella(t, "doctor").want(t, exitFailed, "no database at ella.db", "ella migrate")
	ella(t, "migrate").want(t, exitDone, "up to date")
	ella(t, "migrate").want(t, exitDone, "up to date")
	ella(t, "invite", "organiser").want(t, exitUsage, "there is no organisation yet", "--organisation")
	if err := os.WriteFile("groups.csv", []byte("id,name,town\n1,Leeds Together,Leeds\n2,Luton Together,Luton\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ella(t, "import", "groups", "groups.csv").want(t, exitUsage, "no such organisation yet", "ella invite organiser")
	ella(t, "doctor").want(t, exitFailed, "there is no organisation", "ella invite organiser --organisation NAME")

	t.Setenv("ELLA_TIMEZONE", "Asia/Kabul")
	first := ella(t, "invite", "organiser", "--organisation", "Another Roof")
	first.want(t, exitDone, "an organiser of Another Roof", "It works once", "Only a hash of it is kept")
	kabul, err := time.LoadLocation("Asia/Kabul")
	if err != nil {
		t.Fatal(err)
	}
	until := time.Now().Add(15 * time.Minute).In(kabul)
	if !strings.Contains(first.out, until.Format("15:04")) && !strings.Contains(first.out, until.Add(-time.Minute).Format("15:04")) {
		t.Errorf("it should work until about %s in Kabul:\n%s", until.Format("15:04"), first.out)
	}
	ella(t, "invite", "organiser").want(t, exitDone, "an organiser of Another Roof")

	ella(t, "import", "groups", "--dry-run", "groups.csv").want(t, exitDone, "2 added", "dry run", "Leeds Together")
	ella(t, "import", "groups", "groups.csv").want(t, exitDone, "2 added, 0 changed, 0 unchanged, 0 refused")
	ella(t, "import", "groups", "groups.csv").want(t, exitDone, "0 added, 0 changed, 2 unchanged, 0 refused")
	ella(t, "invite", "leader", "--group", "Luton").want(t, exitUsage, `no group "Luton"`, "check the spelling")
	leader := ella(t, "invite", "leader", "--group", "luton together")
	leader.want(t, exitDone, "a leader of Luton Together")
	ella(t, "invite", "leader", "--group", "1").want(t, exitDone, "a leader of Leeds Together")
	ella(t, "doctor").want(t, exitDone, "the key fits", "organisations: 1, groups: 2")

	s := openStage(t, "grace", "maria", "lee")
	for who, c := range map[string]struct {
		run  result
		says string
	}{"grace": {first, "an organiser of ⟨Another Roof⟩"}, "maria": {leader, "a leader of ⟨Luton Together⟩"}} {
		s.press(t, who, "v1:member.language::en")
		s.press(t, who, "v1:member.consent::yes")
		code := regexp.MustCompile(`/join [0-9A-Z-]+`).FindString(c.run.out)
		s.say(t, who, code)
		if h := s.presses(t, who, "Yes, I want that"); !strings.Contains(h.text(), c.says) {
			t.Errorf("%s gives\n%s", code, h.text())
		}
		if h := s.say(t, "lee", code); strings.Contains(h.text(), c.says) {
			t.Errorf("%s works twice", code)
		}
	}
	s.allWell(t)
}

// openStage plays on the database that the command line made.
func openStage(t *testing.T, people ...string) *stage {
	t.Helper()
	db, err := storage.Open(t.Context(), storage.Options{URL: "ella.db", KeyFile: filepath.Join("config", "ella", "ella.key")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return newStage(t, loadEmbedded(t), db, bot.SystemClock{}, slog.New(slog.DiscardHandler), people...)
}

func TestImportFaults(t *testing.T) {
	home(t)
	ella(t, "invite", "organiser", "--organisation", "One").want(t, exitDone, "A new key was made", "Keep a copy")
	ella(t, "invite", "organiser", "--organisation", "Two").want(t, exitDone)
	for name, c := range map[string]struct {
		file  string
		words []string
	}{
		"wrong header": {"x,y\n1,2\n", []string{`no column "x"`, `column "id" is missing`, "Columns are"}},
		"wrong line":   {"id,name,town\n1,A,Leeds\n2,B,Atlantis\n3,C\n", []string{"line 2: added", "line 3: refused", "line 4: refused", "1 added", "2 refused", "nothing was imported", "run it again"}},
		"Latin-1":      {"id,name,town\n1,Caf\xe9,Leeds\n", []string{"line 2: refused", "UTF-8"}},
		"formula":      {"id,name,town\n1,=cmd,Leeds\n", []string{"line 2: refused", "formula"}},
		"empty":        {"", []string{"it is empty", "must name the columns"}},
	} {
		if err := os.WriteFile("groups.csv", []byte(c.file), 0o600); err != nil {
			t.Fatal(err)
		}
		r := ella(t, "import", "groups", "--organisation", "one", "groups.csv")
		r.want(t, exitFailed, c.words...)
		if t.Failed() {
			t.Fatalf("with %s", name)
		}
	}
	ella(t, "import", "groups", "groups.csv").want(t, exitUsage, "several organisations", "--organisation", "One, Two")
	ella(t, "invite", "organiser").want(t, exitUsage, "several organisations", "--organisation")
	ella(t, "doctor").want(t, exitDone, "groups: 0")
}
