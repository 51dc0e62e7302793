package message_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ella/bot/message"
)

// The corpus holds messages as every release stored them: outboxes and phones in
// the field are full of such. Files are only ever added to it, never changed: a
// new version of the shape gets a folder of its own, and the old ones stay.
const corpus = "testdata/corpus"

// TestCorpus reads every stored message, and stores those of today's version
// again to the byte.
func TestCorpus(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(corpus, "*", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	for _, file := range files {
		stored, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var m message.Message
		if err := json.Unmarshal(stored, &m); err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		again, err := json.Marshal(m)
		if err != nil {
			t.Errorf("%s: %v", file, err)
		}
		if want := strings.TrimSuffix(string(stored), "\n"); filepath.Base(filepath.Dir(file)) == "v1" && string(again) != want {
			t.Errorf("%s: it is\n%s\nand is stored again as\n%s", file, want, again)
		}
	}
}

// TestCorpusIsWhole looks up in the source which kinds of blocks there are: each
// has a file of its own.
func TestCorpusIsWhole(t *testing.T) {
	source, err := os.ReadFile("message.go")
	if err != nil {
		t.Fatal(err)
	}
	kinds := regexp.MustCompile(`\) kind\(\) string +\{ return "([a-z-]+)" \}`).FindAllSubmatch(source, -1)
	if len(kinds) < 10 {
		t.Fatalf("found only %d kinds of blocks: has the source another form?", len(kinds))
	}
	for _, kind := range kinds {
		stored, err := os.ReadFile(filepath.Join(corpus, "v1", string(kind[1])+".json"))
		if err != nil || !strings.Contains(string(stored), `{"type":"`+string(kind[1])+`"`) {
			t.Errorf("the corpus lacks a %s: %v", kind[1], err)
		}
	}
}
