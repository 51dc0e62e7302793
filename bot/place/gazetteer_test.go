package place_test

import (
	"math"
	"os"
	"strings"
	"sync"
	"testing"

	"ella/bot/place"
)

// loadOnce spares every test its own gazetteer, which is read-only.
var loadOnce = sync.OnceValues(place.Load)

func load(t testing.TB) *place.Gazetteer {
	t.Helper()
	g, err := loadOnce()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// summary puts an answer as "Leeds sure", "B11 postcode-unknown", "N1 3, N13 ask".
func summary(a place.Answer) string {
	var names []string
	for _, p := range a.Places {
		names = append(names, p.Name)
	}
	verdict := string(a.Problem)
	switch {
	case a.Problem != place.ProblemNone:
	case a.Sure:
		verdict = "sure"
	default:
		verdict = "ask"
	}
	return strings.TrimSpace(strings.Join(names, ", ") + " " + verdict)
}

func TestLocate(t *testing.T) {
	g := load(t)
	tests := []struct {
		where   string
		at      place.Point
		outcode string // "" for outside
	}{
		{"Sparkbrook", place.Point{Lat: 52.4623, Lng: -1.8718}, "B11"},
		{"Leeds station", place.Point{Lat: 53.7952, Lng: -1.5491}, "LS1"},
		{"Clapham Common, where an office of SW3 stands", place.Point{Lat: 51.4617, Lng: -0.1384}, "SW4"},
		{"Cardiff castle, once CF1", place.Point{Lat: 51.4822, Lng: -3.1812}, "CF10"},
		{"Belfast city hall", place.Point{Lat: 54.5965, Lng: -5.9301}, "BT2"},
		{"Derry, the west bank", place.Point{Lat: 54.9966, Lng: -7.3186}, "BT48"},
		{"Warrenpoint, across the lough from Omeath", place.Point{Lat: 54.1010, Lng: -6.2550}, "BT34"},
		{"Unst, the furthest north", place.Point{Lat: 60.7586, Lng: -0.8900}, "ZE2"},
		{"St Mary's, Scilly", place.Point{Lat: 49.9147, Lng: -6.3145}, "TR21"},
		{"Dover", place.Point{Lat: 51.1279, Lng: 1.3134}, "CT16"},

		{"nowhere", place.Point{}, ""},
		{"Douglas, Isle of Man", place.Point{Lat: 54.150, Lng: -4.486}, ""},
		{"Saint Helier, Jersey", place.Point{Lat: 49.186, Lng: -2.106}, ""},
		{"Dublin", place.Point{Lat: 53.350, Lng: -6.260}, ""},
		{"Dundalk", place.Point{Lat: 54.004, Lng: -6.405}, ""},
		{"Letterkenny", place.Point{Lat: 54.950, Lng: -7.734}, ""},
		{"Calais", place.Point{Lat: 50.951, Lng: 1.858}, ""},
		{"Paris", place.Point{Lat: 48.857, Lng: 2.352}, ""},
		{"Kabul", place.Point{Lat: 34.528, Lng: 69.172}, ""},
		{"the North Sea", place.Point{Lat: 56.5, Lng: 3}, ""},
		{"beyond the pole", place.Point{Lat: 152, Lng: -1}, ""},
		{"NaN", place.Point{Lat: math.NaN(), Lng: -1}, ""},
		{"infinity", place.Point{Lat: 52, Lng: math.Inf(1)}, ""},
	}
	for _, test := range tests {
		got, ok := g.Locate(test.at)
		if got.Outcode != test.outcode || ok != (test.outcode != "") {
			t.Errorf("%s: got %q, %v, want %q", test.where, got.Outcode, ok, test.outcode)
		}
	}
}

func TestLocateForgetsTheExactPoint(t *testing.T) {
	g := load(t)
	centre := g.Find("B11 1").Places[0].Point
	want, _ := g.Locate(centre)
	for _, d := range []float64{0.0001, -0.0002, 0.00035} {
		got, ok := g.Locate(place.Point{Lat: centre.Lat + d, Lng: centre.Lng - d})
		if !ok || got != want {
			t.Errorf("a step away: %+v, want %+v", got, want)
		}
	}
	if want.Point != centre {
		t.Errorf("the point is %v, want the middle of the sector %v", want.Point, centre)
	}
}

func TestSector(t *testing.T) {
	g := load(t)
	for _, name := range []string{"B11 1", "B11", "EC1A 1", "BT1"} {
		p, ok := g.Sector(name)
		if !ok || p.Name != name {
			t.Errorf("Sector(%q) = %+v, %v", name, p, ok)
		}
	}
	for _, name := range []string{"", " ", "b11", "B11 ", "B11 1AA", "BT1 1", "London", "ZZ1"} {
		if p, ok := g.Sector(name); ok {
			t.Errorf("Sector(%q) = %+v", name, p)
		}
	}
}

// TestPlacesCanBeStored checks that whatever a found place says of its sector and
// outcode can be looked up again.
func TestPlacesCanBeStored(t *testing.T) {
	g := load(t)
	for _, text := range []string{"Leeds", "Newport", "Belfast", "Derry", "N1 3", "ZE2", "Bangor", "لندن", "Stornoway"} {
		for _, p := range g.Find(text).Places {
			if _, ok := g.Sector(p.Outcode); !ok {
				t.Errorf("%s: no outcode %q", text, p.Outcode)
			}
			if _, ok := g.Sector(p.Sector); !ok && !strings.HasPrefix(p.Outcode, "BT") {
				t.Errorf("%s: no sector %q", text, p.Sector)
			}
		}
	}
}

func TestAttribution(t *testing.T) {
	licence, err := os.ReadFile("data/LICENSE.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := place.Attribution()
	if len(lines) != 4 {
		t.Errorf("%d lines", len(lines))
	}
	for _, line := range lines {
		if !strings.Contains(string(licence), line) {
			t.Errorf("data/LICENSE.md lacks %q", line)
		}
	}
}

func TestDistance(t *testing.T) {
	london, edinburgh := place.Point{Lat: 51.5074, Lng: -0.1278}, place.Point{Lat: 55.9533, Lng: -3.1883}
	if km := place.Distance(london, edinburgh); math.Abs(km-534) > 2 {
		t.Errorf("London to Edinburgh is %.1f km", km)
	}
	if km := place.Distance(london, london); km != 0 {
		t.Errorf("London to London is %v km", km)
	}
	if km := place.Distance(place.Point{Lat: 0, Lng: 179}, place.Point{Lat: 0, Lng: -179}); math.Abs(km-222.4) > 1 {
		t.Errorf("across the date line is %.1f km", km)
	}
	if km := place.Distance(place.Point{Lat: 90}, place.Point{Lat: -90}); math.Abs(km-20015) > 1 {
		t.Errorf("pole to pole is %.1f km", km)
	}
}

func TestConcurrentUse(t *testing.T) {
	g := load(t)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for _, text := range []string{"B11 1AA", "Newport", "Birningam", "لندن", "I live in Leeds"} {
				g.Find(text)
			}
			g.Locate(place.Point{Lat: 53.8, Lng: -1.55})
		})
	}
	group.Wait()
}
