package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"ella/bot"
	"ella/bot/bottest"
	"ella/bot/message"
)

// withViews is a stage whose platform has pages and windows, and an organiser on it.
func withViews(t *testing.T, directions ...string) *stage {
	t.Helper()
	s := newFileStage(t, loadEmbedded(t), "grace", "amina")
	s.Platform.Views, s.Platform.Can.Forms = true, true
	s.meet(t, "grace", append([]string{"role organiser"}, directions...)...)
	return s
}

// shares uses the shortcut on words, and returns the form that opens.
func (s *stage) shares(t *testing.T, who, words string) message.Form {
	t.Helper()
	s.Platform.OpenWindow(who, "w1")
	s.act(t, bot.Update{Kind: bot.ShortcutUsed, Sender: who, Text: "alert", Quoted: words, Window: "w1"})
	return s.form(t, who)
}

// form is the form that stands before somebody.
func (s *stage) form(t *testing.T, who string) message.Form {
	t.Helper()
	_, f := s.Platform.WindowOf(who)
	if f == nil {
		t.Fatalf("there is no form before %s", who)
	}
	return *f
}

// sends sends a form with what stands in it, but for what is changed.
func (s *stage) sends(t *testing.T, who string, f message.Form, changed map[string]string) heard {
	t.Helper()
	fields := map[string]string{}
	for _, field := range f.Fields {
		fields[field.Name] = field.Value
	}
	maps.Copy(fields, changed)
	return s.act(t, bot.Update{Kind: bot.FormFilled, Sender: who, Data: f.Data, Fields: fields, Window: "w1"})
}

func fieldOf(f message.Form, name string) message.Field {
	for _, field := range f.Fields {
		if field.Name == name {
			return field
		}
	}
	return message.Field{}
}

// wrong are the names of the fields with something wrong in them.
func wrong(f message.Form) (names []string) {
	for _, field := range f.Fields {
		if field.Problem != "" {
			names = append(names, field.Name)
		}
	}
	return names
}

// TestSharedWordsThatAreTooLong: what does not fit is left out at a word, and is said.
func TestSharedWordsThatAreTooLong(t *testing.T) {
	s := withViews(t)
	long := strings.Repeat("мітинг ", 400)
	f := s.shares(t, "grace", long)
	text := fieldOf(f, "text")
	if n := utf8.RuneCountInString(text.Value); n > 1500 || n < 1400 || !strings.HasPrefix(long, text.Value) || !strings.HasSuffix(text.Value, "мітинг") {
		t.Errorf("%d characters stand there, and end with %q", n, text.Value[max(0, len(text.Value)-20):])
	}
	if !strings.Contains(text.Problem, "1,500") && !strings.Contains(text.Problem, "1500") {
		t.Errorf("it says %q", text.Problem)
	}
	// What is sent is what stands there, and what is too long comes back whole.
	s.sends(t, "grace", f, map[string]string{"text": long[:2*2000], "language": "uk", "to": "everyone", "ask": "no"})
	if f = s.form(t, "grace"); !slices.Equal(wrong(f), []string{"text"}) || utf8.RuneCountInString(fieldOf(f, "text").Value) < 2000 {
		t.Errorf("wrong are %q, and there stand %d characters", wrong(f), utf8.RuneCountInString(fieldOf(f, "text").Value))
	}
	s.sends(t, "grace", f, map[string]string{"text": "мітинг"}).shows(t, "Українська: ⟨мітинг⟩")
	s.allWell(t)
}

// TestFormWithAPlaceOfManyNames: nobody guesses which Newport is meant.
func TestFormWithAPlaceOfManyNames(t *testing.T) {
	s := withViews(t)
	f := s.shares(t, "grace", "Come on Sunday")
	if h := s.sends(t, "grace", f, map[string]string{"language": "en", "to": "near:10", "place": "Newport", "ask": "no"}); len(h) != 0 {
		t.Errorf("it says %s", h.text())
	}
	f = s.form(t, "grace")
	place := fieldOf(f, "place")
	if !slices.Equal(wrong(f), []string{"place"}) || !strings.Contains(place.Problem, "Wales") || !strings.Contains(place.Problem, "Isle of Wight") || place.Value != "Newport" {
		t.Errorf("it says %q", place.Problem)
	}
	s.sends(t, "grace", f, map[string]string{"place": "NP20"}).shows(t, "Who gets it: People within ⟦10⟩ km of")
	s.allWell(t)
}

// TestFormForSeveral: who writes for several organisations chooses one, and only her own.
func TestFormForSeveral(t *testing.T) {
	s := withViews(t, "role organiser at "+luton)
	s.meet(t, "amina")
	stranger, err := s.other(t.Context(), "Not hers")
	if err != nil {
		t.Fatal(err)
	}
	f := s.shares(t, "grace", "Come on Sunday")
	from := fieldOf(f, "from")
	if len(from.Options) != 2 || from.Value != "" {
		t.Fatalf("she writes for %+v", from)
	}
	rest := map[string]string{"language": "en", "to": "everyone", "ask": "no"}
	for _, forged := range []string{"", string(stranger.ID), "nonsense"} {
		rest["from"] = forged
		s.sends(t, "grace", f, rest)
		if now := s.form(t, "grace"); !slices.Equal(wrong(now), []string{"from"}) || len(fieldOf(now, "from").Options) != 2 {
			t.Errorf("for %q wrong are %q", forged, wrong(now))
		}
	}
	for _, o := range from.Options {
		if strings.Contains(o.Label, luton) {
			rest["from"] = o.Value
		}
	}
	s.sends(t, "grace", f, rest).shows(t, "From: ⟨"+luton+"⟩")
	s.allWell(t)
}

// TestFormUnderAnotherKey: the same form sent again as something new shows the draft that
// it made; one of somebody else's is not there.
func TestFormUnderAnotherKey(t *testing.T) {
	s := withViews(t)
	s.meet(t, "amina")
	f := s.shares(t, "grace", "Come on Sunday")
	rest := map[string]string{"language": "en", "to": "everyone", "ask": "no"}
	s.sends(t, "grace", f, rest).shows(t, "Your message")
	rest["text"] = "Come on Monday"
	for range 2 {
		if h := s.sends(t, "grace", f, rest); !strings.Contains(h.text(), "Come on Sunday") || strings.Contains(h.text(), "Monday") {
			t.Errorf("sent again it says\n%s", h.text())
		}
	}
	if h := s.sends(t, "amina", f, rest); strings.Contains(h.text(), "Come on") {
		t.Errorf("to somebody else it says\n%s", h.text())
	}
	recent, err := s.db.Alerts().Recent(t.Context(), s.organisation.ID, 10)
	if err != nil || len(recent) != 1 {
		t.Fatalf("there are %d drafts, %v", len(recent), err)
	}
	s.presses(t, "grace", "👁 Look and send")
	s.presses(t, "grace", "✅ Send now")
	if h := s.sends(t, "grace", f, rest); strings.Contains(h.text(), "Look and send") || len(h) == 0 {
		t.Errorf("of what is sent it says\n%s", h.text())
	}
	s.allWell(t)
}

// TestFormIntoAClosedWindow: what was wrong with it is not left unsaid.
func TestFormIntoAClosedWindow(t *testing.T) {
	s := withViews(t)
	f := s.shares(t, "grace", "Come on Sunday")
	s.Platform.OpenWindow("grace", "")
	s.sends(t, "grace", f, map[string]string{"language": "en", "to": "near:10", "place": "Xyzzyville", "ask": "no"}).
		shows(t, "Something was still missing in the form", "[💬 Go on here]")
	s.presses(t, "grace", "💬 Go on here").shows(t, "What do you want to tell people?")
	if h := s.sends(t, "grace", f, map[string]string{"language": "en", "to": "everyone", "ask": "no"}); len(h) != 1 {
		t.Errorf("one that was right is answered with\n%s", h.text())
	}
	s.allWell(t)
}

// TestPageOfMany: a page shows five of each, and the command the others.
func TestPageOfMany(t *testing.T) {
	s := withViews(t)
	s.meet(t, "amina")
	for i := range 7 {
		s.calls(t, "grace", fmt.Sprintf("March number %d", i))
	}
	for who, more := range map[string]string{"amina": "📅 My invitations", "grace": "📣 Write to people"} {
		s.act(t, bot.Update{Kind: bot.PageOpened, Sender: who})
		page, ok := s.Platform.PageOf(who)
		if !ok {
			t.Fatalf("%s has no page", who)
		}
		cards := 0
		for _, b := range page.Blocks {
			if _, ok := b.(message.Card); ok {
				cards++
			}
		}
		labels := bottest.Visible(page.Text())
		if n := 5; cards < n || who == "amina" && cards != n || cards > 2*n {
			t.Errorf("%s sees %d cards", who, cards)
		}
		if !slices.ContainsFunc(page.Actions(), func(a message.Action) bool { return a.Label == more }) {
			t.Errorf("%s finds no way to the others:\n%s", who, labels)
		}
	}
	s.allWell(t)
}
