package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// histories is how many random histories TestNobodyLearnsOfAnother plays. A
// hundred thousand take the better part of an hour: make histories.
var histories = flag.Int("histories", 200, "how many random histories are played for the secrecy of members")

// seedOfHistories picks other histories.
var seedOfHistories = flag.Uint64("histories-seed", 1, "which random histories")

// TestNobodyLearnsOfAnother plays random histories of joins, answers, stops,
// forgets and roles in two worlds. They differ in nothing but that two members, x
// and y, have changed lives: what one of them does in one world the other does in
// the other one. All totals are the same then, so whatever anyone else is shown, in
// private or in a group chat, must be the same to the letter, or it depends on who did
// what. And no number of
// people that anyone is shown is below five, or moves by fewer.
//
// Each history ends with x and y forgotten, and then nothing of them may be left;
// after some histories the organisations are removed, with everything.
func TestNobodyLearnsOfAnother(t *testing.T) {
	e := loadEmbedded(t)
	const together = 100 // histories on one pair of databases
	var played, said, differing, joined int
	var mu sync.Mutex
	var all sync.WaitGroup
	room := make(chan struct{}, 4)
	for first := 0; first < *histories; first += together {
		room <- struct{}{}
		all.Go(func() {
			defer func() { <-room }()
			worlds := [2]*world{newSecretWorld(t, e), newSecretWorld(t, e)}
			for i := first; i < min(first+together, *histories) && !t.Failed(); i++ {
				h := newHistory(*seedOfHistories, uint64(i))
				var heard [2]map[string][]string
				for n, w := range worlds {
					heard[n] = w.play(t, h, n == 1)
				}
				n := compare(t, h, heard)
				mu.Lock()
				said += n
				if !slices.Equal(heard[0]["x"], heard[1]["x"]) {
					differing++
				}
				if played++; played%1000 == 0 {
					t.Logf("%d of %d histories, %d messages to others compared", played, *histories, said)
				}
				mu.Unlock()
			}
			mu.Lock()
			joined += worlds[0].joined
			mu.Unlock()
			for _, w := range worlds {
				w.app.engine.Stop()
				w.app.delivery.Stop()
			}
		})
	}
	all.Wait()
	// A test in which the two lives are mostly alike would prove nothing.
	if differing < *histories*3/4 {
		t.Errorf("in only %d of %d histories did the two lives differ", differing, *histories)
	}
	if joined < *histories/20 {
		t.Errorf("in %d histories somebody was in two chats %d times only", *histories, joined)
	}
	t.Logf("%d histories, %d messages to others compared, %d times somebody was in two chats", *histories, said, joined)
}

// people is how the numbers of people read in English.
var people = regexp.MustCompile(`at least ⟦(\d+)⟧ p|fewer than ⟦(\d+)⟧|⟦(\d+)⟧ p(?:erson|eople)`)

// compare holds what others heard in the two worlds against each other, and
// returns how much that was.
func compare(t *testing.T, h history, heard [2]map[string][]string) int {
	t.Helper()
	n := 0
	for who, lines := range heard[0] {
		for _, line := range lines {
			for _, m := range people.FindAllStringSubmatch(line, -1) {
				number, err := strconv.Atoi(m[1] + m[2] + m[3])
				if err != nil || m[3] != "" || number < 5 || number%5 != 0 {
					t.Errorf("history %d: %s is shown %q", h.number, who, m[0])
				}
			}
		}
		if strings.HasPrefix(who, "x") || strings.HasPrefix(who, "y") {
			continue
		}
		n += len(lines)
		other := heard[1][who]
		for i := range max(len(lines), len(other)) {
			a, b := "nothing", "nothing"
			if i < len(lines) {
				a = lines[i]
			}
			if i < len(other) {
				b = other[i]
			}
			if a != b {
				t.Errorf("history %d: %s learns which of two did something:\n%s\n-- and in the other world\n%s\n%s", h.number, who, a, b, h)
				break
			}
		}
	}
	return n
}

// deed is something that somebody does; n chooses what exactly.
type deed struct {
	name string
	n    int
}

// moment is one deed, or one of x and then one of y: in the other world the first
// is y's and the second x's.
type moment struct {
	who        string
	deed, also deed
}

type history struct {
	number  uint64
	moments []moment
}

func (h history) String() string {
	var b strings.Builder
	for _, m := range h.moments {
		fmt.Fprintf(&b, "%s %s %d", m.who, m.deed.name, m.deed.n)
		if m.who == "x and y" {
			fmt.Fprintf(&b, " / %s %d", m.also.name, m.also.n)
		}
		b.WriteString("; ")
	}
	return b.String()
}

// The cast. The organisers and the leader read English, so that their numbers can
// be read by this test.
var (
	others = []string{"m1", "m2"}
	roles  = []string{"organiser of a", "organiser of b", "leader"}
)

func newHistory(seed, number uint64) history {
	dice := rand.New(rand.NewPCG(seed, number))
	h := history{number: number}
	random := func(names ...string) deed { return deed{names[dice.IntN(len(names))], dice.IntN(1000)} }
	two := func(a, b deed) { h.moments = append(h.moments, moment{"x and y", a, b}) }
	one := func(who string, d deed) { h.moments = append(h.moments, moment{who: who, deed: d}) }
	two(random("arrives"), random("arrives"))
	if dice.IntN(4) > 0 {
		one(roles[dice.IntN(2)], random("writes"))
	}
	for range 4 + dice.IntN(5) {
		switch dice.IntN(9) {
		case 0, 1, 2:
			two(random(memberDeeds...), random(memberDeeds...))
		case 3, 4:
			one(others[dice.IntN(len(others))], random(memberDeeds...))
		case 5:
			one(roles[dice.IntN(2)], random("writes", "previews", "people", "results", "results"))
		case 6:
			one("leader", random("my group", "my group", "answers", "actions"))
		default:
			one(roles[dice.IntN(2)], random("results", "people", "suspends", "mydata"))
		}
	}
	one(roles[dice.IntN(2)], random("results", "people"))
	one("leader", deed{"my group", 0})
	return h
}

var memberDeeds = []string{
	"answers", "answers", "answers", "brings", "language", "moves", "joins a group", "joins a group", "leaves a group", "agrees",
	"leaves", "mutes", "stops", "resumes", "forgotten", "forgotten", "complains", "mydata", "actions", "groups", "arrives",
	"answers in the chat", "answers in the chat", "answers in words", "follows the link", "hides", "speaks in the chat",
	"begins", "begins", "links", "unlinks", "prefers", "leaves the chat",
}
