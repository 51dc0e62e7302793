package place_test

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"ella/bot/place"
)

// rows returns the fields of a table made by hand.
func rows(t *testing.T, name string) [][]string {
	t.Helper()
	text, err := os.ReadFile("data/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		if line != "" && line[0] != '#' {
			rows = append(rows, strings.Split(line, "\t"))
		}
	}
	return rows
}

func point(t *testing.T, lat, lng string) place.Point {
	t.Helper()
	north, err := strconv.ParseFloat(lat, 64)
	if err != nil {
		t.Fatal(err)
	}
	east, err := strconv.ParseFloat(lng, 64)
	if err != nil {
		t.Fatal(err)
	}
	return place.Point{Lat: north, Lng: east}
}

// TestNeighbourhoods checks that every place made by hand is found under each of its
// names, where it says and near the town it is part of.
func TestNeighbourhoods(t *testing.T) {
	g := load(t)
	for _, row := range rows(t, "neighbourhoods.tsv") {
		at, names := point(t, row[3], row[4]), []string{row[0]}
		if len(row) > 5 && row[5] != "" {
			names = append(names, strings.Split(row[5], ",")...)
		}
		for _, name := range names {
			if !found(g, name, at, 0.001) {
				t.Errorf("%s is not found as %s", row[0], name)
			}
		}
		if len(row) > 6 && !found(g, row[6], at, 30) {
			t.Errorf("%s is far from %s", row[0], row[6])
		}
	}
}

// found reports whether a place of this name lies within km of at.
func found(g *place.Gazetteer, name string, at place.Point, km float64) bool {
	for _, p := range g.Find(name).Places {
		if place.Distance(p.Point, at) <= km {
			return true
		}
	}
	return false
}

func TestNeighbourhoodsLieInTheirOutcode(t *testing.T) {
	g := load(t)
	for name, outcode := range map[string]string{
		"Sparkbrook": "B11", "Govanhill": "G42", "Splott": "CF24", "Tottenham": "N15", "Toxteth": "L8",
		"Moss Side": "M14", "Whitechapel": "E1", "Tooting": "SW17", "Brixton": "SW9", "Peckham": "SE15",
		"Small Heath": "B10", "Butetown": "CF10", "Page Hall": "S4", "Hyson Green": "NG7", "Foleshill": "CV6",
		"Bury Park": "LU1", "Harehills": "LS8", "Manningham": "BD8", "Pear Tree": "DE23", "Lawrence Hill": "BS5",
		"Leith": "EH6", "Maindee": "NP19", "Shankill": "BT13", "Byker": "NE6", "Clapham": "SW4", "Ladywood": "B18",
	} {
		if got := g.Find(name).Places[0].Outcode; got != outcode {
			t.Errorf("%s lies in %s, want %s", name, got, outcode)
		}
	}
}

func TestSpellings(t *testing.T) {
	g := load(t)
	for _, row := range rows(t, "spellings.tsv") {
		for spelling := range strings.SplitSeq(row[1], ",") {
			hit := false
			for _, p := range g.Find(spelling).Places {
				hit = hit || p.Name == row[0]
			}
			if !hit {
				t.Errorf("%s is not found as %s", row[0], spelling)
			}
		}
	}
}

func TestNorthernIreland(t *testing.T) {
	g := load(t)
	districts := map[string]bool{}
	for _, row := range rows(t, "northern_ireland.tsv") {
		if p, ok := g.Locate(point(t, row[2], row[3])); !ok || p.Name != row[0] {
			t.Errorf("%s lies in %q, want %s", row[1], p.Name, row[0])
		}
		if !districts[row[0]] && row[0] != "BT68" && len(g.Find(row[1]).Places) == 0 {
			t.Errorf("the post town %s is not found", row[1])
		}
		districts[row[0]] = true
	}
	if len(districts) != 81 {
		t.Errorf("%d districts, want 81", len(districts))
	}
}

func TestOutside(t *testing.T) {
	g := load(t)
	for _, row := range rows(t, "outside.tsv") {
		if p, ok := g.Locate(point(t, row[1], row[2])); ok {
			t.Errorf("%s lies in %s", row[0], p.Name)
		}
		if got := g.Find(row[0]); got.Problem != place.ProblemOutside {
			t.Errorf("Find(%q) = %s", row[0], summary(got))
		}
	}
}

// TestRetired checks that an old outcode is found, where the tables have it, and that
// nobody who shares a location there is given it.
func TestRetired(t *testing.T) {
	g := load(t)
	for _, row := range rows(t, "retired.tsv") {
		for outcode := range strings.FieldsSeq(row[0]) {
			names := []string{outcode}
			if len(row) > 1 {
				names = nil
				for _, digit := range row[1] {
					names = append(names, outcode+" "+string(digit))
				}
			}
			for _, name := range names {
				old, ok := g.Sector(name)
				if now, here := g.Locate(old.Point); ok && here && (now.Name == name || len(row) == 1 && now.Outcode == outcode) {
					t.Errorf("a location in %s is given %s", name, now.Name)
				}
			}
		}
	}
}
