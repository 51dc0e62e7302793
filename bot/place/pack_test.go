package place_test

import (
	"strings"
	"testing"

	"ella/bot/place"
)

// TestPack puts places into buttons and takes them out again, by their name where
// that fits.
func TestPack(t *testing.T) {
	g := load(t)
	for name, c := range map[string]struct {
		place  place.Place
		most   int
		packed string
		read   string // its name once it is read again
		label  string
	}{
		"a town":        {place.Place{Name: "Newport", Region: "Wales", Sector: "NP20 4", Outcode: "NP20"}, 14, "NP20 4|Newport", "Newport", "Newport (Wales)"},
		"no room":       {place.Place{Name: "Newport", Region: "Newport", Sector: "NP20 4", Outcode: "NP20"}, 13, "NP20 4", "NP20 4", "Newport"},
		"no sector":     {place.Place{Name: "Belfast", Outcode: "BT1"}, 30, "BT1|Belfast", "Belfast", "Belfast"},
		"an outcode":    {place.Place{Name: "BT1", Outcode: "BT1", Region: "Belfast"}, 30, "BT1", "BT1", "BT1 (Belfast)"},
		"in any script": {place.Place{Name: "Бірмінгем", Sector: "B11 1"}, 30, "B11 1|Бірмінгем", "Бірмінгем", "Бірмінгем"},
	} {
		t.Run(name, func(t *testing.T) {
			packed := c.place.Pack(c.most)
			if packed != c.packed || c.place.Label() != c.label || !strings.HasPrefix(packed, c.place.Code()) {
				t.Errorf("got %q for %q", packed, c.place.Label())
			}
			if found, ok := g.Unpack(packed); !ok || found.Name != c.read || found.Code() != c.place.Code() {
				t.Errorf("read again as %+v, %v", found, ok)
			}
		})
	}
	for _, forged := range []string{"", "|", "|Leeds", "XX1|Leeds", "Leeds"} {
		if found, ok := g.Unpack(forged); ok {
			t.Errorf("%q is %+v", forged, found)
		}
	}
	if found, ok := g.Unpack("B11|\xff"); !ok || found.Name != "B11" {
		t.Errorf("a broken name gives %+v, %v", found, ok)
	}
}
