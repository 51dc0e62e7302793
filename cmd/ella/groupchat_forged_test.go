package main

import (
	"strings"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/bottest"
)

// A button that belongs into private, pressed in a group chat: nothing is said there,
// nothing in private, nothing changes, and whoever pressed is told no more than that.
func TestPrivateButtonsInGroupChat(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "olga", "grace", "ben", "lee")
	s.meet(t, "olga", "role organiser")
	s.meet(t, "grace", "role leader crmc")
	s.meet(t, "ben", "role organiser at Luton Roma Trust")
	s.meet(t, "lee")
	s.connects(t, "grace", chat)
	s.callsInto(t, "olga", "March on Saturday")
	s.say(t, "olga", "/results")
	id := strings.Split(s.button(t, "olga", "March on Saturday"), ":")[2]
	alerts := strings.TrimSpace(s.behind(t, `SELECT id FROM alerts`))
	connected := strings.TrimSpace(s.behind(t, `SELECT id FROM group_chats`))
	role := strings.TrimSpace(s.behind(t, `SELECT max(id) FROM roles`))
	dump := func() string {
		return s.behind(t, `SELECT (SELECT count(*) FROM rsvps) || ' ' || (SELECT count(*) FROM roles WHERE state = 'on') || ' ' || (SELECT group_concat(state) FROM alerts) || ' ' ||
			(SELECT count(*) FROM alerts) || ' ' || (SELECT count(*) FROM members WHERE forgotten_at = 0) || ' ' || (SELECT group_concat(locales || state) FROM group_chats) || ' ' ||
			(SELECT count(*) FROM group_chat_codes) || ' ' || (SELECT count(*) FROM invites) || ' ' || (SELECT count(*) FROM conversations WHERE step_sealed IS NOT NULL)`)
	}
	before, said := dump(), len(s.Platform.Shown(chat))
	for _, data := range []string{
		"v1:do::mydata", "v1:do::forgetme", "v1:do::stop", "v1:privacy.mydata::", "v1:privacy.file::", "v1:privacy.forget::20781", "v1:privacy.discreet::on",
		"v1:role.list:" + string(s.organisation.ID) + ":", "v1:role.suspend:" + role + ":", "v1:role.invite:" + string(s.organisation.ID) + ":organiser", "v1:role.card:" + role + ":",
		"v1:alert.new::", "v1:alert.cancel:" + alerts + ":", "v1:alert.progress:" + alerts + ":", "v1:alert.link:" + alerts + ":",
		"v1:action.results:" + id + ":", "v1:action.over:" + id + ":yes", "v1:action.plus:" + id + ":5", "v1:action.link:" + id + ":", "v1:action.said:" + id + ":yes+2",
		"v1:action.hear:" + id + ":" + string(s.organisation.ID), "v1:action.share:" + id + ":", "v1:action.rsvp:" + id + ":perhaps", "v1:action.rsvp:0000000000000000:yes",
		"v1:groupchat.list::0", "v1:groupchat.group:" + string(s.groups["crmc"].ID) + ":", "v1:groupchat.connect:" + string(s.groups["crmc"].ID) + ":",
		"v1:groupchat.chat:" + connected + ":", "v1:groupchat.language:" + connected + ":pl", "v1:groupchat.cut:" + connected + ":yes",
		"v1:member.agree:" + string(s.organisation.ID) + ":no", "v1:member.language::pl", "v1:relay.to:" + string(s.organisation.ID) + ":complaint", "v1:group.with:" + string(s.groups["crmc"].ID) + ":",
		"rubbish", "v1:", "",
	} {
		for _, who := range []string{"olga", "grace", "ben", "lee"} {
			h := s.act(t, bot.Update{Kind: bot.ButtonPressed, Sender: who, Group: chat, Data: data, Press: "press"})
			for _, shown := range h {
				if len(shown.Message.Blocks) > 0 || shown.Link != "" {
					t.Errorf("%s presses %q and hears %s %s", who, data, h.text(), shown.Link)
				}
			}
		}
		if after := dump(); after != before || len(s.Platform.Shown(chat)) != said {
			t.Fatalf("after %q: %s, before %s, and %d messages in the chat", data, after, before, len(s.Platform.Shown(chat)))
		}
	}
	// And what of a chat is another organisation's is nothing to an organiser in private.
	for _, data := range []string{
		"v1:groupchat.group:" + string(s.groups["crmc"].ID) + ":", "v1:groupchat.connect:" + string(s.groups["crmc"].ID) + ":",
		"v1:groupchat.chat:" + connected + ":", "v1:groupchat.language:" + connected + ":pl", "v1:groupchat.cut:" + connected + ":yes",
	} {
		for _, who := range []string{"ben", "lee"} {
			if h := s.press(t, who, data); !h.says(s, "lost.no-such-right") {
				t.Errorf("%s presses %q and hears %s", who, data, h.text())
			}
		}
	}
	if after := dump(); after != before {
		t.Errorf("after all that: %s, before %s", after, before)
	}
	s.allWell(t)
}

// A chat that changes hands while an alert is planned gets nothing of it, and what
// stands there from before is nobody's to answer any more. The same when the
// organisation is paused, and nothing is left of it once it is removed.
func TestGroupChatChangesHands(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "olga", "grace", "maria", "lee")
	s.meet(t, "olga", "role organiser")
	s.meet(t, "grace", "role leader crmc")
	s.meet(t, "maria", "role leader compas")
	s.meet(t, "lee")
	s.connects(t, "grace", chat)
	s.callsInto(t, "olga", "March on Saturday")

	press := s.button(t, chat, "✅ Yes")
	s.connects(t, "maria", chat)
	if h := s.act(t, bot.Update{Kind: bot.ButtonPressed, Sender: "lee", Group: chat, Data: press, Press: "press"}); !h.says(s, "lost.no-such-right") {
		t.Errorf("in other hands: %s", h.text())
	}
	// Planned, and not sent, when it is taken over.
	s.connects(t, "grace", chat)
	busy := true
	s.Platform.FailWith(func(out bot.Outgoing) error {
		if busy && out.Bulk {
			return &bot.SendError{Kind: bot.NotSent}
		}
		return nil
	})
	before := len(s.Platform.Shown(chat))
	s.callsInto(t, "olga", "Picnic on Sunday")
	s.connects(t, "maria", chat)
	busy = false
	s.Clock.Advance(time.Minute)
	s.app.delivery.Wake()
	if err := s.settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, shown := range s.Platform.Shown(chat)[before:] {
		if strings.Contains(shown.Message.Text(), "Picnic") {
			t.Errorf("in the chat of another group stands %s", bottest.Visible(shown.Message.Text()))
		}
	}
	// Paused.
	s.connects(t, "grace", chat)
	s.callsInto(t, "olga", "Vigil on Monday")
	press = s.button(t, chat, "✅ Yes")
	if err := s.db.Members().Pause(t.Context(), s.organisation.ID, true); err != nil {
		t.Fatal(err)
	}
	if h := s.act(t, bot.Update{Kind: bot.ButtonPressed, Sender: "lee", Group: chat, Data: press, Press: "press"}); !h.says(s, "lost.no-such-right") {
		t.Errorf("while it is paused: %s", h.text())
	}
	if h := s.say(t, "grace", "/chats"); !h.says(s, "lost.no-command") {
		t.Errorf("the leader of a paused organisation hears %s", h.text())
	}
	if err := s.db.Members().RemoveOrganisation(t.Context(), s.organisation.ID); err != nil {
		t.Fatal(err)
	}
	if left := strings.TrimSpace(s.behind(t, `SELECT (SELECT count(*) FROM group_chats) + (SELECT count(*) FROM group_chat_codes) + (SELECT count(*) FROM deliveries)`)); left != "0" {
		t.Errorf("%s rows are left of it", left)
	}
	said := len(s.Platform.Shown(chat))
	if h := s.act(t, bot.Update{Kind: bot.ButtonPressed, Sender: "lee", Group: chat, Data: press, Press: "press"}); !h.says(s, "lost.no-such-right") || len(s.Platform.Shown(chat)) != said {
		t.Errorf("once it is removed: %s", h.text())
	}
	s.allWell(t)
}
