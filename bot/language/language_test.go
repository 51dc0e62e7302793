package language_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"ella/bot/language"
	"ella/bot/message"
)

// folder is where the catalogues that Ella ships are.
const folder = "../../locales"

// shipped is the bundle of the catalogues that Ella ships. What is wrong with
// them fails one test only, TestShippedCatalogues.
func shipped(t testing.TB) *language.Bundle {
	t.Helper()
	b, err := language.Load(os.DirFS(folder))
	if err != nil {
		t.Log("the shipped catalogues have faults")
	}
	return b
}

// files makes a folder of catalogues, by tag, with the shipped CLDR table. Each
// gets its meta part.
func files(t testing.TB, catalogues map[string]string) fstest.MapFS {
	t.Helper()
	table, err := os.ReadFile(folder + "/cldr.json")
	if err != nil {
		t.Fatalf("read the table: %v", err)
	}
	fsys := fstest.MapFS{"cldr.json": {Data: table}}
	for tag, text := range catalogues {
		fsys[tag+".toml"] = &fstest.MapFile{Data: []byte("meta.endonym = \"" + tag + "\"\nmeta.reviewed_by = \"a test\"\n" + text)}
	}
	return fsys
}

// load makes a bundle of sound catalogues.
func load(t testing.TB, catalogues map[string]string) *language.Bundle {
	t.Helper()
	b, err := language.Load(files(t, catalogues))
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	return b
}

// tableTags are the tags of the CLDR table, sorted.
func tableTags(t testing.TB) []string {
	t.Helper()
	data, err := os.ReadFile(folder + "/cldr.json")
	if err != nil {
		t.Fatalf("read the table: %v", err)
	}
	var table struct {
		Locales map[string]json.RawMessage `json:"locales"`
	}
	if err := json.Unmarshal(data, &table); err != nil {
		t.Fatalf("read the table: %v", err)
	}
	var tags []string
	for tag := range table.Locales {
		tags = append(tags, tag)
	}
	slices.Sort(tags)
	return tags
}

// everyTag is a bundle with a tiny catalogue for each tag of the table.
func everyTag(t testing.TB) *language.Bundle {
	t.Helper()
	catalogues := map[string]string{}
	for _, tag := range tableTags(t) {
		catalogues[tag] = "greeting = \"" + tag + "\"\n"
	}
	return load(t, catalogues)
}

// show writes spans with the kind of each that is no text: "[count 3] km".
func show(spans []message.Span) string {
	var b strings.Builder
	for _, s := range spans {
		switch {
		case s.Kind == message.Text:
			b.WriteString(s.Text)
		case s.URL != "":
			b.WriteString("[" + string(s.Kind) + " " + s.Text + " " + s.URL + "]")
		default:
			b.WriteString("[" + string(s.Kind) + " " + s.Text + "]")
		}
	}
	return b.String()
}
