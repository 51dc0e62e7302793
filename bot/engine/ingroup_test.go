package engine_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"ella/bot"
	"ella/bot/message"
)

// host is a room that answers in group chats.
type host struct {
	*room
	inGroup func(t bot.Turn) (bot.Outcome, error)
}

func (h host) InGroup(_ context.Context, t bot.Turn) (bot.Outcome, error) { return h.inGroup(t) }

func (host) Unknown(_ context.Context, t bot.Turn) (bot.Outcome, error) {
	return bot.Outcome{Notice: "begin first", NoticeLink: "https://memory.example/?start=x"}, nil
}

// presser is a room with buttons for group chats.
type presser struct {
	*room
	pressed func(t bot.Turn, v message.Verb) (bot.Outcome, error)
}

func (p presser) PressInGroup(_ context.Context, t bot.Turn, v message.Verb) (bot.Outcome, error) {
	return p.pressed(t, v)
}

func aloud(words string) *message.Message {
	return &message.Message{Locale: "en", Blocks: []message.Block{message.Say(words)}}
}

// inGroup is a house with a host, in which amina is known and past the first minute,
// omar is in it, and nobody else is known.
func inGroup(t *testing.T, answer func(t bot.Turn) (bot.Outcome, error), pressed func(t bot.Turn, v message.Verb) (bot.Outcome, error)) *house {
	t.Helper()
	h := newHouse(t, options{rooms: append(street(), &room{name: "chat"}, &room{name: "action"})})
	home := host{room: &room{name: "chat"}, inGroup: answer}
	h.options.Rooms[2], h.options.Host = home, home
	h.options.Rooms[3] = presser{room: &room{name: "action"}, pressed: pressed}
	h.restart()
	h.say("amina", "hello")
	h.say("omar", "hello")
	p := h.person("amina")
	err := h.db.Write(t.Context(), func(ctx context.Context, tx bot.Tx) error {
		if err := h.db.Members().SetLanguage(ctx, tx, p.Member.ID, "en", ""); err != nil {
			return err
		}
		if err := h.db.Members().Consent(ctx, tx, p.Member.ID, 1, "en", h.clock.Now()); err != nil {
			return err
		}
		return h.db.Engine("").Converse(ctx, tx, p.Member.ID, bot.NewStep("group", "place", nil), 0)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, who := range []string{"amina", "omar"} {
		h.hears("at first", who, "home lost no-command")
	}
	return h
}

func (h *house) person(who string) bot.Person {
	h.t.Helper()
	p, _, err := h.db.Engine("").Person(h.t.Context(), h.account, who)
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

func (h *house) unknown(who string) bool {
	h.t.Helper()
	_, _, err := h.db.Engine("").Person(h.t.Context(), h.account, who)
	return errors.Is(err, bot.ErrNotFound)
}

// Everybody's words in a group chat go to the host, who may answer aloud and in
// private: only to whom Ella knows. Nobody becomes known by them, and no conversation
// goes on with them.
func TestWordsInGroups(t *testing.T) {
	h := inGroup(t, func(turn bot.Turn) (bot.Outcome, error) {
		out := says("to you,", turn.Update.Text)
		if turn.Person.Member.ID == "" {
			out = says("to nobody")
		}
		out.Aloud = aloud(strings.TrimSpace(string(turn.Update.Kind) + " " + turn.Update.Text))
		out.Next, out.Done = bot.NewStep("chat", "never", nil), true
		return out, nil
	}, nil)
	in := func(who string, kind bot.UpdateKind, words string) bot.Update {
		return bot.Update{Kind: kind, Sender: who, Chat: who, Group: "group:crmc", Text: words}
	}
	moved := in("amina", bot.GroupMoved, "")
	moved.NewGroup = "group:crmc2"
	admin := in("amina", bot.TextSent, "/connect as nobody")
	admin.Nameless, admin.Chat = true, ""
	for _, u := range []bot.Update{
		in("amina", bot.TextSent, "/connect ABC"), in("lee", bot.TextSent, "/help"), in("lee", bot.GroupJoined, ""), in("lee", bot.GroupLeft, ""), moved, admin,
		in("amina", bot.Unsupported, ""), in("amina", bot.VoiceSent, ""), in("amina", bot.LocationShared, ""), in("lee", bot.TextChanged, ""), in("lee", bot.Other, ""),
	} {
		h.accept(u)
		h.Wait()
	}
	want := []string{
		"group:crmc: text /connect ABC", "group:crmc: text /help", "group:crmc: group-joined", "group:crmc: group-left", "group:crmc2: group-moved", "group:crmc: text /connect as nobody",
	}
	if !slices.Equal(h.outbox.aloud, want) {
		t.Errorf("in the group chat is said %q, want %q", h.outbox.aloud, want)
	}
	h.hears("in private", "amina", "to you, /connect ABC", "to you,")
	if n := h.outbox.count(); n > 0 {
		t.Errorf("%d others hear something", n)
	}
	if !h.unknown("lee") {
		t.Error("somebody became known by what they said in a group chat")
	}
	if c := h.stands("amina"); c.Step == nil || c.Step.Name != "place" || c.Version != 1 {
		t.Errorf("the conversation in private stands at %+v", c)
	}
	h.counted(nil, 0)
}

// A press in a group chat goes to the button's room, if it answers such and Ella
// knows who pressed. Everybody else is shown how to begin.
func TestPressesInGroups(t *testing.T) {
	h := inGroup(t, func(bot.Turn) (bot.Outcome, error) { return bot.Outcome{}, nil },
		func(turn bot.Turn, v message.Verb) (bot.Outcome, error) {
			switch v.Arg {
			case "gone":
				return bot.Outcome{}, bot.ErrNotFound
			case "old":
				return bot.Outcome{}, bot.ErrUnknownStep
			}
			out := says("noted", v.Arg)
			out.Notice = "you're in"
			out.Events = []bot.Event{bot.AnswerGiven{Action: bot.ActionID(v.ID)}}
			return out, nil
		})
	begin := " begin first https://memory.example/?start=x"
	for _, c := range []struct{ who, data, notice, reply string }{
		{"amina", "v1:action.rsvp:a1:yes", " you're in", "noted yes"},
		{"amina", "v1:action.rsvp:a1:gone", "", ""},
		{"amina", "v1:action.rsvp:a1:old", "", ""},
		{"amina", "v1:group.with:g1:", "", ""},
		{"amina", "v1:nowhere.x::", "", ""},
		{"amina", "v1:do::groups", "", ""},
		{"amina", "rubbish", "", ""},
		{"omar", "v1:action.rsvp:a1:yes", begin, ""},
		{"lee", "v1:action.rsvp:a1:yes", begin, ""},
		{"lee", "rubbish", begin, ""},
	} {
		h.outbox.notices = nil
		h.accept(bot.Update{Kind: bot.ButtonPressed, Sender: c.who, Chat: c.who, Group: "group:crmc", Data: c.data, Press: "p"})
		h.Wait()
		if want := []string{c.who + " p" + c.notice}; !slices.Equal(h.outbox.notices, want) {
			t.Errorf("%s presses %q and is shown %q, want %q", c.who, c.data, h.outbox.notices, want)
		}
		if c.reply != "" {
			h.hears("in private", c.who, c.reply)
		}
	}
	if n := h.outbox.count(); n > 0 || !h.unknown("lee") {
		t.Errorf("others hear %d things, or somebody became known", n)
	}
	h.counted(nil, 0)
}

// Without a host nothing that is done in a group chat has an effect, but a press is
// still answered: nobody waits for it.
func TestGroupsWithoutHost(t *testing.T) {
	h := newHouse(t, options{rooms: street()})
	h.accept(
		bot.Update{Kind: bot.TextSent, Sender: "lee", Chat: "lee", Group: "group:crmc", Text: "/groups"},
		bot.Update{Kind: bot.ButtonPressed, Sender: "lee", Chat: "lee", Group: "group:crmc", Data: "v1:do::groups", Press: "p"})
	h.Wait()
	if h.outbox.count() > 0 || len(h.outbox.aloud) > 0 || !slices.Equal(h.outbox.notices, []string{"lee p"}) || !h.unknown("lee") {
		t.Errorf("%d replies, aloud %q, notices %q", h.outbox.count(), h.outbox.aloud, h.outbox.notices)
	}
	h.counted(nil, 0)
}

// When the host breaks down, the update is set aside, and nobody becomes known by
// an apology.
func TestHostBreaksDown(t *testing.T) {
	h := inGroup(t, func(bot.Turn) (bot.Outcome, error) { panic("no") }, nil)
	for _, who := range []string{"lee", "amina"} {
		h.accept(bot.Update{Kind: bot.TextSent, Sender: who, Chat: who, Group: "group:crmc", Text: "/connect"})
		h.Wait()
	}
	if got := h.parked(); got["panicked"] != 2 || !h.unknown("lee") {
		t.Errorf("parked: %v", got)
	}
	h.hears("in private", "amina", "home lost broken")
	if n := h.outbox.count(); n > 0 {
		t.Errorf("%d others hear something", n)
	}
}
