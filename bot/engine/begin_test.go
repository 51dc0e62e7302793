package engine_test

import (
	"context"
	"fmt"
	"testing"

	"ella/bot"
)

// beginner is a host in whose chats a button begins a private conversation.
type beginner struct{ host }

func (beginner) Unknown(_ context.Context, t bot.Turn) (bot.Outcome, error) {
	if t.Update.Data != "v1:chat.begin:c1:" {
		return bot.Outcome{Notice: "begin first"}, nil
	}
	return bot.Outcome{Begin: &bot.Arrival{Chat: "c1"}, Notice: "I wrote to you"}, nil
}

// begins is a house in which she writes first, or not, to whoever presses that button.
func begins(t *testing.T, may bool) *house {
	t.Helper()
	rooms := append(street(), &room{name: "chat"})
	rooms[0].commands = append(rooms[0].commands, bot.Command{Name: "start", Hidden: true})
	rooms[0].command = func(_ context.Context, turn bot.Turn, name, rest string) (bot.Outcome, error) {
		out := says("welcome", name, rest, turn.Update.LocaleHint)
		out.Next = bot.NewStep("home", "arriving", rest)
		return out, nil
	}
	h := newHouse(t, options{rooms: rooms})
	h.platform.Can.Begins = may
	home := beginner{host{room: &room{name: "chat"}, inGroup: func(bot.Turn) (bot.Outcome, error) {
		return bot.Outcome{Begin: &bot.Arrival{Chat: "c1"}}, nil
	}}}
	h.options.Rooms[2], h.options.Host = home, home
	h.restart()
	return h
}

func beginPress(who, data string) bot.Update {
	return bot.Update{Kind: bot.ButtonPressed, Sender: who, Chat: who, Group: "group:crmc", Data: data, Press: "p", LocaleHint: "ar"}
}

// The button begins a conversation as a link would, once, and says so to whoever pressed.
func TestBegin(t *testing.T) {
	h := begins(t, true)
	for range 100 {
		h.accept(beginPress("lee", "v1:chat.begin:c1:"))
	}
	h.Wait()
	h.hears("at first", "lee", "welcome start hc1 ar")
	if len(h.outbox.notices) != 100 || h.outbox.notices[0] != "lee p I wrote to you" {
		t.Errorf("%d notices, the first %q", len(h.outbox.notices), h.outbox.notices[0])
	}
	if c := h.stands("lee"); c.Step == nil || c.Step.Room != "home" || string(c.Step.Data) != `"hc1"` {
		t.Errorf("the conversation stands at %+v", c)
	}
	// Who has written before and not come through the first minute goes on with it.
	h.say("omar", "hello")
	h.hears("at first", "omar", "home lost no-command")
	h.accept(beginPress("omar", "v1:chat.begin:c1:"))
	h.Wait()
	h.hears("from the chat", "omar", "welcome start hc1 ar")
	if len(h.outbox.aloud) > 0 {
		t.Errorf("in the chat is said %q", h.outbox.aloud)
	}
}

// Nothing else does: no other button, no words, nobody without a name, and no press where
// the platform does not let her.
func TestNothingElseBegins(t *testing.T) {
	nameless := beginPress("nobody", "v1:chat.begin:c1:")
	nameless.Nameless = true
	words := bot.Update{Kind: bot.TextSent, Sender: "lee", Chat: "lee", Group: "group:crmc", Text: "/start hc1"}
	joined := bot.Update{Kind: bot.GroupJoined, Sender: "lee", Chat: "lee", Group: "group:crmc"}
	for i, c := range []struct {
		may    bool
		update bot.Update
	}{
		{true, beginPress("lee", "v1:chat.begin:c2:")}, {true, beginPress("lee", "rubbish")}, {true, words}, {true, joined}, {true, nameless},
		{false, beginPress("lee", "v1:chat.begin:c1:")},
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			h := begins(t, c.may)
			h.accept(c.update)
			h.Wait()
			if h.outbox.count() > 0 || !h.unknown(c.update.Sender) || len(h.parked()) > 0 {
				t.Errorf("%d replies, unknown: %v, parked: %v", h.outbox.count(), h.unknown(c.update.Sender), h.parked())
			}
		})
	}
}
