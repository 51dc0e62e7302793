package halves_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"ella/adapters/halves"
)

func TestTake(t *testing.T) {
	var h halves.Halves[string, []int]
	h.Keep("chat", "message", []int{1, 2})
	for name, got := range map[string][]int{"another chat": h.Take("elsewhere", "message"), "another message": h.Take("chat", "another")} {
		if got != nil {
			t.Errorf("%s: %v stand there", name, got)
		}
	}
	if got := h.Take("chat", "message"); !slices.Equal(got, []int{1, 2}) {
		t.Errorf("%v stand there", got)
	}
	if got := h.Take("chat", "message"); got != nil {
		t.Errorf("%v stand there a second time", got)
	}
}

func TestForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h halves.Halves[int, string]
		h.Keep(-1, "message", "old")
		<-time.After(59 * time.Minute)
		h.Keep(-2, "message", "young")
		<-time.After(2 * time.Minute)
		if old, young := h.Take(-1, "message"), h.Take(-2, "message"); old != "" || young != "young" {
			t.Errorf("after an hour: %q and %q", old, young)
		}
		for chat := range 300 {
			h.Keep(chat, "message", "sent")
		}
		if first, last := h.Take(0, "message"), h.Take(299, "message"); first != "" || last != "sent" {
			t.Errorf("of many: %q and %q", first, last)
		}
	})
}
