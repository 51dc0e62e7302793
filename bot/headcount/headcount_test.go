package headcount_test

import (
	"math/rand/v2"
	"testing"

	"ella/bot/headcount"
	"ella/bot/language"
	"ella/bot/message"
	"ella/locales"
)

func english(t testing.TB) language.Printer {
	t.Helper()
	b, err := language.Load(locales.Files)
	if err != nil {
		t.Fatal(err)
	}
	return b.For(language.English)
}

// plain is what somebody reads, without the isolates.
func plain(spans []message.Span) string {
	s := ""
	for _, span := range spans {
		s += span.Text
	}
	return s
}

func TestPeople(t *testing.T) {
	p := english(t)
	for n, want := range []string{"fewer than 5", "fewer than 5", "fewer than 5", "fewer than 5", "fewer than 5", "5 people", "6 people"} {
		if got := plain(headcount.People(p, n)); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
	for n, want := range []int{0, 0, 0, 0, 0, 5, 5, 5, 5, 5, 10, 10} {
		if got := headcount.Rough(n); got != want {
			t.Errorf("%d is roughly %d, want %d", n, got, want)
		}
	}
}

func TestTotal(t *testing.T) {
	p := english(t)
	for _, c := range []struct {
		parts []int
		want  string
	}{
		{nil, "fewer than 5"},
		{[]int{0}, "fewer than 5"},
		{[]int{4}, "fewer than 5"},
		{[]int{5}, "5 people"},
		{[]int{5, 6}, "11 people"},
		{[]int{12, 1}, "at least 12 people"},
		{[]int{12, 4}, "at least 12 people"},
		{[]int{8, 2, 7, 2}, "at least 15 people"},
		// Two of at most four each are fewer than ten, and may well be more than five.
		{[]int{4, 4}, "fewer than 10"},
		{[]int{1, 2, 3}, "fewer than 15"},
	} {
		if got := plain(headcount.Total(p, c.parts...)); got != c.want {
			t.Errorf("%v: got %q, want %q", c.parts, got, c.want)
		}
	}
}

func TestRest(t *testing.T) {
	p := english(t)
	for _, c := range []struct {
		whole int
		parts []int
		want  string
		least int
	}{
		{17, []int{6, 5, 5}, "fewer than 5", 1},
		{40, []int{6, 5, 5}, "24 people", 24},
		{40, []int{6, 5, 0}, "at least 25 people", 25},
		{40, []int{6, 5, 4}, "at least 25 people", 25},
		{17, []int{2, 0, 1}, "at least 5 people", 5},
		// Nobody answered or twelve did: neither may be said.
		{12, []int{0, 0, 0}, "", 0},
		{12, []int{4, 4, 4}, "", 0},
		{3, []int{1, 0, 0}, "fewer than 5", 0},
		{8, []int{6, 1, 0}, "fewer than 5", 0},
		{0, []int{0, 0, 0}, "fewer than 5", 0},
	} {
		if got := plain(headcount.Rest(p, c.whole, c.parts...)); got != c.want {
			t.Errorf("%d without %v: got %q, want %q", c.whole, c.parts, got, c.want)
		}
		if got := headcount.Least(c.whole, c.parts...); got != c.least {
			t.Errorf("%d without %v: at least %d, want %d", c.whole, c.parts, got, c.least)
		}
	}
}

// TestHiddenNumbersStayHidden draws many censuses and lets one person come to or
// go from a hidden part: nothing that is printed or drawn may move, or whoever
// looks twice counts the hidden people. What is printed is never false either.
func TestHiddenNumbersStayHidden(t *testing.T) {
	p := english(t)
	for seed := range uint64(2000) {
		dice := rand.New(rand.NewPCG(3, seed))
		parts := make([]int, 1+dice.IntN(5))
		sum := 0
		for i := range parts {
			parts[i] = dice.IntN(12)
			sum += parts[i]
		}
		whole := sum + dice.IntN(30)
		hidden := dice.IntN(len(parts))
		parts[hidden] = dice.IntN(headcount.Floor - 1)

		other := append([]int(nil), parts...)
		other[hidden]++
		for name, f := range map[string]func(parts []int) string{
			"the part itself": func(parts []int) string { return plain(headcount.People(p, parts[hidden])) },
			"its total":       func(parts []int) string { return plain(headcount.Total(p, parts...)) },
			"what is left":    func(parts []int) string { return plain(headcount.Rest(p, whole, parts...)) },
			"what is drawn": func(parts []int) string {
				return string(rune(headcount.Rough(parts[hidden]))) + string(rune(headcount.Least(whole, parts...)))
			},
		} {
			if a, b := f(parts), f(other); a != b {
				t.Fatalf("seed %d: %s shows %v and %v apart: %q, %q", seed, name, parts, other, a, b)
			}
		}
	}
}
