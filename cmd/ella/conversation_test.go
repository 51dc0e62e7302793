package main

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ella/adapters/slack"
	"ella/adapters/telegram"
	"ella/adapters/web"
	"ella/bot/bottest"
	"ella/bot/message"
)

var update = flag.Bool("update", false, "write golden files anew")

// TestConversations plays the golden conversations on real SQLite, each with its
// own members, and compares every word. Then it plays each once more in every
// other language. Every message of every take must fit every platform.
func TestConversations(t *testing.T) {
	files, err := filepath.Glob("testdata/conversations/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no conversations: %v", err)
	}
	e := loadEmbedded(t)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			script := bottest.Parse(string(want))
			take := play(t, e, script, nil, "")
			if take.Text != string(want) {
				if !*update {
					t.Errorf("the conversation went another way (run with -update and read the difference):\n%s", difference(string(want), take.Text))
				} else if err := os.WriteFile(file, []byte(take.Text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			for _, l := range e.language.Locales() {
				play(t, e, script, take.Presses, l.Tag)
			}
			if faults := e.language.Faults(); len(faults) > 0 {
				t.Errorf("entries that were missing or lacked a value: %v", faults)
			}
		})
	}
}

func play(t *testing.T, e embedded, script bottest.Script, presses []bottest.Press, locale string) bottest.Take {
	t.Helper()
	s := newFileStage(t, e, script.People()...)
	take, err := script.Play(t.Context(), s.Stage, presses, locale)
	if err != nil {
		t.Fatalf("%s: %v\n%s", locale, err, take.Text)
	}
	for _, m := range take.Messages {
		fits(t, m)
	}
	for _, f := range take.Forms {
		if fault := bottest.FormFault(f); fault != "" {
			t.Errorf("a form in %s fits no platform: %s", f.Locale, fault)
		}
		if _, err := slack.LowerForm(f, "/ella"); err != nil {
			t.Errorf("Slack can't show a form in %s: %v", f.Locale, err)
		}
	}
	for _, page := range take.Pages {
		if _, err := slack.LowerPage(page, "/ella"); err != nil {
			t.Errorf("Slack can't show a page in %s: %v\n%s", page.Locale, err, page.Text())
		}
	}
	for _, words := range script.Words() {
		if strings.Contains(s.log.String(), words) {
			t.Errorf("what somebody said is in the log: %q", words)
		}
	}
	return take
}

// fits lowers a message by every adapter against that platform's limits.
func fits(t *testing.T, m message.Message) {
	t.Helper()
	if _, err := web.Lower(m); err != nil {
		t.Errorf("the web page can't carry a message in %s: %v\n%s", m.Locale, err, m.Text())
	}
	if _, err := telegram.Lower(m); err != nil {
		t.Errorf("Telegram can't carry a message in %s: %v\n%s", m.Locale, err, m.Text())
	}
	if _, err := slack.Lower(m, "/ella"); err != nil {
		t.Errorf("Slack can't carry a message in %s: %v\n%s", m.Locale, err, m.Text())
	}
}

// difference shows the first lines that differ.
func difference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(w), len(g)) {
		var a, b string
		if i < len(w) {
			a = w[i]
		}
		if i < len(g) {
			b = g[i]
		}
		if a != b {
			return "want " + a + "\ngot  " + b
		}
	}
	return ""
}
