package group_test

import (
	"io"
	"regexp"
	"testing"

	"ella/bot/group"
)

// TestSample imports the sample directory as ella try does.
func TestSample(t *testing.T) {
	im, store := importer(t)
	report := run(t, im, group.Import{File: group.Sample(), Sample: true})
	if report.Count(group.Added) != 11 || report.Count(group.Refused) != 0 || !report.Done {
		t.Fatalf("got %+v", report.Lines)
	}
	nationwide := 0
	for _, g := range store.groups {
		if g.Nationwide {
			nationwide++
		}
		if !g.Sample || g.Closed || (g.Place == "") != g.Nationwide || (g.Town == "") != g.Nationwide {
			t.Errorf("%s: got %+v", g.Name, g)
		}
		if len(g.Languages) == 0 {
			t.Errorf("%s: no language", g.Name)
		}
		for column, texts := range map[string]map[string]string{"about": g.About, "meets": g.Meets, "joining": g.Joining} {
			for _, locale := range []string{"en", "ar", "pl", "uk"} {
				if texts[locale] == "" {
					t.Errorf("%s: no %s in %s", g.Name, column, locale)
				}
			}
		}
	}
	if nationwide != 3 {
		t.Errorf("got %d nationwide groups, want 3", nationwide)
	}
	if again := run(t, im, group.Import{File: group.Sample(), Sample: true}); again.Count(group.Unchanged) != 11 {
		t.Errorf("again: got %+v", again.Lines)
	}
}

// TestSampleNamesNobody holds the sample to public facts: no telephone number, no
// address of any kind and no full postcode.
func TestSampleNamesNobody(t *testing.T) {
	text, err := io.ReadAll(group.Sample())
	if err != nil {
		t.Fatal(err)
	}
	if found := regexp.MustCompile(`@|http|www|[0-9]{5}|[A-Z][0-9][0-9A-Z]? [0-9]`).FindString(string(text)); found != "" {
		t.Errorf("the sample holds %q", found)
	}
}
