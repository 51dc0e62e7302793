package main

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/action"
	"ella/bot/bottest"
)

// chat is a group chat on the stage.
const chat = bottest.GroupPrefix + "crmc"

// inChat says something in a group chat and returns what its sender heard alone.
func (s *stage) inChat(t *testing.T, who, in, text string) heard {
	t.Helper()
	return s.act(t, bot.Update{Kind: bot.TextSent, Sender: who, Group: in, Text: text})
}

// pressesInChat presses a button of the newest message there that has it.
func (s *stage) pressesInChat(t *testing.T, who, in, label string) heard {
	t.Helper()
	return s.act(t, bot.Update{Kind: bot.ButtonPressed, Sender: who, Group: in, Data: s.button(t, in, label), Press: "press"})
}

// aloud is what stands in a group chat last.
func (s *stage) aloud(t *testing.T, in string) string {
	t.Helper()
	shown := s.Platform.Shown(in)
	if len(shown) == 0 {
		return ""
	}
	return bottest.Visible(shown[len(shown)-1].Message.Text())
}

var connectCode = regexp.MustCompile(`/connect [0-9A-Z-]+`)

// connects has a leader connect a group chat to their only group.
func (s *stage) connects(t *testing.T, who, in string) {
	t.Helper()
	s.Platform.Open(in)
	s.say(t, who, "/chats")
	s.inChat(t, who, in, connectCode.FindString(s.presses(t, who, "➕ Connect our group chat").text()))
	if !strings.Contains(s.aloud(t, in), "now connected") {
		t.Fatalf("not connected: %q", s.aloud(t, in))
	}
}

// callsInto has an organiser call the people of a group, and its chats, to something.
func (s *stage) callsInto(t *testing.T, who, text string) {
	t.Helper()
	s.say(t, who, "/alert "+text)
	for _, label := range []string{
		"English", "👥 Who gets it", "A group", "Coventry Refugee and Migrant Centre", "💬 Also in the group's chat", "🙋 Ask who is coming", "👁 Look and send", "✅ Send now",
	} {
		s.presses(t, who, label)
	}
}

// later lets what follows from an answer come to the group chats.
func (s *stage) later(t *testing.T) {
	t.Helper()
	s.Clock.Advance(6 * time.Second)
	if err := s.settle(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// The card in a group chat shows how many come, from five on, moves by five or more
// only, and is changed only when it says something else.
func TestGroupChatNumbers(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "olga", "grace")
	s.meet(t, "olga", "role organiser")
	s.meet(t, "grace", "role leader crmc")
	s.connects(t, "grace", chat)
	s.callsInto(t, "olga", "March on Saturday")
	edits := 0
	s.Platform.FailWith(func(out bot.Outgoing) error {
		if out.Chat == chat && out.Edit != "" {
			edits++
		}
		return nil
	})
	var people []string
	for i := range 12 {
		who := fmt.Sprint("m", i)
		s.Platform.Open(who)
		s.meet(t, who)
		people = append(people, who)
	}
	shows := func(what string, wantEdits int, number string) {
		t.Helper()
		s.later(t)
		got := s.aloud(t, chat)
		if edits != wantEdits || strings.Contains(got, "Coming so far") != (number != "") || !strings.Contains(got, number) {
			t.Errorf("%s: after %d edits the chat shows\n%s", what, edits, got)
		}
	}
	if h := s.pressesInChat(t, people[0], chat, "✅ Yes"); h.text() != "Good, see you there" {
		t.Errorf("the one who answered heard %q", h.text())
	}
	shows("one comes", 0, "")
	for _, who := range people[1:5] {
		s.pressesInChat(t, who, chat, "✅ Yes")
		s.later(t)
	}
	// The first was counted when nobody could see it: five more have to come.
	shows("five come", 0, "")
	s.pressesInChat(t, people[5], chat, "✅ Yes")
	shows("six come", 1, "Coming so far: at least ⟦5⟩ people")
	s.pressesInChat(t, people[0], chat, "❌ No")
	shows("one takes it back", 1, "at least ⟦5⟩ people")
	for _, who := range people[6:] {
		s.pressesInChat(t, who, chat, "✅ Yes") // within the same seconds
	}
	shows("many come at once", 2, "at least ⟦10⟩ people")

	// A press is the same as an answer in private, and the other way round.
	s.say(t, people[7], "/actions")
	s.presses(t, people[7], "+5")
	shows("one brings five", 2, "at least ⟦10⟩ people")
	s.allWell(t)
}

// Of somebody who only acts in a group chat nothing is kept.
func TestGroupChatKeepsNobody(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "olga", "grace", "nell")
	s.meet(t, "olga", "role organiser")
	s.meet(t, "grace", "role leader crmc")
	s.connects(t, "grace", chat)
	s.callsInto(t, "olga", "March on Saturday")
	before := s.behind(t, `SELECT count(*) || ' ' || (SELECT count(*) FROM addresses) FROM members`)
	for _, kind := range []bot.UpdateKind{bot.GroupLeft, bot.GroupJoined, bot.GroupJoined} {
		s.act(t, bot.Update{Kind: kind, Sender: "nell", Group: chat})
	}
	for _, text := range []string{"/help", "/connect 0123456789ABCDEFGHJKMNPQRS", "hello", "/start@ella c0123456789ABCDEFGHJKMNPQRS"} {
		s.inChat(t, "nell", chat, text)
	}
	h := s.pressesInChat(t, "nell", chat, "✅ Yes")
	if !h.says(s, "groupchat.start-first") || !strings.Contains(h[0].Link, "start=len_a") {
		t.Errorf("somebody unknown heard %+v", h)
	}
	if after := s.behind(t, `SELECT count(*) || ' ' || (SELECT count(*) FROM addresses) FROM members`); after != before {
		t.Errorf("members and addresses: %s before, %s after", before, after)
	}
	s.allWell(t)
}

// Whoever belongs to none of the organisations comes by the link to where they can say
// yes, and answers there.
func TestGroupChatLeadsToTheInvitation(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "olga", "grace", "ewa")
	s.meet(t, "olga", "role organiser")
	s.meet(t, "grace", "role leader crmc")
	s.connects(t, "grace", chat)
	s.callsInto(t, "olga", "March on Saturday")
	s.press(t, "ewa", "v1:member.language::en")
	s.press(t, "ewa", "v1:member.consent::yes")
	s.press(t, "ewa", "v1:member.agree::no")
	h := s.pressesInChat(t, "ewa", chat, "✅ Yes")
	_, payload, _ := strings.Cut(h[0].Link, "start=")
	if !h.says(s, "groupchat.yes-first") || payload == "" {
		t.Fatalf("she heard %+v", h)
	}
	s.say(t, "ewa", "/start "+payload)
	s.presses(t, "ewa", "Yes, please")
	if h := s.presses(t, "ewa", "✅ Yes"); !h.says(s, "rsvp.you.yes") {
		t.Errorf("she heard %s", h.text())
	}
	// From then on she may press in the chat too.
	if h := s.pressesInChat(t, "ewa", chat, "❌ No"); !h.says(s, "rsvp.noted.no") || !h.says(s, "rsvp.you.no") {
		t.Errorf("she heard %s", h.text())
	}
	s.allWell(t)
}

// A chat that refuses Ella's message is off, once, and those who answer for it know.
func TestGroupChatIsLost(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "olga", "grace")
	s.meet(t, "olga", "role organiser")
	s.meet(t, "grace", "role leader crmc")
	s.connects(t, "grace", chat)
	s.Platform.Block(chat, true)
	since := len(s.Platform.Shown("grace"))
	s.callsInto(t, "olga", "March on Saturday")
	if told := s.hears("grace", since); strings.Count(told, "Messages don't go there any more") != 1 {
		t.Errorf("the leader was told\n%s", told)
	}
	if got := s.hears("olga", 0); !strings.Contains(got, "In the group's chat: could not be sent") {
		t.Errorf("the organiser sees\n%s", got)
	}
	if h := s.say(t, "grace", "/chats"); !strings.Contains(h.text(), "(off)") {
		t.Errorf("the leader sees %s", h.text())
	}
	// With nothing but a chat that is off there is nothing to choose.
	s.say(t, "olga", "/alert Another")
	for _, label := range []string{"English", "👥 Who gets it", "A group"} {
		s.presses(t, "olga", label)
	}
	if h := s.presses(t, "olga", "Coventry Refugee and Migrant Centre"); strings.Contains(h.text(), "Also in the group's chat") {
		t.Errorf("the organiser is offered %s", h.text())
	}
	s.allWell(t)
}

// A chat that has another name by then gets its copy there, once.
func TestGroupChatMovesMeanwhile(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "olga", "grace")
	s.meet(t, "olga", "role organiser")
	s.meet(t, "grace", "role leader crmc")
	s.connects(t, "grace", chat)
	s.Platform.Move(chat, chat+"-big")
	s.callsInto(t, "olga", "March on Saturday")
	if got := s.aloud(t, chat+"-big"); !strings.Contains(got, "March on Saturday") || len(s.Platform.Shown(chat+"-big")) != 1 {
		t.Errorf("in the new chat: %q", got)
	}
	// And when it moves after that, what stands in the old one is left alone.
	s.Platform.Move(chat+"-big", chat+"-bigger")
	s.meetMany(t, 6, func(who string) { s.pressesInChat(t, who, chat+"-big", "✅ Yes") })
	s.later(t)
	s.later(t)
	if got := strings.TrimSpace(s.behind(t, `SELECT state || ' ' || (ref_sealed IS NULL) FROM deliveries WHERE chat`)); got != "sent 1" {
		t.Errorf("the copy: %s", got)
	}
	s.callsInto(t, "olga", "Another march")
	if got := s.aloud(t, chat+"-bigger"); !strings.Contains(got, "Another march") {
		t.Errorf("in the newest chat: %q", got)
	}
	s.allWell(t)
}

// meetMany makes members known and has each do something.
func (s *stage) meetMany(t *testing.T, n int, do func(who string)) {
	t.Helper()
	for i := range n {
		who := fmt.Sprint("member-", i)
		s.Platform.Open(who)
		s.meet(t, who)
		do(who)
	}
}

// It may have arrived: it is sent once more, says so, and never a third time.
func TestGroupChatRepeat(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "olga", "grace")
	s.meet(t, "olga", "role organiser")
	s.meet(t, "grace", "role leader crmc")
	s.connects(t, "grace", chat)
	tries := 0
	s.Platform.FailWith(func(out bot.Outgoing) error {
		if out.Chat != chat {
			return nil
		}
		tries++
		if tries == 2 && !strings.Contains(out.Message.Text(), s.app.language.For("en").Text("alert.repeat")) {
			t.Errorf("the second copy does not say so: %s", out.Message.Text())
		}
		return &bot.SendError{Kind: bot.Unclear}
	})
	s.callsInto(t, "olga", "March on Saturday")
	if tries != bot.MaxAttempts {
		t.Errorf("%d copies", tries)
	}
	if got := s.hears("olga", 0); !strings.Contains(got, "In the group's chat: not sure that it arrived") {
		t.Errorf("the organiser sees\n%s", got)
	}
}

// A code is worth nothing once its maker no longer answers for the group, or the group
// has as many chats as it can.
func TestGroupChatCodes(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "olga", "grace", "maria")
	s.meet(t, "olga", "role organiser")
	s.meet(t, "grace", "role leader crmc")
	s.meet(t, "maria", "role leader crmc")
	s.Platform.Open(chat)
	s.say(t, "maria", "/chats")
	code := connectCode.FindString(s.presses(t, "maria", "➕ Connect our group chat").text())
	if err := s.do(t.Context(), "maria", "loses leader"); err != nil {
		t.Fatal(err)
	}
	s.inChat(t, "maria", chat, code)
	if got := s.aloud(t, chat); !strings.Contains(got, "does not work here") {
		t.Errorf("who is no leader any more: %q", got)
	}
	for i := range 5 {
		s.connects(t, "grace", fmt.Sprint(bottest.GroupPrefix, i))
	}
	if h := s.say(t, "grace", "/chats"); strings.Contains(h.text(), "Connect our group chat") {
		t.Errorf("offered a sixth: %s", h.text())
	}
	// A button from before does not make a code either.
	if h := s.presses(t, "grace", "➕ Connect our group chat"); connectCode.MatchString(h.text()) {
		t.Errorf("offered a code for a sixth: %s", h.text())
	}
	s.allWell(t)
}

// Two leaders who connect a chat each at the same moment: the chats can be told apart.
func TestGroupChatsConnectedAtOnce(t *testing.T) {
	for range 5 {
		s := newFileStage(t, loadEmbedded(t), "grace", "maria")
		var updates []bot.Update
		for _, who := range []string{"grace", "maria"} {
			s.meet(t, who, "role leader crmc")
			s.Platform.Open(bottest.GroupPrefix + who)
			s.say(t, who, "/chats")
			code := connectCode.FindString(s.presses(t, who, "➕ Connect our group chat").text())
			updates = append(updates, bot.Update{Kind: bot.TextSent, Sender: who, Group: bottest.GroupPrefix + who, Text: code})
		}
		s.atOnce(t, updates...)
		if got := strings.Fields(s.behind(t, `SELECT number FROM group_chats ORDER BY number`)); !slices.Equal(got, []string{"1", "2"}) {
			t.Fatalf("their numbers are %q", got)
		}
	}
}

// Where no link brings Ella into a group chat, people add her there.
func TestNoLinkIntoGroupChats(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "grace")
	s.Platform.Can.GroupLink = ""
	s.meet(t, "grace", "role leader crmc")
	s.say(t, "grace", "/chats")
	h := s.presses(t, "grace", s.app.language.For("en").Text("chats.connect"))
	if !h.says(s, "chats.add") || h.says(s, "chats.bring") || !strings.Contains(h.text(), "/connect ") {
		t.Errorf("she is told:\n%s", h.text())
	}
}

// Where there are no group chats nothing leads to them.
func TestNoGroupChats(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "grace")
	s.Platform.Can.GroupChats = false
	s.meet(t, "grace", "role leader crmc")
	button := s.app.language.For("en").Text("command.chats.button")
	if h := s.say(t, "grace", "/mygroup"); strings.Contains(h.text(), button) {
		t.Errorf("her group's card: %s", h.text())
	}
	if h := s.say(t, "grace", "/chats"); !h.says(s, "chats.not-here") {
		t.Errorf("the command: %s", h.text())
	}
}

// A text in languages that the chat does not read says what it is in, and one that is
// too long for a single message is not sent before somebody has decided.
func TestGroupChatLanguages(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "olga", "grace")
	s.meet(t, "olga", "role organiser")
	s.meet(t, "grace", "role leader crmc")
	s.connects(t, "grace", chat)
	s.presses(t, "grace", "Polski")
	s.presses(t, "grace", "✓ English")
	s.callsInto(t, "olga", "March on Saturday")
	p := s.app.language.For("pl")
	got := s.Platform.Shown(chat)
	last := got[len(got)-1].Message
	if last.Locale != "pl" || !strings.Contains(last.Text(), "March on Saturday") || !strings.Contains(last.Text(), p.Text("rsvp.ask")) ||
		!strings.Contains(bottest.Visible(last.Text()), "To jest w języku: ⟨English⟩") {
		t.Errorf("in Polish: %s", bottest.Visible(last.Text()))
	}

	for _, label := range []string{"العربية", "English", "Українська"} {
		s.presses(t, "grace", label)
	}
	long := strings.Repeat("words of a march ", 80)
	s.say(t, "olga", "/alert "+long)
	for _, label := range []string{"English", "👥 Who gets it", "A group", "Coventry Refugee and Migrant Centre", "💬 Also in the group's chat"} {
		s.presses(t, "olga", label)
	}
	for _, language := range []string{"العربية", "Українська"} {
		s.presses(t, "olga", "➕ Another language")
		s.presses(t, "olga", language)
		s.say(t, "olga", long)
	}
	h := s.presses(t, "olga", "👁 Look and send")
	if !h.says(s, "alert.chats-too-long") || strings.Contains(h.text(), "Send now") {
		t.Errorf("three long texts: %s", h.text())
	}
	s.presses(t, "olga", "Back")
	s.presses(t, "olga", "Not in the group's chat")
	if h := s.presses(t, "olga", "👁 Look and send"); !strings.Contains(h.text(), "Send now") {
		t.Errorf("without the chat: %s", h.text())
	}
	s.allWell(t)
}

// The numbers that a group chat shows are those of the results: whoever sees both learns
// nothing from the difference.
func TestGroupChatCountsAsTheResultsDo(t *testing.T) {
	s := newFileStage(t, loadEmbedded(t), "olga", "grace")
	olga := s.meet(t, "olga", "role organiser")
	s.meet(t, "grace", "role leader crmc")
	s.connects(t, "grace", chat)
	s.callsInto(t, "olga", "March on Saturday")
	called, err := s.db.Actions().Called(t.Context(), s.organisation.ID, 1)
	if err != nil || len(called) != 1 {
		t.Fatal(err)
	}
	// Her own answer, before anybody has looked.
	err = s.db.Write(t.Context(), func(ctx context.Context, tx bot.Tx) error {
		return s.db.Actions().Reply(ctx, tx, called[0].ID, olga.Member.ID, s.organisation.ID, action.RSVP{Answer: action.Yes}, s.app.clock.Now())
	})
	if err != nil {
		t.Fatal(err)
	}
	s.say(t, "olga", "/results")
	s.presses(t, "olga", "March on Saturday")
	s.meetMany(t, 4, func(who string) { s.pressesInChat(t, who, chat, "✅ Yes") })
	s.later(t)
	if got := s.aloud(t, chat); strings.Contains(got, "Coming so far") {
		t.Errorf("five come, of whom four since the results were shown: %s", got)
	}
}
