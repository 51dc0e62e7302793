package place_test

import (
	"testing"

	"ella/bot/place"
)

func TestFindPostcode(t *testing.T) {
	g := load(t)
	tests := []struct {
		text string
		want string // the names found, then "sure" or the problem
	}{
		// Every way to write one postcode.
		{"B11 1AA", "B11 1 sure"},
		{"b11 1aa", "B11 1 sure"},
		{"B111AA", "B11 1 sure"},
		{"b11-1aa", "B11 1 sure"},
		{"b11.1aa", "B11 1 sure"},
		{"  b 1 1 1 a a ", "B11 1 sure"},
		{"\tB11\u00a01AA\n", "B11 1 sure"},
		{"Ｂ１１　１ＡＡ", "B11 1 sure"},
		{"B١١ ١AA", "B11 1 sure"},
		{"B۱۱ ۱AA", "B11 1 sure"},
		{"B११ १AA", "B11 1 sure"},
		{"\u200fB11 1AA\u200e", "B11 1 sure"},
		{"SW1A 1AA", "SW1A 1 sure"},
		{"EC1A1BB", "EC1A 1 sure"},
		{"W1A 0AX", "W1A 0 sure"},
		{"M1 1AE", "M1 1 sure"},
		{"CR2 6XH", "CR2 6 sure"},
		{"DN55 1PT", "DN55 1 sure"},

		// O and 0, I and 1 told apart by where they stand.
		{"SEI 2AB", "SE1 2 sure"},
		{"0X1 2JD", "OX1 2 sure"},
		{"OXI 2JD", "OX1 2 sure"},
		{"BI1 IAA", "B11 1 sure"},
		{"IG1 IAA", "IG1 1 sure"},
		{"1G1 1AA", "IG1 1 sure"},
		{"M2O 2AB", "M20 2 sure"},
		{"LSl 4AP", "unknown"}, // l is a letter of its own

		// Sectors and outcodes.
		{"B11 1", "B11 1 sure"},
		{"B111", "B11 1 sure"},
		{"B11", "B11 sure"},
		{"b 11", "B11 sure"},
		{"LS7", "LS7 sure"},
		{"EC1A", "EC1A sure"},
		{"N13", "N13 sure"},
		{"N1 3", "N1 3, N13 ask"},
		{"N1-3", "N1 3, N13 ask"},
		{"E1 4", "E1 4, E14 ask"},
		{"N1 3AB", "N1 3 sure"},

		// Old ones are known too.
		{"SO1 2AB", "SO1 2 sure"},
		{"CF1 3", "CF1 3 sure"},

		// Northern Ireland has districts and no sectors.
		{"BT1 5GS", "BT1 sure"},
		{"bt94", "BT94 sure"},
		{"BT481", "BT48 sure"},
		{"BT4 8", "BT4, BT48 ask"},
		{"BT99 1AA", "postcode-unknown"},

		// The shape of a postcode, and no such one.
		{"B10 5AA", "B10 postcode-unknown"},
		{"B105AA", "B10 postcode-unknown"},
		{"LS1 0", "LS10 sure"}, // there is no sector LS1 0
		{"ZZ1 1AA", "postcode-unknown"},
		{"AB98 1AA", "postcode-unknown"},
		{"Q1", "postcode-unknown"},

		// Outside the map.
		{"JE2 3AB", "outside"},
		{"GY1 1AA", "outside"},
		{"im1", "outside"},
		{"BFPO 12", "outside"},
		{"bfpo5765", "outside"},
		{"BF1 0AX", "outside"},
		{"GX11 1AA", "outside"},
		{"GIR 0AA", "outside"},
		{"ASCN 1ZZ", "outside"},
		{"FIQQ 1ZZ", "outside"},
		{"AI-2640", "outside"},
		{"KY1-1234", "outside"},
		{"KY1 1XX", "KY1 1 sure"},
		{"VG1110", "outside"},

		// Not postcodes at all.
		{"M", "unknown"},
		{"LS", "unknown"},
		{"EI", "unknown"},
		{"18:00", "unknown"},
		{"1800", "unknown"},
		{"+44 7700 900123", "unknown"},
		{"B11 1A", "B11 ask"},
		{"B11 1CC", "B11 ask"}, // C never ends a postcode
		{"Б11 1АА", "unknown"},
	}
	for _, test := range tests {
		if got := summary(g.Find(test.text)); got != test.want {
			t.Errorf("Find(%q) = %s, want %s", test.text, got, test.want)
		}
	}
}

func TestFindKeepsNoFullPostcode(t *testing.T) {
	g := load(t)
	for _, pair := range [][2]string{{"B11 1AA", "B11 1ZZ"}, {"BT1 5GS", "BT1 5XX"}, {"LS2 7AA leeds", "LS2 7ZZ leeds"}} {
		one, other := g.Find(pair[0]), g.Find(pair[1])
		if len(one.Places) != 1 || one.Places[0] != other.Places[0] {
			t.Errorf("%v are told apart: %v, %v", pair, one, other)
		}
	}
}

func TestFindPostcodePlace(t *testing.T) {
	g := load(t)
	want := place.Place{
		Kind:    place.KindPostcode,
		Name:    "B11 1",
		Region:  "Birmingham",
		Sector:  "B11 1",
		Outcode: "B11",
	}
	got := g.Find("B11 1AA").Places[0]
	if km := place.Distance(got.Point, place.Point{Lat: 52.462, Lng: -1.872}); km > 1 {
		t.Errorf("B11 1 lies %.1f km from Sparkbrook", km)
	}
	got.Point = place.Point{}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}

	outcode := g.Find("B11").Places[0]
	if outcode.Kind != place.KindOutcode || outcode.Outcode != "B11" || outcode.Sector[:4] != "B11 " {
		t.Errorf("the outcode is %+v", outcode)
	}
	district := g.Find("BT1").Places[0]
	if district.Kind != place.KindOutcode || district.Outcode != "BT1" || district.Sector != "" || district.Region != "Belfast" {
		t.Errorf("the district is %+v", district)
	}
}
