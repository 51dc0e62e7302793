package engine_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/message"
)

// street is a home and a second room with commands for everyone, for organisers
// and for leaders.
func street() []*room {
	return []*room{
		{name: "home", commands: []bot.Command{{Name: "help"}, {Name: "stop"}, {Name: "join", Hidden: true}}},
		{name: "group", commands: []bot.Command{{Name: "groups"}, {Name: "alert", For: []bot.RoleKind{bot.Organiser}}, {Name: "mygroup", For: []bot.RoleKind{bot.Leader, bot.Organiser}}}},
	}
}

func (h *house) organisation() bot.Organisation {
	h.t.Helper()
	o := bot.Organisation{ID: bot.OrganisationID(h.options.IDs.New()), Name: "Common Ground", Zone: "Europe/London"}
	if err := h.db.Write(h.t.Context(), func(ctx context.Context, tx bot.Tx) error { return h.db.Members().AddOrganisation(ctx, tx, o) }); err != nil {
		h.t.Fatal(err)
	}
	return o
}

func (h *house) grant(who string, kind bot.RoleKind) {
	h.t.Helper()
	o := h.organisation()
	p, _, err := h.db.Engine("").Person(h.t.Context(), h.account, who)
	if err != nil {
		h.t.Fatal(err)
	}
	err = h.db.Write(h.t.Context(), func(ctx context.Context, tx bot.Tx) error {
		return h.db.Roles().Grant(ctx, tx, p.Member.ID, bot.Role{Kind: kind, Organisation: o.ID}, h.clock.Now())
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

func TestCommands(t *testing.T) {
	h := newHouse(t, options{rooms: street()})
	for typed, want := range map[string]string{
		"/groups":                            "group /groups",
		"  /groups  ":                        "group /groups",
		"/groups b11 1aa":                    "group /groups b11 1aa",
		"/Groups B11":                        "group /groups B11",
		"/GROUPS":                            "group /groups",
		"/groups@ella_bot b11":               "group /groups b11",
		"/groups@ella_bot":                   "group /groups",
		"/join ABC\ndef":                     "home /join ABC\ndef",
		"/join\nABC def":                     "home /join ABC def",
		"/join\n\nABC":                       "home /join ABC",
		"/join\tABC":                         "home /join ABC",
		"/join\u00a0ABC":                     "home /join ABC",
		"/join@ella_bot\nABC":                "home /join ABC",
		"/":                                  "home lost no-command",
		"/ groups":                           "group /groups",
		"/@ella_bot":                         "home lost no-command",
		"/nothing":                           "home lost no-command",
		"/groups.":                           "group /groups",
		"groups/":                            "group /groups",
		"":                                   "home lost no-command",
		"   \n ":                             "home lost no-command",
		"👋🏽👩‍👩‍👧":                            "home lost no-command",
		"\u202e/groups":                      "group /groups",
		"<b>&amp;</b> *x* _y_ <!here>":       "home lost no-command",
		"/join <script>&amp;":                "home /join <script>&amp;",
		"stop":                               "home /stop",
		"STOP!!":                             "home /stop",
		"stop stop stop":                     "home /stop",
		"стоп":                               "home /stop",
		"stop this terrible bill":            "home lost no-command",
		"help":                               "home /help",
		strings.Repeat("x", 100_000):         "home lost too-long",
		"/join " + strings.Repeat("ب", 8000): "home lost too-long",
		strings.Repeat("ب", 8000):            "home lost no-command",
	} {
		h.say("a", typed)
		h.hears("typed "+typed[:min(len(typed), 40)], "a", want)
	}
	if got := h.parked(); len(got) > 0 {
		t.Errorf("parked: %v", got)
	}
}

// A command for a role does not exist for anybody else: not typed, not pressed,
// not listed.
func TestCommandsForARole(t *testing.T) {
	rooms := street()
	var listed []string
	rooms[0].command = func(_ context.Context, turn bot.Turn, name, rest string) (bot.Outcome, error) {
		listed = nil
		for _, c := range turn.Commands {
			listed = append(listed, c.Name)
		}
		return says("home", "/"+name, rest), nil
	}
	h := newHouse(t, options{rooms: rooms})
	press := func(who, command string) {
		t.Helper()
		h.accept(bot.Update{Kind: bot.ButtonPressed, Sender: who, Chat: who, Data: "v1:do::" + command})
		h.Wait()
	}
	for _, who := range []string{"member", "leader", "organiser"} {
		h.say(who, "/help")
		h.hears("at first", who, "home /help")
	}
	h.grant("leader", bot.Leader)
	h.grant("organiser", bot.Organiser)
	const no = "home lost no-command"
	for _, c := range []struct {
		who, alert, mygroup string
		listed              []string
	}{
		{"member", no, no, []string{"help", "stop", "join", "groups"}},
		{"leader", no, "group /mygroup", []string{"help", "stop", "join", "groups", "mygroup"}},
		{"organiser", "group /alert", "group /mygroup", []string{"help", "stop", "join", "groups", "alert", "mygroup"}},
	} {
		h.say(c.who, "/alert", "/ALERT@ella", "/mygroup")
		h.hears("typed", c.who, c.alert, c.alert, c.mygroup)
		press(c.who, "alert")
		press(c.who, "mygroup")
		h.hears("pressed", c.who, c.alert, c.mygroup)
		h.say(c.who, "/help")
		h.hears("listed", c.who, "home /help")
		if !slices.Equal(listed, c.listed) {
			t.Errorf("%s is offered %q, want %q", c.who, listed, c.listed)
		}
	}
}

// In the middle of a question words are its answer, except for stop and help.
func TestInAQuestion(t *testing.T) {
	rooms := street()
	rooms[1].command = func(context.Context, bot.Turn, string, string) (bot.Outcome, error) {
		out := says("where do you live?")
		out.Next = bot.NewStep("group", "place", nil)
		return out, nil
	}
	h := newHouse(t, options{rooms: rooms})
	h.say("a", "/groups")
	h.hears("asked", "a", "where do you live?")
	h.say("a", "Coventry", "groups", "stop this terrible bill")
	h.hears("answered", "a", "group step place Coventry", "group step place groups", "group step place stop this terrible bill")
	h.say("a", "stop", "Help", "СТОП", "/join x")
	h.hears("in the middle of a question", "a", "home /stop", "home /help", "home /stop", "home /join x")
	h.accept(bot.Update{Kind: bot.LocationShared, Sender: "a", Chat: "a", Lat: 52, Lng: -1})
	h.Wait()
	h.hears("a location in a question", "a", "group step place")
	h.say("a", strings.Repeat("x", 8001))
	h.hears("too many words in a question", "a", "home lost too-long")
	if c := h.stands("a"); c.Step == nil || c.Step.Name != "place" {
		t.Errorf("stands at %+v", c.Step)
	}
}

func TestPresses(t *testing.T) {
	rooms := street()
	rooms[1].press = func(_ context.Context, _ bot.Turn, v message.Verb) (bot.Outcome, error) {
		switch v.Name {
		case "group.old":
			return bot.Outcome{}, bot.ErrUnknownStep
		case "group.theirs":
			return bot.Outcome{}, bot.ErrNotFound
		}
		out := says("pressed", v.Name, v.ID, v.Arg)
		out.Notice = "saved"
		return out, nil
	}
	h := newHouse(t, options{rooms: rooms})
	for data, want := range map[string]string{
		"v1:group.with:g1:yes":            "pressed group.with g1 yes",
		"v1:group.at::CV1|Coventry: city": "pressed group.at  CV1|Coventry: city",
		"v1:group.old:g1:":                "home lost old-button",
		"v1:group.theirs:g1:":             "home lost no-such-right",
		"v1:nowhere.x::":                  "home lost old-button",
		"v2:group.with:g1:yes":            "home lost old-button",
		"":                                "home lost old-button",
		"v1:::":                           "home lost old-button",
		"v1:do::groups":                   "group /groups",
		"v1:do::nothing":                  "home lost no-command",
		"v1:do::":                         "home lost no-command",
		"v1:group.with:" + strings.Repeat("x", 64) + ":": "home lost old-button",
	} {
		h.accept(bot.Update{Kind: bot.ButtonPressed, Sender: "a", Chat: "a", Data: data})
		h.Wait()
		h.hears("pressed "+data, "a", want)
	}
	h.accept(bot.Update{Kind: bot.ButtonPressed, Sender: "a", Chat: "a", Data: "v1:group.with:g1:", Press: "p1"})
	h.accept(bot.Update{Kind: bot.ButtonPressed, Sender: "a", Chat: "a", Data: "rubbish", Press: "p2"})
	h.Wait()
	if want := []string{"a p1 saved", "a p2"}; !slices.Equal(h.outbox.notices, want) {
		t.Errorf("presses are answered with %q, want %q", h.outbox.notices, want)
	}
}

// A step that nobody knows any more restarts politely, and only once.
func TestUnknownStep(t *testing.T) {
	rooms := street()
	rooms[1].step = func(_ context.Context, turn bot.Turn) (bot.Outcome, error) {
		switch turn.Step.Name {
		case "gone":
			return bot.Outcome{}, bot.ErrNotFound
		case "place":
			if turn.Step.Version == 1 {
				return says("known"), nil
			}
		}
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	h := newHouse(t, options{rooms: rooms})
	h.say("a", "hello")
	h.hears("at first", "a", "home lost no-command")
	p, _, err := h.db.Engine("").Person(t.Context(), h.account, "a")
	if err != nil {
		t.Fatal(err)
	}
	for name, step := range map[string]bot.Step{
		"of a room that is gone": {Room: "poll", Name: "x", Version: 1},
		"of no room":             {},
		"of another name":        {Room: "group", Name: "other", Version: 1},
		"of a later version":     {Room: "group", Name: "place", Version: 2},
		"about what is gone":     {Room: "group", Name: "gone", Version: 1},
	} {
		err := h.db.Write(t.Context(), func(ctx context.Context, tx bot.Tx) error {
			return h.db.Engine("").Converse(ctx, tx, p.Member.ID, &step, h.stands("a").Version)
		})
		if err != nil {
			t.Fatal(err)
		}
		h.say("a", "my answer", "again")
		h.hears("a step "+name, "a", "home lost old-step", "home lost no-command")
		if c := h.stands("a"); c.Step != nil {
			t.Errorf("a step %s leaves %+v", name, c.Step)
		}
	}
}

// Kinds of updates other than words and presses.
func TestKinds(t *testing.T) {
	h := newHouse(t, options{rooms: street()})
	send := func(who string, kind bot.UpdateKind) {
		t.Helper()
		h.accept(bot.Update{Kind: kind, Sender: who, Chat: who})
		h.Wait()
	}
	person := func(who string) error {
		_, _, err := h.db.Engine("").Person(t.Context(), h.account, who)
		return err
	}
	send("a", bot.Other)
	if err := person("a"); !errors.Is(err, bot.ErrNotFound) {
		t.Errorf("who did nothing for Ella is a member: %v", err)
	}
	send("a", bot.Unsupported)
	h.hears("a sticker", "a", "home lost not-text")
	send("a", bot.LocationShared)
	h.hears("a location out of nowhere", "a", "group /groups")
	send("a", bot.ChatBlocked)
	h.hears("blocked", "a")
	if c := h.stands("a"); c.Seen {
		t.Error("who blocked Ella counts as reachable")
	}
	send("a", bot.ChatUnblocked)
	h.hears("unblocked", "a")
	if c := h.stands("a"); !c.Seen {
		t.Error("who lifted the block cannot be reached")
	}
	for _, kind := range []bot.UpdateKind{bot.ChatBlocked, bot.ChatUnblocked, bot.TextChanged} {
		send("new", kind)
		if err := person("new"); !errors.Is(err, bot.ErrNotFound) {
			t.Errorf("of somebody who never wrote, or is forgotten, something is kept for: %s (%v)", kind, err)
		}
	}
	if left, parked := h.waiting(), h.parked(); len(left) > 0 || len(parked) > 0 {
		t.Errorf("%d wait, parked %v", len(left), parked)
	}
}

// A turn says who it is, where they stand, and what language to answer in.
func TestTurn(t *testing.T) {
	var turns []bot.Turn
	home := &room{name: "home", lost: func(_ context.Context, turn bot.Turn, _ bot.Lostness) (bot.Outcome, error) {
		turns = append(turns, turn)
		return bot.Outcome{}, nil
	}}
	h := newHouse(t, options{rooms: []*room{home}})
	hello := text("a", "hello")
	hello.LocaleHint, hello.At = "ar-SY", h.clock.Now()
	h.accept(hello)
	h.Wait()
	first := turns[0]
	if first.Locale != "ar" || first.Person.Member.Locale != "" || first.Person.Member.Zone != "Europe/London" || first.Person.Member.State != bot.Active ||
		first.Person.Address.Chat != "a" || first.Step != nil || !first.Now.Equal(h.clock.Now()) || !reflect.DeepEqual(first.Update, hello) || !reflect.DeepEqual(first.Can, h.platform.Can) {
		t.Errorf("a newcomer's turn: %+v", first)
	}
	err := h.db.Write(t.Context(), func(ctx context.Context, tx bot.Tx) error {
		return h.db.Members().SetLanguage(ctx, tx, first.Person.Member.ID, "pl", "")
	})
	if err != nil {
		t.Fatal(err)
	}
	h.clock.Advance(time.Hour)
	h.accept(hello)
	h.Wait()
	if second := turns[1]; second.Locale != "pl" || second.Person.Member.ID != first.Person.Member.ID || !second.Now.Equal(h.clock.Now()) {
		t.Errorf("once they have a language: %+v", second)
	}
}
