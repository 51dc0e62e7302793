package wording_test

import (
	"testing"
	"unicode/utf8"

	"ella/adapters/wording"
)

func TestPlain(t *testing.T) {
	for text, want := range map[string]string{
		"a\r\nb\tc":         "a\nb\tc",
		"a\x00b\x7fc\u0085": "abc",
		"a\xffb":            "a\ufffdb",
		"مرحبا\u200f":       "مرحبا\u200f",
	} {
		if got := wording.Plain(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
	if got := wording.OneLine("a\r\nb\x00"); got != "a b" {
		t.Errorf("one line is %q", got)
	}
}

func TestIsBlank(t *testing.T) {
	for text, want := range map[string]bool{"": true, " \n\t\u00a0": true, "\u200f\u2066\u2069": true, "\u2800": true, "a": false, "\u200fس": false, "👍": false} {
		if got := wording.IsBlank(text); got != want {
			t.Errorf("%q: got %v", text, got)
		}
	}
}

func TestIsValid(t *testing.T) {
	for text, want := range map[string]bool{"": true, "س": true, "a\x00": false, "a\xff": false} {
		if got := wording.IsValid(text); got != want {
			t.Errorf("%q: got %v", text, got)
		}
	}
}

func TestLeads(t *testing.T) {
	for address, want := range map[string]bool{
		"https://example.org/a?b=c":         true,
		"tel:+441130000000":                 true,
		"tg://user?id=1":                    true,
		"http://example.org":                false, // not asked for
		"":                                  false,
		"https://":                          false,
		"https:example.org":                 false,
		"https://example.org@evil.example/": false,
		"https://example.org/a b":           false,
		"https://example.org/\"x":           false,
		"https://example.org/\x07":          false,
		"tel:":                              false,
		"javascript:alert(1)":               false,
	} {
		if got := wording.Leads(address, "https", "tel", "tg"); got != want {
			t.Errorf("%q: got %v", address, got)
		}
	}
}

// run is a text that is isolated or not.
type run struct {
	text     string
	isolated bool
}

func (r run) Words() (text string, isolated bool) { return r.text, r.isolated }

func TestDirection(t *testing.T) {
	for name, c := range map[string]struct {
		line        []run
		runs, reads bool
	}{
		"nothing":                {},
		"digits":                 {line: []run{{text: "12 – 13"}}},
		"English":                {line: []run{{text: "1. Hello سلام"}}},
		"Arabic":                 {line: []run{{text: "1. سلام Hello"}}, runs: true},
		"a name in Arabic":       {line: []run{{"سلام", true}}, reads: true},
		"a name in English":      {line: []run{{"Amina", true}}},
		"behind a name":          {line: []run{{"سلام", true}, {text: " is here"}}},
		"before Arabic":          {line: []run{{"Amina", true}, {text: " هنا"}}, runs: true},
		"an isolate of its own":  {line: []run{{text: "\u2067سلام\u2069 here"}}},
		"left open":              {line: []run{{text: "\u2067سلام"}}, reads: true},
		"closed without opening": {line: []run{{text: "سلام\u2069here"}}},
	} {
		t.Run(name, func(t *testing.T) {
			if runs, reads := wording.RunsRightToLeft(c.line), wording.ReadsRightToLeft(c.line); runs != c.runs || reads != c.reads {
				t.Errorf("runs %v, reads %v", runs, reads)
			}
		})
	}
	if !wording.IsRightToLeft('س') || !wording.IsRightToLeft('ש') || wording.IsRightToLeft('a') || wording.IsRightToLeft('1') {
		t.Error("a letter runs the wrong way")
	}
}

func TestGuards(t *testing.T) {
	for text, want := range map[string][2]int{"": {0, 0}, "\u2066a\u2069": {0, 0}, "\u2066a": {0, 1}, "a\u2069": {1, 0}, "\u2069\u2069\u2068": {2, 1}} {
		if before, after := wording.Guards(text); [2]int{before, after} != want {
			t.Errorf("%q: got %d and %d, want %v", text, before, after, want)
		}
	}
}

func TestCut(t *testing.T) {
	length := utf8.RuneCountInString
	family := "👨‍👩‍👧" // five code points, one character
	for _, c := range []struct {
		text string
		room int
		must bool
		want string
	}{
		{"all of it", 20, false, "all of it"},
		{"two words", 6, false, "two "},
		{"a bcdefghijk", 8, false, "a bcdefg"}, // the space is far
		{"ab" + family, 4, false, "ab"},
		{family, 4, false, ""},
		{family, 4, true, "👨‍👩‍"},
		{family, 0, true, "👨"},
		{"", 4, true, ""},
	} {
		if end := wording.Cut(c.text, c.room, c.must, length, length); c.text[:end] != c.want {
			t.Errorf("%q in %d: got %q, want %q", c.text, c.room, c.text[:end], c.want)
		}
	}
}

func TestShortened(t *testing.T) {
	length := utf8.RuneCountInString
	for text, want := range map[string]string{"four": "four", "and more": "and…", "ab👨‍👩‍👧": "ab…"} {
		if got := wording.Shortened(text, 4, length); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
	if got := wording.Beginning("ab👨‍👩‍👧c", 6, length); got != "ab" {
		t.Errorf("the beginning is %q", got)
	}
}
