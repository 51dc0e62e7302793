package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"ella/bot"
	"ella/bot/bottest"
	"ella/bot/headcount"
	"ella/bot/message"
)

// call sends an alert that asks who is coming to a crowd of so many and to grace
// herself. It returns everything that grace heard, and the others' chats.
func call(t *testing.T, s *stage, crowd int) (heard, []string) {
	t.Helper()
	s.meet(t, "grace", "role organiser", fmt.Sprintf("crowd %d ar CV1", crowd))
	s.say(t, "grace", "/alert Picnic on Sunday.")
	for _, label := range []string{"English", "🙋 Ask who is coming", "👁 Look and send"} {
		s.presses(t, "grace", label)
	}
	data := s.button(t, "grace", "✅ Send now")
	var mu sync.Mutex
	var all heard
	var others []string
	s.Platform.OnSent(func(chat string, shown bottest.Shown) {
		mu.Lock()
		defer mu.Unlock()
		if chat == "grace" {
			all = append(all, shown)
		} else {
			others = append(others, chat)
		}
	})
	defer s.Platform.OnSent(nil)
	raw := s.Platform.Raw(s.Account, bot.Update{Kind: bot.ButtonPressed, Sender: "grace", Chat: "grace", Data: data})
	if err := s.Accept(t.Context(), raw); err != nil {
		t.Fatal(err)
	}
	if err := s.settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(others) != crowd {
		t.Fatalf("of %d people %d were reached", crowd, len(others))
	}
	slices.Sort(others)
	return all, others
}

// TestProgressDrawsNoFewPeople: a bar tells numbers as words do.
func TestProgressDrawsNoFewPeople(t *testing.T) {
	e := loadEmbedded(t)
	for crowd := range 8 {
		t.Run(fmt.Sprint(crowd+1), func(t *testing.T) {
			t.Parallel()
			all, _ := call(t, newFileStage(t, e, "grace"), crowd)
			var bars []message.Progress
			for _, s := range all {
				for _, b := range s.Message.Blocks {
					if p, ok := b.(message.Progress); ok {
						bars = append(bars, p)
					}
				}
			}
			for _, p := range bars {
				if p.Done%headcount.Floor+p.Total%headcount.Floor != 0 && (p.Done != 1 || p.Total != 1) {
					t.Errorf("a bar shows %d of %d", p.Done, p.Total)
				}
			}
			if len(bars) < 2 || bars[len(bars)-1].Done != bars[len(bars)-1].Total || bars[len(bars)-1].Total == 0 {
				t.Errorf("the bars are %v", bars)
			}
		})
	}
}

// results is the newest card of answers that somebody has, in words and as a whole.
func (s *stage) results(t *testing.T, who string) (words, whole string) {
	t.Helper()
	h := s.presses(t, who, "🔄 Look again")
	last := h[len(h)-1]
	for _, shown := range h {
		if shown.Notice == "" {
			last = shown
		}
	}
	body, err := json.Marshal(last.Message)
	if err != nil {
		t.Fatal(err)
	}
	return bottest.Visible(last.Message.Text()), string(body)
}

// TestResultsHideTheFew: while fewer than five have given an answer, the card is
// the same whether one more does or not; whoever looks after each answer would
// otherwise know who it was. So it is with each further one.
func TestResultsHideTheFew(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "grace")
	_, others := call(t, s, 39)
	s.presses(t, "grace", "📊 Who is coming")
	rsvp := strings.TrimSuffix(s.button(t, "grace", "✅ Yes"), "yes")
	words, before := s.results(t, "grace")
	if !strings.Contains(words, "Asked: at least ⟦40⟩ people\nComing: fewer than ⟦5⟩") {
		t.Errorf("nobody has answered, and it says\n%s", words)
	}
	next := 0
	for _, answer := range []string{"yes", "maybe", "no"} {
		for n := 1; n <= 2*headcount.Floor; n++ {
			s.press(t, others[next], rsvp+answer)
			next++
			words, now := s.results(t, "grace")
			if same := now == before; same != (n%headcount.Floor != 0) {
				t.Errorf("%d say %s, and the card is the same as before: %v\n%s", n, answer, same, words)
			}
			before = now
		}
	}
	want := "Coming: at least ⟦10⟩ people\nThey bring: fewer than ⟦5⟩\nMaybe: at least ⟦10⟩ people\nNot coming: at least ⟦10⟩ people"
	if words, _ := s.results(t, "grace"); !strings.Contains(words, want) {
		t.Errorf("thirty of forty have answered, and it says\n%s", words)
	}
	// What one of them brings does not show, before five more come.
	plus := strings.Replace(rsvp, "rsvp", "plus", 1)
	s.press(t, others[0], plus+"20")
	if words, now := s.results(t, "grace"); now != before {
		t.Errorf("one brings twenty, and it says\n%s", words)
	}
	for range headcount.Floor {
		s.press(t, others[next], rsvp+"yes")
		next++
	}
	if words, _ := s.results(t, "grace"); !strings.Contains(words, "Coming: at least ⟦15⟩ people\nThey bring: at least ⟦20⟩ people") {
		t.Errorf("five more come, and it says\n%s", words)
	}
	s.allWell(t)
}

// TestAudienceStandsStill looks at an audience, lets one person join, leave, or
// change their language or place, and looks again: not a byte is another, however
// the audience was come to. Five make a difference.
func TestAudienceStandsStill(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "grace", "omar")
	s.meet(t, "grace", "role organiser", "crowd 9 ar CV1", "crowd 4 uk CV1", "crowd 3 ku CV1")
	s.say(t, "grace", "/alert Come on Sunday.")
	s.presses(t, "grace", "English")
	choose := map[string]func(){
		"everyone": func() { s.presses(t, "grace", "Everyone") },
		"near": func() {
			s.presses(t, "grace", "Near a place")
			s.say(t, "grace", "CV1")
			s.presses(t, "grace", "⟦25⟩ km")
		},
		"language": func() {
			s.presses(t, "grace", "A language")
			s.presses(t, "grace", "Українська")
		},
		"group": func() {
			s.presses(t, "grace", "A group")
			s.presses(t, "grace", "Coventry Refugee and Migrant Centre")
		},
	}
	look := func(name string) string {
		t.Helper()
		s.presses(t, "grace", "👥 Who gets it")
		choose[name]()
		h := s.presses(t, "grace", "👁 Look and send")
		shown := h[len(h)-1].Message
		// The button that sends names the version of the draft, which is no number of people.
		return bottest.Visible(shown.Text())
	}
	before := map[string]string{}
	for name := range choose {
		before[name] = look(name)
	}
	same := func(what string) {
		t.Helper()
		for name := range choose {
			if now := look(name); now != before[name] {
				t.Errorf("%s, and for %s it says\n%s\nafter\n%s", what, name, now, before[name])
			}
		}
	}
	if want := "العربية: at least ⟦5⟩ people\nOther languages: at least ⟦5⟩ people\nAltogether: at least ⟦15⟩ people"; !strings.Contains(before["everyone"], want) {
		t.Errorf("everyone is\n%s", before["everyone"])
	}
	if want := "Altogether: fewer than ⟦5⟩\n"; !strings.Contains(before["group"], want) || !strings.Contains(before["language"], want) {
		t.Errorf("few are\n%s\n%s", before["group"], before["language"])
	}
	s.meet(t, "omar")
	same("one has joined")
	s.say(t, "omar", "Coventry")
	same("who lives in Coventry")
	crmc := string(s.groups["crmc"].ID)
	s.press(t, "omar", "v1:group.with:"+crmc+":")
	same("who is with a group")
	for _, l := range []string{"ar", "uk", "pl"} {
		s.press(t, "omar", "v1:member.language::"+l)
		same("who reads " + l)
	}
	s.say(t, "omar", "/stop")
	same("who has stopped")
	if err := s.do(t.Context(), "grace", "crowd 4 ar CV1 crmc"); err != nil {
		t.Fatal(err)
	}
	same("four more")
	if err := s.do(t.Context(), "grace", "crowd 1 ar CV1 crmc"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"everyone", "near"} {
		if now := look(name); !strings.Contains(now, "العربية: at least ⟦10⟩ people") {
			t.Errorf("five more, and for %s it says\n%s", name, now)
		}
	}
	s.allWell(t)
}

// TestDistancesAreThoseOffered: with any distance at all the people between two of
// them could be counted.
func TestDistancesAreThoseOffered(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "grace")
	s.meet(t, "grace", "role organiser")
	s.say(t, "grace", "/alert Come on Sunday.")
	s.presses(t, "grace", "English")
	s.presses(t, "grace", "👥 Who gets it")
	s.presses(t, "grace", "Near a place")
	s.say(t, "grace", "CV1")
	within := strings.TrimSuffix(s.button(t, "grace", "⟦25⟩ km"), "25")
	// By another name the place is the same, and so is the question.
	s.presses(t, "grace", "⟦25⟩ km")
	s.presses(t, "grace", "👁 Look and send")
	before := s.behind(t, `SELECT count(*) FROM shown_counts`)
	s.press(t, "grace", strings.Replace(within, "within", "at", 1)+"CV1|Elsewhere")
	s.press(t, "grace", within+"25").shows(t, "⟦25⟩ km of ⟨Elsewhere⟩")
	s.presses(t, "grace", "👁 Look and send")
	if now := s.behind(t, `SELECT count(*) FROM shown_counts`); now != before {
		t.Errorf("another name is another question: %sthere were %s", now, before)
	}
	for _, km := range []string{"1", "6", "24", "26", "500", "-5", "5.0", ""} {
		if h := s.press(t, "grace", within+km); !h.says(s, "lost.old-button") {
			t.Errorf("%q km is answered with\n%s", km, h.text())
		}
	}
	if h := s.press(t, "grace", within+"50"); !strings.Contains(h.text(), "⟦50⟩ km") {
		t.Errorf("50 km is answered with\n%s", h.text())
	}
	s.allWell(t)
}

// TestOneQuestionHidesWhatAnotherHides: whoever asks about one audience, and about
// another after one person came or changed something, is told of the same people:
// the second answer is what it would have been before.
func TestOneQuestionHidesWhatAnotherHides(t *testing.T) {
	for name, change := range map[string]string{
		"joined": "crowd 1 ar CV1 crmc", "four": "crowd 4 ar CV1 crmc",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := loadEmbedded(t)
			numbers := func(changed bool) map[string]string {
				s := newFileStage(t, e, "grace")
				s.meet(t, "grace", "role organiser", "crowd 9 ar CV1 crmc")
				s.say(t, "grace", "/alert Come on Sunday.")
				s.presses(t, "grace", "English")
				id := strings.Split(s.button(t, "grace", "👁 Look and send"), ":")[2]
				look := func(data ...string) string {
					for _, d := range data {
						verb, arg, _ := strings.Cut(d, ":")
						s.press(t, "grace", "v1:alert."+verb+":"+id+":"+arg)
					}
					h := s.press(t, "grace", "v1:alert.preview:"+id+":")
					_, said, _ := strings.Cut(bottest.Visible(h[len(h)-1].Message.Text()), "Who gets it:")
					_, said, _ = strings.Cut(said, "\n")
					return said
				}
				look("at:CV1 1|x", "within:25")
				if changed {
					if err := s.do(t.Context(), "grace", change); err != nil {
						t.Fatal(err)
					}
				}
				all := map[string]string{
					"next sector": look("at:CV1 2|x", "within:25"), "nearer": look("at:CV1 1|x", "within:10"), "wider": look("within:50"),
					"everyone": look("everyone:"), "language": look("locale:ar"), "group": look("group:" + string(s.groups["crmc"].ID)),
				}
				s.allWell(t)
				return all
			}
			before, after := numbers(false), numbers(true)
			for question, want := range before {
				if !strings.Contains(want, "العربية: at least ⟦5⟩ people") {
					t.Errorf("%s is\n%s", question, want)
				}
				if got := after[question]; got != want {
					t.Errorf("%s, asked for the first time, is\n%s\nand without it would be\n%s", question, got, want)
				}
			}
		})
	}
}
