package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"ella/bot"
)

// trace writes down who heard of what.
type trace struct {
	mu   sync.Mutex
	seen []string
}

func (r *trace) hear(room string, e bot.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen = append(r.seen, fmt.Sprintf("%s %T", room, e))
}

// take is what was heard since it was last asked, sorted.
func (r *trace) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	seen := r.seen
	r.seen = nil
	slices.Sort(seen)
	return seen
}

// raise is a committed mark: the revision of the directory counts them.
func (h *house) raise() bot.Change {
	return func(ctx context.Context, tx bot.Tx) error { return h.db.Groups().Save(ctx, tx, nil, h.clock.Now()) }
}

func (h *house) raised() int64 {
	h.t.Helper()
	n, err := h.db.Groups().Revision(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

// What one room causes reaches every other room once, and what they make of it
// is committed with it or not at all.
func TestEvents(t *testing.T) {
	var heard trace
	var h *house
	fail := ""
	listen := func(name string, more ...bot.Event) *room {
		return &room{name: name, on: func(_ context.Context, turn bot.Turn, e bot.Event) (bot.Outcome, error) {
			heard.hear(name, e)
			if fail == name {
				return bot.Outcome{}, errors.New("no")
			}
			out := says(name, "heard in", turn.Locale)
			out.Do(h.raise())
			if fail == name+" changes" {
				out.Do(func(context.Context, bot.Tx) error { return errors.New("no") })
			}
			if _, first := e.(bot.LanguageChosen); first {
				out.Events = more
			}
			return out, nil
		}}
	}
	home := listen("home")
	home.lost = func(_ context.Context, _ bot.Turn, why bot.Lostness) (bot.Outcome, error) {
		if why != bot.NoCommand {
			return bot.Outcome{}, nil
		}
		out := says("chosen")
		out.Do(h.raise())
		out.Events = []bot.Event{bot.LanguageChosen{Locale: "pl"}}
		return out, nil
	}
	h = newHouse(t, options{rooms: []*room{home, listen("group", bot.Welcomed{}), listen("action")}})

	// group hears of the choice and causes a second event, which goes to
	// everybody but group, to the room that began it too.
	h.say("a", "hello")
	want := []string{"action bot.LanguageChosen", "action bot.Welcomed", "group bot.LanguageChosen", "home bot.Welcomed"}
	if got := heard.take(); !slices.Equal(got, want) {
		t.Errorf("heard:\n got %q\nwant %q", got, want)
	}
	if n := h.raised(); n != 5 {
		t.Errorf("%d changes were committed, want 5", n)
	}
	h.hears("all of it, in the language just chosen", "a", "chosen", "group heard in pl", "action heard in pl", "home heard in pl", "action heard in pl")

	for _, who := range []string{"group", "action", "group changes", "action changes"} {
		fail = who
		before := h.raised()
		h.say("a", "hello")
		if n := h.raised(); n != before {
			t.Errorf("%s failed, and %d changes were committed", who, n-before)
		}
		h.hears("when "+who+" failed", "a", "home lost broken")
		heard.take()
	}
	if got := h.parked(); got["room"] != 2 || got["not-stored"] != 2 {
		t.Errorf("parked: %v", got)
	}
}

// Events that go round in circles end, as a failure.
func TestEventsInCircles(t *testing.T) {
	echo := func(context.Context, bot.Turn, bot.Event) (out bot.Outcome, err error) {
		out.Events = []bot.Event{bot.Welcomed{}}
		return out, nil
	}
	home := &room{name: "home", on: echo, command: func(context.Context, bot.Turn, string, string) (bot.Outcome, error) {
		out := says("begun")
		out.Events = []bot.Event{bot.Welcomed{}}
		return out, nil
	}, commands: []bot.Command{{Name: "go"}}}
	h := newHouse(t, options{rooms: []*room{home, {name: "group", on: echo}}})
	h.say("a", "/go")
	h.hears("circles", "a", "home lost broken")
	if got := h.parked(); got["room"] != 1 {
		t.Errorf("parked: %v", got)
	}
}

// An event may move the conversation on: the last word counts.
func TestEventMovesTheConversation(t *testing.T) {
	home := &room{name: "home", commands: []bot.Command{{Name: "go"}}, command: func(context.Context, bot.Turn, string, string) (bot.Outcome, error) {
		out := says("done here")
		out.Done = true
		out.Events = []bot.Event{bot.Welcomed{}}
		return out, nil
	}}
	other := &room{name: "group", on: func(context.Context, bot.Turn, bot.Event) (bot.Outcome, error) {
		out := says("where do you live?")
		out.Next = bot.NewStep("group", "place", nil)
		return out, nil
	}}
	h := newHouse(t, options{rooms: []*room{home, other}})
	h.say("a", "/go", "Coventry")
	h.hears("the next question", "a", "done here", "where do you live?", "group step place Coventry")
}
