package alert_test

import (
	"maps"
	"math/rand/v2"
	"testing"

	"ella/bot"
	"ella/bot/alert"
	"ella/bot/headcount"
)

// one is somebody in a cohort, or nobody yet.
type one struct {
	there        bool
	reads, where string
	groups       [3]bool
	chats        [2]bool
}

// cohort counts people as the room does.
func cohort(people []one) alert.Cohort {
	c := alert.Cohort{Version: 1, Places: map[string]alert.Readers{}, Groups: map[bot.GroupID]alert.Readers{}, Chats: map[bot.GroupChatID]alert.Readers{}}
	for _, p := range people {
		if !p.there {
			continue
		}
		if c.Places[p.where] == nil {
			c.Places[p.where] = alert.Readers{}
		}
		c.Places[p.where][p.reads]++
		for i, with := range p.groups {
			id := bot.GroupID(rune('a' + i))
			if with && c.Groups[id] == nil {
				c.Groups[id] = alert.Readers{}
			}
			if with {
				c.Groups[id][p.reads]++
			}
		}
		for i, from := range p.chats {
			id := bot.GroupChatID(rune('a' + i))
			if from && c.Chats[id] == nil {
				c.Chats[id] = alert.Readers{}
			}
			if from {
				c.Chats[id][p.reads]++
			}
		}
	}
	return c
}

// TestCohortMovesWithFive: however people come, leave, and change their language,
// place and groups, what every number is taken from stays until five of them differ
// from it.
func TestCohortMovesWithFive(t *testing.T) {
	moved := 0
	for seed := range uint64(2000) {
		dice := rand.New(rand.NewPCG(4, seed))
		someone := func() one {
			return one{
				there: dice.IntN(4) > 0, reads: []string{"ar", "uk", ""}[dice.IntN(3)], where: []string{"CV1 1", "CV1 2", ""}[dice.IntN(3)],
				groups: [3]bool{dice.IntN(2) == 0, dice.IntN(2) == 0, dice.IntN(2) == 0}, chats: [2]bool{dice.IntN(3) == 0, dice.IntN(3) == 0},
			}
		}
		people := make([]one, 3+dice.IntN(20))
		for i := range people {
			people[i] = someone()
		}
		shown, counted := cohort(people), append([]one(nil), people...)
		if (alert.Cohort{}).Stands(shown) {
			t.Fatalf("seed %d: what was never counted stands", seed)
		}
		for range 60 {
			people[dice.IntN(len(people))] = someone()
			differ := 0
			for i := range people {
				if people[i] != counted[i] && (people[i].there || counted[i].there) {
					differ++
				}
			}
			now := cohort(people)
			if shown.Stands(now) {
				continue
			}
			if differ < headcount.Floor {
				t.Fatalf("seed %d: counted anew when %d differ", seed, differ)
			}
			moved++
			shown, counted = now, append(counted[:0], people...)
		}
	}
	if moved < 1000 {
		t.Errorf("counted anew only %d times", moved)
	}
}

// TestCohortFollows: it does not stand when five or more have come to one number, or
// left one.
func TestCohortFollows(t *testing.T) {
	base := alert.Cohort{Version: 1, Places: map[string]alert.Readers{"B1": {"ar": 7}}, Groups: map[bot.GroupID]alert.Readers{"g": {"ar": 7}}, Chats: map[bot.GroupChatID]alert.Readers{"c": {"ar": 7}}}
	for name, c := range map[string]struct {
		change func(c alert.Cohort)
		stands bool
	}{
		"nothing":   {func(alert.Cohort) {}, true},
		"four came": {func(c alert.Cohort) { c.Places["B2"] = alert.Readers{"uk": 4} }, true},
		"five came": {func(c alert.Cohort) {
			c.Places["B2"] = alert.Readers{"uk": 2, "ar": 2}
			c.Places["B3"] = alert.Readers{"ar": 1}
		}, false},
		"four changed language":     {func(c alert.Cohort) { c.Places["B1"] = alert.Readers{"ar": 3, "uk": 4} }, true},
		"five moved":                {func(c alert.Cohort) { c.Places["B1"], c.Places["B2"] = alert.Readers{"ar": 2}, alert.Readers{"ar": 5} }, false},
		"five left":                 {func(c alert.Cohort) { c.Places["B1"] = alert.Readers{"ar": 2} }, false},
		"five left a group":         {func(c alert.Cohort) { c.Groups["g"] = alert.Readers{"ar": 2} }, false},
		"five opted out of a chat":  {func(c alert.Cohort) { c.Chats["c"] = alert.Readers{"ar": 2} }, false},
		"five opted in from a chat": {func(c alert.Cohort) { c.Chats["d"] = alert.Readers{"ar": 5} }, false},
		"four opted in from a chat": {func(c alert.Cohort) { c.Chats["d"] = alert.Readers{"ar": 4} }, true},
		"one is with many":          {func(c alert.Cohort) { c.Groups["h"] = alert.Readers{"ar": 4}; c.Groups["i"] = alert.Readers{"ar": 4} }, true},
	} {
		now := alert.Cohort{Places: map[string]alert.Readers{}, Groups: map[bot.GroupID]alert.Readers{}, Chats: map[bot.GroupChatID]alert.Readers{}}
		for where, readers := range base.Places {
			now.Places[where] = maps.Clone(readers)
		}
		for group, readers := range base.Groups {
			now.Groups[group] = maps.Clone(readers)
		}
		for chat, readers := range base.Chats {
			now.Chats[chat] = maps.Clone(readers)
		}
		c.change(now)
		if got := base.Stands(now); got != c.stands {
			t.Errorf("%s: it stands: %v", name, got)
		}
	}
}
