package headcount_test

import (
	"math/rand/v2"
	"strconv"
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
	for n := range 60 {
		want := "fewer than 5"
		if n >= 5 {
			want = "at least " + strconv.Itoa(n/5*5) + " people"
		}
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

func TestSum(t *testing.T) {
	for _, c := range []struct {
		parts []int
		want  int
	}{
		{nil, 0}, {[]int{4}, 0}, {[]int{4, 4, 4}, 0}, {[]int{5}, 5}, {[]int{5, 6}, 11}, {[]int{12, 4}, 12}, {[]int{8, 2, 7, 0}, 15},
	} {
		if got := headcount.Sum(c.parts...); got != c.want {
			t.Errorf("%v: got %d, want %d", c.parts, got, c.want)
		}
	}
}

// looker asks one question again and again, as a room does: recall, show, keep.
type looker struct {
	base  int
	known bool
}

func (l *looker) count(now int) *headcount.Count {
	c := headcount.Of(now, "q")
	c.Base, c.Known = l.base, l.known
	return c
}

// look returns what is shown, and whether it is shown anew.
func (l *looker) look(now int) (shown int, anew bool) {
	c := l.count(now)
	if anew = c.Anew(); anew {
		l.base, l.known = c.Now, true
	}
	return c.Shown(), anew
}

// TestNumbersStandStill walks through many histories, in steps of one and in
// jumps, with looks in between.
func TestNumbersStandStill(t *testing.T) {
	p := english(t)
	for seed := range uint64(3000) {
		dice := rand.New(rand.NewPCG(1, seed))
		var l looker
		now, last, words, truth := dice.IntN(40), -1, "", -1
		for range 60 {
			switch dice.IntN(8) {
			case 0:
				now = dice.IntN(60)
			case 1, 2, 3:
				now++
			default:
				now = max(0, now-1)
			}
			if dice.IntN(3) == 0 {
				continue
			}
			shown, anew := l.look(now)
			said := plain(headcount.People(p, shown))
			if anew {
				truth = now
			}
			drawn := headcount.Rough(shown)
			if drawn%headcount.Floor != 0 || drawn > truth || drawn != 0 && drawn < headcount.Floor || drawn == 0 && truth >= headcount.Floor {
				t.Fatalf("seed %d: %d is drawn, and there were %d when it was shown anew", seed, drawn, truth)
			}
			if last >= 0 && said != words && distance(last, now) < headcount.Floor {
				t.Fatalf("seed %d: %q became %q when %d became %d", seed, words, said, last, now)
			}
			if distance(truth, now) >= headcount.Floor {
				t.Fatalf("seed %d: shown as of %d, and by now there are %d", seed, truth, now)
			}
			if anew {
				last, words = now, said
			}
			if said != words {
				t.Fatalf("seed %d: %q became %q and was not shown anew", seed, words, said)
			}
		}
	}
}

func distance(a, b int) int { return max(a-b, b-a) }

// TestOnePersonMakesNoDifference asks, lets one person come or go, and asks again.
// Unless five differences had gathered, both answers are the same: whoever asked
// does not know whether there was that one person.
func TestOnePersonMakesNoDifference(t *testing.T) {
	for seed := range uint64(3000) {
		dice := rand.New(rand.NewPCG(2, seed))
		var one, other looker
		now := dice.IntN(40)
		for range 10 {
			one.look(now)
			now = max(0, now+dice.IntN(9)-4)
		}
		one.look(now)
		other = one
		step := 1 - 2*dice.IntN(2)
		changed := max(0, now+step)
		gathered := distance(one.base, changed)
		stayed, _ := one.look(now)
		moved, _ := other.look(changed)
		if stayed != moved && gathered < headcount.Floor {
			t.Fatalf("seed %d: %d is shown as %d, and %d as %d, with %d differences", seed, now, stayed, changed, moved, gathered)
		}
	}
}

// TestWith: how many some people bring stands still while they do, by however
// many it changes.
func TestWith(t *testing.T) {
	var people, plus looker
	look := func(nowPeople, nowPlus int) (shown int, anew bool) {
		c, with := plus.count(nowPlus), people.count(nowPeople)
		c.With = with
		if anew = c.Anew(); anew {
			plus.base, plus.known = nowPlus, true
		}
		people.look(nowPeople)
		return c.Shown(), anew
	}
	for _, c := range []struct {
		people, plus, shown int
		anew                bool
	}{
		{6, 3, 3, true}, {6, 43, 3, false}, {10, 60, 3, false}, {11, 60, 60, true}, {11, 0, 60, false}, {15, 61, 60, false}, {16, 61, 61, true}, {11, 61, 61, true},
	} {
		if shown, anew := look(c.people, c.plus); shown != c.shown || anew != c.anew {
			t.Errorf("%d people bring %d: shown is %d (anew: %v), want %d (%v)", c.people, c.plus, shown, anew, c.shown, c.anew)
		}
	}
}

// TestHiddenPartsStayHidden: nothing that is summed moves with a part that is
// hidden, or whoever looks twice counts the hidden people.
func TestHiddenPartsStayHidden(t *testing.T) {
	for seed := range uint64(2000) {
		dice := rand.New(rand.NewPCG(3, seed))
		parts := make([]int, 1+dice.IntN(5))
		for i := range parts {
			parts[i] = dice.IntN(12)
		}
		hidden := dice.IntN(len(parts))
		parts[hidden] = dice.IntN(headcount.Floor - 1)
		before := headcount.Sum(parts...)
		parts[hidden]++
		if now := headcount.Sum(parts...); now != before {
			t.Fatalf("seed %d: the sum of %v moved from %d to %d", seed, parts, before, now)
		}
	}
}

func TestAnew(t *testing.T) {
	a, b := headcount.Of(7, "a"), headcount.Of(7, "b")
	b.Base, b.Known = 4, true
	if got := headcount.Anew(b, a); len(got) != 1 || got[0] != a {
		t.Errorf("anew: %v", got)
	}
}
