package language_test

import (
	"fmt"
	"strings"
	"testing"

	xlanguage "golang.org/x/text/language"

	"ella/bot/language"
)

func TestResolve(t *testing.T) {
	all := []string{"en", "ar", "pl", "ru", "fa", "fa-AF", "ku", "pa-Arab", "zh-Hans", "pt", "tr", "am", "ro", "he", "ur"}
	exact := func(locale string) language.Resolution { return language.Resolution{Locale: locale, Exact: true} }
	declared := func(locale string) language.Resolution { return language.Resolution{Locale: locale, Declared: true} }
	english := language.Resolution{Locale: "en"}
	without := func(gone ...string) []string {
		var kept []string
		for _, tag := range all {
			keep := true
			for _, g := range gone {
				keep = keep && tag != g
			}
			if keep {
				kept = append(kept, tag)
			}
		}
		return kept
	}
	for _, c := range []struct {
		tag        string
		catalogues []string
		want       language.Resolution
	}{
		{"en", all, exact("en")},
		{"en-GB", all, exact("en")},
		{"en_us", all, exact("en")},
		{"eng", all, exact("en")},
		{"ar-SY", all, exact("ar")},
		{"arb", all, exact("ar")},
		{"pt-br", all, exact("pt")},
		{"iw", all, exact("he")},
		{"mo", all, exact("ro")},
		{"prs", all, exact("fa-AF")},
		{"prs-AF", all, exact("fa-AF")},
		{"fa-af", all, exact("fa-AF")},
		{"prs", without("fa-AF"), declared("fa")},
		{"fa-AF", without("fa-AF"), declared("fa")},
		{"prs", without("fa-AF", "fa"), english},
		{"fa", without("fa"), english},
		{"fa-IR", all, exact("fa")},
		{"pes", all, exact("fa")},
		{"kmr", all, exact("ku")},
		{"kmr", without("ku"), english},
		{"ku-TR", all, exact("ku")},
		{"ku-IQ", all, english},
		{"ku-Arab", all, english},
		{"ckb", all, english},
		{"ckb-IQ", all, english},
		{"pnb", all, exact("pa-Arab")},
		{"pa-PK", all, exact("pa-Arab")},
		{"pa", all, english},
		{"pa-IN", all, english},
		{"pa-Guru", all, english},
		{"zh", all, exact("zh-Hans")},
		{"zh-CN", all, exact("zh-Hans")},
		{"zh_hans_sg", all, exact("zh-Hans")},
		{"cmn", all, exact("zh-Hans")},
		{"zh-TW", all, english},
		{"zh-HK", all, english},
		{"zh-Hant", all, english},
		{"yue", all, english},
		{"uk", all, english},
		{"uk-UA", all, english},
		{"be", all, english},
		{"ti", all, english},
		{"ps", all, english},
		{"ug", all, english},
		{"arz", all, english},
		{"haz", all, english},
		{"rom", all, english},
		{"und-Arab", all, english},
		{"mul", all, english},
		{"art-x-rom", all, english},
		{"x-ar", all, english},
		{"", all, english},
		{"*", all, english},
		{"ar, en;q=0.5", all, english},
		{"no such tag", all, english},
		{"ar-" + string(make([]byte, 100)), all, english},
	} {
		catalogues := map[string]string{}
		for _, tag := range c.catalogues {
			catalogues[tag] = ""
		}
		if got := load(t, catalogues).Resolve(c.tag); got != c.want {
			t.Errorf("Resolve(%q) = %+v, want %+v", c.tag, got, c.want)
		}
	}
}

// TestResolveNeverGivesANeighbour tries every language, in every script and
// region that x/text knows, against many sets of catalogues. Whatever is no
// English comes back only for a tag of the same language in the same script.
func TestResolveNeverGivesANeighbour(t *testing.T) {
	sets := [][]string{
		{"en", "ar", "pl", "uk"},
		{"en", "ru", "tr", "am", "ar", "fa", "hi", "zh-Hans", "pa"},
		{"en", "ckb", "ku", "fa-AF", "ps", "ur", "ti", "zh-Hant", "pa-Arab", "sr", "uz", "az"},
		append([]string{"he", "fil", "rom", "yue", "az-Arab", "pt-PT", "sr-Latn"}, tableTags(t)...),
	}
	// Every region and script for the languages near to a catalogue, a few of
	// them for all others.
	near := map[string]bool{}
	for _, tag := range append(sets[len(sets)-1], strings.Fields("als arb cmn gaz kmr npi pes pnb prs swh be az kk tk tg ug bal sdh haz syl lah yue arz nn sh")...) {
		base, _, _ := xlanguage.MustParse(tag).Raw()
		near[base.String()] = true
	}
	var tags []string
	for _, base := range xlanguage.Supported.BaseLanguages() {
		name := base.String()
		tags = append(tags, name, name+"-RU", name+"-Arab", name+"-Cyrl-KZ", name+"-Latn-TR")
		if !near[name] {
			continue
		}
		for _, region := range xlanguage.Supported.Regions() {
			if region.IsCountry() {
				tags = append(tags, name+"-"+region.String())
			}
		}
		for _, script := range xlanguage.Supported.Scripts() {
			if script.String() != "Zzzz" { // which is no script
				tags = append(tags, name+"-"+script.String())
			}
		}
	}
	for _, set := range sets {
		catalogues := map[string]string{}
		for _, tag := range set {
			catalogues[tag] = ""
		}
		b := load(t, catalogues)
		for _, tag := range tags {
			if fault := neighbour(tag, b.Resolve(tag), catalogues); fault != "" {
				t.Errorf("Resolve(%q) with %v: %s", tag, set, fault)
			}
		}
	}
	t.Logf("%d tags, %d sets of catalogues", len(tags), len(sets))
}

// neighbour says what is wrong with a resolution, by rules of its own.
func neighbour(tag string, r language.Resolution, catalogues map[string]string) string {
	if _, loaded := catalogues[r.Locale]; !loaded {
		return fmt.Sprintf("%+v is not loaded", r)
	}
	asked, err := xlanguage.Parse(tag)
	if err != nil {
		if r != (language.Resolution{Locale: "en"}) {
			return fmt.Sprintf("%+v for what is no tag", r)
		}
		return ""
	}
	got := xlanguage.MustParse(r.Locale)
	askedBase, _, askedRegion := asked.Raw()
	gotBase, _, gotRegion := got.Raw()
	base := askedBase.String()
	askedScript, _ := asked.Script()
	other := map[string]string{ // one language under two codes
		"als": "sq", "arb": "ar", "cmn": "zh", "gaz": "om", "kmr": "ku", "npi": "ne", "pes": "fa", "pnb": "pa", "prs": "fa", "swh": "sw",
	}[base]
	dari := base == "prs" || (base == "fa" || base == "pes") && askedRegion.String() == "AF"
	switch {
	case r.Exact && r.Declared:
		return "exact and declared"
	case !r.Exact && !r.Declared:
		if r.Locale != "en" {
			return r.Locale + ", neither exact nor declared"
		}
		return ""
	case r.Declared:
		if r.Locale != "fa" || !dari {
			return r.Locale + " is no declared fallback"
		}
		return ""
	case gotBase.String() != base && gotBase.String() != other:
		return r.Locale + " is another language"
	case gotRegion.String() != "ZZ" && gotRegion != askedRegion && !dari:
		return r.Locale + " is of another region"
	}
	if base == "prs" {
		return ""
	}
	if gotScript, _ := got.Script(); gotScript != askedScript {
		return r.Locale + " is in another script"
	}
	return ""
}

func TestOrdered(t *testing.T) {
	b := load(t, map[string]string{"en": "", "ar": "", "fa": "", "pl": "", "uk": ""})
	for _, c := range []struct {
		hints []string
		want  string
	}{
		{nil, "[ar en fa pl uk]"},
		{[]string{"pl"}, "[pl ar en fa uk]"},
		{[]string{"uk-UA", "PL", "uk"}, "[uk pl ar en fa]"},
		{[]string{"prs"}, "[fa ar en pl uk]"},
		{[]string{"ru", "ckb", "", "zz"}, "[ar en fa pl uk]"},
	} {
		var got []string
		for _, l := range b.Ordered(c.hints...) {
			got = append(got, l.Tag)
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("Ordered(%v) = %v, want %v", c.hints, got, c.want)
		}
	}
}
