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

// TestResultsHideTheFew: while fewer than five have given an answer, the card is
// the same whether one more does or not; whoever looks after each answer would
// otherwise know who it was.
func TestResultsHideTheFew(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "grace")
	_, others := call(t, s, 39)
	results := func() (words, whole string) {
		h := s.presses(t, "grace", "📊 Who is coming")
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
	rsvp := strings.TrimSuffix(s.button(t, "grace", "✅ Yes"), "yes")
	words, before := results()
	if !strings.Contains(words, "No answer yet: at least ⟦28⟩ people") {
		t.Errorf("nobody has answered, and it says\n%s", words)
	}
	next := 0
	for _, answer := range []string{"yes", "maybe", "no"} {
		for n := 1; n <= headcount.Floor; n++ {
			s.press(t, others[next], rsvp+answer)
			next++
			words, now := results()
			if same := now == before; same != (n < headcount.Floor) {
				t.Errorf("%d say %s, and the card is the same as before: %v\n%s", n, answer, same, words)
			}
			before = now
		}
	}
	if words, _ := results(); !strings.Contains(words, "No answer yet: ⟦25⟩ people") {
		t.Errorf("fifteen of forty have answered, and it says\n%s", words)
	}
	s.allWell(t)
}
