package place

import (
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"
)

// name is one folded name of a town.
type name struct {
	key    string
	town   int
	runes  int
	traces uint64 // one bit for each rune, to rule out unlike names at a glance
}

func newName(key string, town int) name {
	n := name{key: key, town: town}
	n.runes, n.traces = trace(key)
	return n
}

// trace returns the length of key in runes and a bit for each of them. The bits of
// the letters a to z differ.
func trace(key string) (runes int, traces uint64) {
	for _, r := range key {
		runes++
		traces |= 1 << (r % 64)
	}
	return runes, traces
}

// firstName returns where in g.names the names from key on begin.
func (g *Gazetteer) firstName(key string) int {
	i, _ := slices.BinarySearchFunc(g.names, key, func(n name, key string) int {
		return strings.Compare(n.key, key)
	})
	return i
}

// named returns the towns of exactly this name, the biggest first.
func (g *Gazetteer) named(key string) []int {
	var towns []int
	for i := g.firstName(key); i < len(g.names) && g.names[i].key == key; i++ {
		towns = append(towns, g.names[i].town)
	}
	return distinct(towns)
}

// beginning returns the towns with a name that begins with key, the biggest first.
func (g *Gazetteer) beginning(key string) []int {
	if utf8.RuneCountInString(key) < 3 {
		return nil
	}
	var towns []int
	for i := g.firstName(key); i < len(g.names) && strings.HasPrefix(g.names[i].key, key); i++ {
		towns = append(towns, g.names[i].town)
	}
	slices.Sort(towns)
	return distinct(towns)
}

// misspelt returns the towns with a name that is a slip or two away from key, the
// fewest slips first and the biggest first of those. It allows one slip from five
// letters and two from eight.
func (g *Gazetteer) misspelt(key string) []int {
	runes, traces := trace(key)
	letters := runes - strings.Count(key, " ")
	allowed := 0
	switch {
	case runes > longestName:
	case letters >= 8:
		allowed = 2
	case letters >= 5:
		allowed = 1
	}
	if allowed == 0 {
		return nil
	}
	typed := []rune(key)
	bySlips := make([][]int, allowed+1)
	var spelt [longestName]rune
	for i := range g.names {
		n := &g.names[i]
		// A slip changes the length by one at most, and two bits.
		if n.runes > longestName || n.runes > runes+allowed || n.runes < runes-allowed ||
			bits.OnesCount64(n.traces^traces) > 2*allowed {
			continue
		}
		if slips := distance(typed, decode(spelt[:0], n.key), allowed); slips <= allowed {
			bySlips[slips] = append(bySlips[slips], n.town)
		}
	}
	var towns []int
	for _, some := range bySlips {
		slices.Sort(some)
		towns = append(towns, some...)
	}
	return distinct(towns)
}

func decode(into []rune, key string) []rune {
	for _, r := range key {
		into = append(into, r)
	}
	return into
}

// distinct keeps the first of every town, and as many as an answer may hold.
func distinct(towns []int) []int {
	var kept []int
	for _, number := range towns {
		if len(kept) < mostPlaces && !slices.Contains(kept, number) {
			kept = append(kept, number)
		}
	}
	return kept
}
