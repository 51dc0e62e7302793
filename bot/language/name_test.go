package language_test

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"ella/bot/language"
)

func TestRecognise(t *testing.T) {
	b := shipped(t)
	for _, c := range []struct{ text, want string }{
		{"tigrinya", "ti"},
		{"Tigrigna", "ti"},
		{"ትግርኛ", "ti"},
		{"arabski", "ar"},
		{"العربية", "ar"},
		{"العربيه", "ar"},
		{"арабська", "ar"},
		{"Arabic.", "ar"},
		{"Dari", "fa-AF"},
		{"دری", "fa-AF"},
		{"دري", "fa-AF"},
		{"farsi", "fa"},
		{"Persian", "fa"},
		{"فارسی", "fa"},
		{"الفارسية", "fa"},
		{"romani čhib", "rom"},
		{"Romani Chib", "rom"},
		{"Sorani", "ckb"},
		{"سۆرانی", "ckb"},
		{"kurmancî", "ku"},
		{"Kurdish (Kurmanji)", "ku"},
		{"polski", "pl"},
		{"Polish", "pl"},
		{"البولندية", "pl"},
		{"українська", "uk"},
		{"ukraiński", "uk"},
		{"russian", "ru"},
		{"پښتو", "ps"},
		{"Sylheti", "syl"},
		{"Shahmukhi", "pa-Arab"},
		{"ਪੰਜਾਬੀ", "pa"},
		{"tiếng việt", "vi"},
		{"简体中文", "zh-Hans"},
		{"cantonese", "yue"},
		{"tagalog", "fil"},
		{"", ""},
		{"klingon", ""},
		{"I speak Arabic", ""},
		{"Kurdish", ""},
		{"kurdyjski", ""},
		{"الكردية", ""},
		{"کوردی", ""},
		{"Chinese", ""},
		{"Punjabi", ""},
	} {
		got, ok := b.Recognise(c.text)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("Recognise(%q) = %q, %v, want %q", c.text, got, ok, c.want)
		}
	}
}

func TestMeanings(t *testing.T) {
	b := shipped(t)
	for text, want := range map[string][]string{
		"Kurdish":    {"ckb", "ku"},
		"kurdyjski":  {"ckb", "ku"},
		"китайська":  {"zh-Hans", "zh-Hant"},
		"mandarin":   {"zh-Hans", "zh-Hant"},
		"punjabi":    {"pa", "pa-Arab"},
		"Ukrainian":  {"uk"},
		"no such":    nil,
		"українська": {"uk"},
	} {
		var got []string
		for _, l := range b.Meanings(text) {
			got = append(got, l.Tag)
		}
		if !slices.Equal(got, want) {
			t.Errorf("Meanings(%q) = %v, want %v", text, got, want)
		}
	}
}

func TestEndonym(t *testing.T) {
	b := shipped(t)
	for tag, want := range map[string]string{"uk": "Українська", "ti": "ትግርኛ", "fa-AF": b.Meanings("dari")[0].Endonym, "xx": "xx", "": ""} {
		if got := b.Endonym(tag); got != want {
			t.Errorf("%q is %q, want %q", tag, got, want)
		}
	}
}

func TestLanguages(t *testing.T) {
	b := load(t, map[string]string{"en": "", "mt": "", "ti": ""})
	all := b.Languages()
	if !slices.IsSortedFunc(all, func(x, y language.Language) int {
		if x.Tag < y.Tag {
			return -1
		}
		return 1
	}) {
		t.Error("they are not sorted")
	}
	seen := map[string]bool{}
	for _, l := range all {
		if l.Endonym == "" || l.English == "" && l.Tag != "mt" || seen[l.Tag] {
			t.Errorf("%+v is not whole, or there twice", l)
		}
		seen[l.Tag] = true
		for _, name := range []string{l.Endonym, l.English} {
			if got, ok := b.Recognise(name); name != "" && (!ok || got != l.Tag) {
				t.Errorf("%s: its name %q is recognised as %q", l.Tag, name, got)
			}
		}
	}
	if !seen["mt"] || !seen["ti"] {
		t.Error("a locale is not among them")
	}
}

// Each language that Ella can name is named in the table too, so that people can
// say it in the language of any catalogue.
func TestLanguagesAreNamedInTheTable(t *testing.T) {
	data, err := os.ReadFile(folder + "/cldr.json")
	if err != nil {
		t.Fatalf("read the table: %v", err)
	}
	var table struct {
		Locales map[string]struct {
			Names map[string]string `json:"names"`
		} `json:"locales"`
	}
	if err := json.Unmarshal(data, &table); err != nil {
		t.Fatalf("read the table: %v", err)
	}
	unnamed := []string{"aii", "haz", "pa-Arab", "syl"} // that the CLDR has no name for
	for _, l := range load(t, map[string]string{"en": ""}).Languages() {
		if table.Locales["en"].Names[l.Tag] == "" && !slices.Contains(unnamed, l.Tag) {
			t.Errorf("the table does not name %s (%s): add it to the generator", l.Tag, l.English)
		}
	}
}
