package language_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"ella/bot/language"
)

func TestAnswerFor(t *testing.T) {
	b := shipped(t)
	for _, c := range []struct {
		locale, text string
		said         language.Said
		plus         int
	}{
		{"en", "Yes", language.SaidYes, 0},
		{"en", " yes!! 🎉 ", language.SaidYes, 0},
		{"en", "yes yes yes", language.SaidYes, 0},
		{"en", "I’m coming.", language.SaidYes, 0},
		{"en", "No, thank you", language.SaidNo, 0},
		{"en", "not sure yet", language.SaidMaybe, 0},
		{"en", "OK", language.Unsure, 0},
		{"en", "no", language.SaidNo, 0},

		// A word may mean something else in the language next door.
		{"pl", "no", language.Unsure, 0},
		{"pl", "No tak!", language.SaidYes, 0},
		{"pl", "TAK", language.SaidYes, 0},
		{"pl", "nie przyjde", language.SaidNo, 0},
		{"pl", "może", language.SaidMaybe, 0},
		{"uk", "Так", language.SaidYes, 0},
		{"uk", "обов’язково", language.SaidYes, 0},
		{"uk", "Ні, дякую", language.SaidNo, 0},
		{"uk", "може", language.SaidMaybe, 0},
		{"ar", "نَعَم", language.SaidYes, 0},
		{"ar", "لا", language.SaidNo, 0},
		{"ar", "ربما…", language.SaidMaybe, 0},
		{"ar", "ان شاء الله", language.Unsure, 0},
		{"ar", "إن شاء الله", language.Unsure, 0},
		{"ar", "na3am", language.SaidYes, 0},

		// Any language is understood.
		{"ar", "yes", language.SaidYes, 0},
		{"ar", "no", language.SaidNo, 0},
		{"en", "نعم", language.SaidYes, 0},
		{"en", "tak", language.SaidYes, 0},
		{"pl", "ні", language.SaidNo, 0},
		{"", "yes", language.SaidYes, 0},

		// Buttons by their number, and people who are brought.
		{"en", "1", language.Numbered, 1},
		{"ar", "٢", language.Numbered, 2},
		{"ar", "۳", language.Numbered, 3},
		{"en", "३.", language.Numbered, 3},
		{"en", "yes +2", language.SaidYes, 2},
		{"en", "Yes, 2", language.SaidYes, 2},
		{"ar", "نعم ٢", language.SaidYes, 2},
		{"ar", "نعم +١٢", language.SaidYes, 12},
		{"en", "+2", language.Brings, 2},
		{"ar", " +٣", language.Brings, 3},
		{"en", "no 2", language.Unsure, 2},
		{"en", "maybe +2", language.Unsure, 2},
	} {
		said, plus, ok := b.AnswerFor(c.locale, c.text)
		if said != c.said || plus != c.plus || !ok {
			t.Errorf("%q from a reader of %q is %q +%d (%v), want %q +%d", c.text, c.locale, said, plus, ok, c.said, c.plus)
		}
	}
	for _, text := range []string{
		"", "👍", "yes but I will be late", "no idea what this is", "is there food?", "0", "4", "12", "yes 100", "yes +2 and a dog",
		"no to the bill", "نعم للسلام", "так само", "tak jak zawsze", strings.Repeat("yes ", 1000), "1 2", "yes\n\nno",
	} {
		if said, plus, ok := b.AnswerFor("en", text); ok {
			t.Errorf("%.40q is taken for %q +%d", text, said, plus)
		}
	}
}

// TestAnswersFitTheButtons: what is written on the buttons, and what is said beside
// them, is understood, by readers of every language as their own.
func TestAnswersFitTheButtons(t *testing.T) {
	b := shipped(t)
	for _, l := range b.Locales() {
		p := b.For(l.Tag)
		words := strings.ToLower(p.Text("rsvp.words"))
		for key, want := range map[string]language.Said{"rsvp.yes": language.SaidYes, "rsvp.maybe": language.SaidMaybe, "rsvp.no": language.SaidNo} {
			label := p.Text(key)
			if said, _, ok := b.AnswerFor(l.Tag, label); said != want || !ok {
				t.Errorf("%s: the button %q, typed, is %q", l.Tag, label, said)
			}
			_, word, _ := strings.Cut(strings.ToLower(label), " ")
			if !strings.Contains(words, word) {
				t.Errorf("%s: %q does not say %q", l.Tag, words, word)
			}
		}
	}
}

// TestAnswerWordsAreHeldAgainstEachOther: a phrase that says two things, or that is a
// command, is found when the catalogues are read.
func TestAnswerWordsAreHeldAgainstEachOther(t *testing.T) {
	for text, want := range map[string]string{
		"answer.words.yes = \"yes | sure\"\nanswer.words.no = \"no | Sure!\"": "means no too",
		"words.stop = \"stop\"\nanswer.words.no = \"no | stop\"":              "is a command",
		"answer.words.no = \"no | !!!\"":                                      "without letters",
	} {
		files := fstest.MapFS{"en.toml": {Data: []byte("meta.endonym = \"English\"\nmeta.reviewed_by = \"nobody yet\"\n" + text + "\n")}}
		if _, err := language.Load(files); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\nis %v, want %q", text, err, want)
		}
	}
}
