package place_test

import (
	"regexp"
	"testing"

	"ella/bot/place"
)

func FuzzFind(f *testing.F) {
	for _, seed := range []string{
		"", "B11 1AA", "b111aa", "N1 3", "BT1 5GS", "BFPO 12", "SEI 2AB", "B10 5AA", "my postcode is b11 1aa",
		"London", "لندن", "ሎንዶን", "我住在伦敦", "런던", "লন্ডন", "Newport", "birmin", "Birmingam",
		"I live in Leeds", "Richmond, London", "\xff\xfe", "\x00", "\u202e", "<b>Leeds</b>", "\ufdfa\ufdfa", "İstanbul", "ß",
	} {
		f.Add(seed)
	}
	g := load(f)
	postcode := regexp.MustCompile(`(?i)[A-Z]{1,2}[0-9][A-Z0-9]? *[0-9][A-Z]{2}`)
	problems := map[place.Problem]bool{
		place.ProblemNone: true, place.ProblemEmpty: true, place.ProblemTooLong: true, place.ProblemUnknown: true,
		place.ProblemPostcodeUnknown: true, place.ProblemOutside: true,
	}
	f.Fuzz(func(t *testing.T, text string) {
		answer := g.Find(text)
		if !problems[answer.Problem] {
			t.Errorf("the problem %q is not of the set", answer.Problem)
		}
		if (len(answer.Places) == 0) == (answer.Problem == place.ProblemNone) && answer.Problem != place.ProblemPostcodeUnknown {
			t.Errorf("%d places and the problem %q", len(answer.Places), answer.Problem)
		}
		if len(answer.Places) > 6 {
			t.Errorf("%d places", len(answer.Places))
		}
		if answer.Sure && (len(answer.Places) != 1 || answer.Problem != place.ProblemNone) {
			t.Errorf("sure with %d places and the problem %q", len(answer.Places), answer.Problem)
		}
		for i, p := range answer.Places {
			for _, s := range []string{p.Name, p.Region, p.Sector, p.Outcode} {
				if postcode.MatchString(s) {
					t.Errorf("%q holds a full postcode", s)
				}
			}
			if p.Name == "" || p.Outcode == "" || p.Kind == "" {
				t.Errorf("%+v is incomplete", p)
			}
			for _, other := range answer.Places[:i] {
				if p == other {
					t.Errorf("%+v is there twice", p)
				}
			}
		}
	})
}
