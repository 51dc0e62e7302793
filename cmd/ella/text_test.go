package main

import (
	"fmt"
	"strings"
	"testing"

	"ella/bot/bottest"
)

// TestAlertTextIsCleaned types texts whose invisible characters could make them
// show what they do not say. What is shown in the draft is what is sent.
func TestAlertTextIsCleaned(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "grace", "omar")
	s.meet(t, "omar")
	s.meet(t, "grace", "role organiser")
	for name, c := range map[string]struct{ typed, sent string }{
		"turned around":      {"Meet at \u202e8 pm\u202c, not \u2067nine\u2069\u200f!", "Meet at 8 pm, not nine!"},
		"an open isolate":    {"\u2066\u2066\u2066Come", "Come"},
		"a closed one":       {"Come\u2069\u2069 on Sunday", "Come on Sunday"},
		"controls":           {"Come\x00\x1b[31m now\x7f\u0085\u200b\ufeff", "Come[31m now"},
		"tabs":               {"a\tb", "a b"},
		"lines":              {"\r\n one\r\n\r\n two \n", "one\n\n two"},
		"joiners stay":       {"می\u200cخواهم बच्चे क्\u200dष 👩‍👩‍👧", "می\u200cخواهم बच्चे क्\u200dष 👩‍👩‍👧"},
		"marks stay":         {"ẅ ё Đà Nẵng 🇺🇦 👍🏽 ❤️", "ẅ ё Đà Nẵng 🇺🇦 👍🏽 ❤️"},
		"markup stays words": {"<b>Now</b> <!channel> *x* [a](b) &amp; {{.Name}} /stop", "<b>Now</b> <!channel> *x* [a](b) &amp; {{.Name}} /stop"},
	} {
		t.Run(name, func(t *testing.T) {
			// A text that holds NUL never gets past an adapter.
			s.say(t, "grace", "/alert")
			s.say(t, "grace", strings.ReplaceAll(c.typed, "\x00", ""))
			h := s.presses(t, "grace", "English")
			if want := "English: ⟨" + bottest.Visible(c.sent) + "⟩"; !strings.Contains(h.text(), want) {
				t.Errorf("the draft has\n%q\nwant\n%q", h.text(), want)
			}
			s.presses(t, "grace", "👁 Look and send")
			s.presses(t, "grace", "✅ Send now")
			got := s.Platform.Shown("omar")
			if last := bottest.Visible(got[len(got)-1].Message.Text()); !strings.Contains(last, "⟨"+bottest.Visible(c.sent)+"⟩") {
				t.Errorf("sent is\n%q", last)
			}
		})
	}
	for _, typed := range []string{"🎈🎈", "...", "\u202e\u2066\u200f", "\u200d\u200c", "!?"} {
		s.say(t, "grace", "/alert")
		if h := s.say(t, "grace", typed); !h.says(s, "alert.empty") {
			t.Errorf("%q is answered with\n%s", typed, h.text())
		}
	}
	s.allWell(t)
}

// TestAlertTextIsNotTooLong: 1,500 characters of any script fit, one more is
// refused kindly, and a book is too.
func TestAlertTextIsNotTooLong(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "grace")
	s.meet(t, "grace", "role organiser")
	for name, c := range map[string]struct{ typed, answer string }{
		"1,500 letters":      {strings.Repeat("ж", 1500), "alert.which-language"},
		"and spaces around":  {"  \n" + strings.Repeat("ж", 1500) + strings.Repeat(" ", 300), "alert.which-language"},
		"and marks around":   {strings.Repeat("\u200f", 300) + strings.Repeat("م", 1500), "alert.which-language"},
		"1,499 emoji":        {"a" + strings.Repeat("😀", 1499), "alert.which-language"},
		"1,501 letters":      {strings.Repeat("ж", 1501), "1,500"},
		"8,001 letters":      {strings.Repeat("ж", 8001), "lost.too-long"},
		"100 kB":             {strings.Repeat("a", 100_000), "lost.too-long"},
		"100 kB of nothing":  {strings.Repeat(" ", 100_000), "alert.empty"},
		"100 kB of controls": {strings.Repeat("\u202e", 33_000), "lost.too-long"},
	} {
		t.Run(name, func(t *testing.T) {
			s.say(t, "grace", "/alert")
			if h := s.say(t, "grace", c.typed); !h.says(s, c.answer) && !strings.Contains(h.text(), c.answer) {
				t.Errorf("answered with\n%.300s", h.text())
			}
			if c.answer == "alert.which-language" {
				return
			}
			// The question is still open.
			if h := s.say(t, "grace", "Come on Sunday."); !h.says(s, "alert.which-language") {
				t.Errorf("and then with\n%.300s", h.text())
			}
		})
	}
	s.allWell(t)
}

// TestLongestAlert writes the longest text there can be, of the widest
// characters, in every language: each card of it must still fit one message.
func TestLongestAlert(t *testing.T) {
	e := loadEmbedded(t)
	s := newFileStage(t, e, "grace", "omar")
	s.meet(t, "omar")
	s.meet(t, "grace", "role organiser")
	long := func(locale string) string { return locale + strings.Repeat("😀", 1498) }
	s.say(t, "grace", "/alert "+long("en"))
	s.presses(t, "grace", "English")
	written := 1
	for _, l := range e.language.Locales() {
		if l.Tag == "en" {
			continue
		}
		s.presses(t, "grace", "➕ Another language")
		if h := s.presses(t, "grace", l.Endonym); !h.says(s, "alert.back") {
			t.Fatalf("asking for %s says\n%.300s", l.Tag, h.text())
		}
		written++
		if h := s.say(t, "grace", long(l.Tag)); !h.says(s, "alert.draft") {
			t.Fatalf("with %d texts the draft is not shown:\n%.300s", written, h.text())
		}
	}
	s.presses(t, "grace", "🙋 Ask who is coming")
	h := s.presses(t, "grace", "👁 Look and send")
	for _, l := range e.language.Locales() {
		if !strings.Contains(h.text(), long(l.Tag)) {
			t.Errorf("the preview lacks the text in %s", l.Tag)
		}
	}
	if h := s.presses(t, "grace", "✅ Send now"); !h.says(s, "progress.done") {
		t.Errorf("sending it says\n%.300s", h.text())
	}
	got := s.Platform.Shown("omar")
	if last := got[len(got)-1].Message.Text(); !strings.Contains(last, long("en")) {
		t.Errorf("omar has\n%.300s", fmt.Sprint(last))
	}
	s.allWell(t)
}
