package telegramtest_test

import (
	"reflect"
	"strings"
	"testing"

	"ella/adapters/telegram/telegramtest"
)

func TestPeopleWrite(t *testing.T) {
	s, b := unlimited(t)
	user := s.AddUser(telegramtest.User{FirstName: "\u202e<b>Ma</b>", LastName: "أ", Language: "pt-br"})
	if user <= 1<<32 {
		t.Errorf("the id %d fits into 32 bits", user)
	}
	next := func() *wireMessage {
		t.Helper()
		all := b.updates(nil)
		if len(all) != 1 || all[0].Message == nil {
			t.Fatalf("there come %+v", all)
		}
		b.updates(set{"offset": all[0].ID + 1})
		m := all[0].Message
		if m.From.ID != user || m.Chat.ID != user || m.Chat.Type != "private" || m.Date == 0 || m.ID == 0 {
			t.Errorf("it comes as %s", all[0].raw)
		}
		return m
	}
	s.Start(user, "")
	if m := next(); m.Text != "/start" || m.From.FirstName != "\u202e<b>Ma</b>" || m.From.Language != "pt-br" || !reflect.DeepEqual(m.Entities, []entity{{Type: "bot_command", Length: 6}}) {
		t.Errorf("Start is %+v", m)
	}
	s.Start(user, "lar_gAZaz09-_")
	if m := next(); m.Text != "/start lar_gAZaz09-_" {
		t.Errorf("Start is %q", m.Text)
	}
	// Offsets are UTF-16 units, whatever stands before.
	s.Say(user, "سلام 😀 /groups@ella_test_bot b11 a/b /ж")
	if m := next(); !reflect.DeepEqual(m.Entities, []entity{{Type: "bot_command", Offset: 8, Length: 21}}) {
		t.Errorf("the commands are %+v", m.Entities)
	}
	first := s.Say(user, "first").Message
	next()
	s.Reply(user, first, "to it")
	if m := next(); m.ReplyTo == nil || m.ReplyTo.ID != first.ID || m.ReplyTo.Text != "first" {
		t.Errorf("a reply is %+v", m)
	}
	s.Edit(user, first, "first, changed")
	all := b.updates(nil)
	if len(all) != 1 || all[0].Edited == nil || all[0].Edited.Text != "first, changed" || all[0].Edited.ID != first.ID {
		t.Errorf("an edit comes as %+v", all)
	}
	b.updates(set{"offset": all[0].ID + 1})
	s.Location(user, 51.624, -3.9411)
	if m := next(); m.Location == nil || m.Location.Lat != 51.624 || m.Location.Lng != -3.9411 {
		t.Errorf("a place is %+v", m)
	}
	s.Sticker(user)
	if m := next(); m.Sticker == nil {
		t.Errorf("a sticker is %+v", m)
	}
	s.Voice(user)
	if m := next(); m.Voice == nil {
		t.Errorf("a voice note is %+v", m)
	}
	s.Contact(user)
	if m := next(); m.Contact == nil {
		t.Errorf("a contact is %+v", m)
	}
	s.Photo(user, "/help me")
	if m := next(); m.Photo == nil || m.Caption != "/help me" || m.Text != "" {
		t.Errorf("a photo is %+v", m)
	}
	s.Document(user, "a.pdf")
	if m := next(); m.Document == nil {
		t.Errorf("a file is %+v", m)
	}
	if n := len(s.Said(user)); n != 11 {
		t.Errorf("they said %d things", n)
	}
	b.breaches()
}

func TestForwarding(t *testing.T) {
	s, b := unlimited(t)
	user := s.AddUser(telegramtest.User{FirstName: "x", Started: true})
	friend := s.AddUser(telegramtest.User{FirstName: "y", Started: true})
	alert := b.choice(user)
	s.Forward(friend, alert)
	all := b.updates(nil)
	if len(all) != 1 {
		t.Fatalf("there come %+v", all)
	}
	if m := all[0].Message; m.Text != "Choose:" || m.Chat.ID != friend || m.From.ID != friend || m.Origin == nil || m.Origin.Type != "user" || m.Origin.User.ID != s.BotID() {
		t.Errorf("it comes as %s", all[0].raw)
	}
	if strings.Contains(all[0].raw, "reply_markup") {
		t.Errorf("the buttons came along: %s", all[0].raw)
	}
	b.want("ok", "sendMessage", set{"chat_id": user, "text": "x", "protect_content": true})
	if did := s.Forward(friend, s.Shown(user)[1]); did.Update != 0 {
		t.Error("what is protected was sent on")
	}
}

func TestBlocking(t *testing.T) {
	s, b := unlimited(t)
	user := s.AddUser(telegramtest.User{FirstName: "x", Started: true})
	change := func(u update, was, is string) {
		t.Helper()
		if c := u.MyChatMember; c == nil || c.Old.Status != was || c.New.Status != is || c.Chat.ID != user || c.From.ID != user || c.New.User.ID != s.BotID() {
			t.Errorf("it comes as %s", u.raw)
		}
	}
	s.Block(user)
	if s.Block(user).Update != 0 {
		t.Error("blocked twice")
	}
	s.Start(user, "again")
	all := b.updates(nil)
	if len(all) != 3 || all[2].Message.Text != "/start again" {
		t.Fatalf("there come %+v", all)
	}
	change(all[0], "member", "kicked")
	change(all[1], "kicked", "member")
	b.say(user, "welcome back")
}

func TestPeopleInGroups(t *testing.T) {
	s, b := unlimited(t)
	user := s.AddUser(telegramtest.User{FirstName: "x", Started: true})
	group := s.AddGroup(telegramtest.Group{Title: "Group <&>", Forum: true})
	s.AddToGroup(group, user)
	s.Promote(group, user)
	s.Demote(group, user)
	s.RemoveFromGroup(group, user)
	all := b.updates(nil)
	if len(all) != 5 {
		t.Fatalf("there come %+v", all)
	}
	var changes []string
	for _, i := range []int{0, 2, 3, 4} {
		changes = append(changes, all[i].MyChatMember.Old.Status+" "+all[i].MyChatMember.New.Status)
	}
	if want := []string{"left member", "member administrator", "administrator member", "member kicked"}; !reflect.DeepEqual(changes, want) {
		t.Errorf("the changes are %q", changes)
	}
	if m := all[1].Message; len(m.NewMembers) != 1 || m.NewMembers[0].ID != s.BotID() || m.Chat.ID != group || m.Chat.Type != "supergroup" || m.From.ID != user {
		t.Errorf("it comes as %s", all[1].raw)
	}
}

func TestPrivacyMode(t *testing.T) {
	s, b := unlimited(t)
	user := s.AddUser(telegramtest.User{FirstName: "x", Started: true})
	group := s.AddGroup(telegramtest.Group{Title: "Group", Bot: telegramtest.Member})
	card := b.choice(group)
	theirs := s.SayIn(group, user, "between us")
	for text, want := range map[string]bool{
		"hello": false, "hello @ella_test_bot": false, "/help": true, "/help@ella_test_bot": true, "/help@Ella_Test_Bot": true, "/help@other_bot": false, "so /help": true,
	} {
		if got := s.SayIn(group, user, text).Update != 0; got != want {
			t.Errorf("%q reaches the bot: %v", text, got)
		}
	}
	if s.Reply(user, card, "to the bot").Update == 0 || s.Reply(user, theirs.Message, "to a friend").Update != 0 {
		t.Error("replies to the bot reach it, and no others")
	}
	if theirs.Update != 0 || s.Join(group, user).Update == 0 {
		t.Error("what people say among themselves reaches the bot, or who joins does not")
	}
	s.Promote(group, user)
	if s.SayIn(group, user, "hello").Update == 0 {
		t.Error("an administrator does not see all")
	}
	s, _ = newBot(t, telegramtest.Options{ReadsAll: true})
	group = s.AddGroup(telegramtest.Group{Title: "Group", Bot: telegramtest.Member})
	if s.SayIn(group, s.AddUser(telegramtest.User{FirstName: "x"}), "hello").Update == 0 {
		t.Error("without privacy mode the bot does not see all")
	}
}

func TestTopicsAnonymousAdminsAndChannels(t *testing.T) {
	s, b := unlimited(t)
	user := s.AddUser(telegramtest.User{FirstName: "x"})
	forum := s.AddGroup(telegramtest.Group{Title: "Forum", Forum: true, Bot: telegramtest.Administrator})
	topic := s.AddTopic(forum, "Housing")
	channel := s.AddGroup(telegramtest.Group{Title: "News", Kind: telegramtest.Channel, Bot: telegramtest.Administrator})
	s.SayInTopic(forum, topic, user, "in a topic")
	s.SayAnonymously(forum, "from above")
	post := s.ChannelPost(channel, "a post")
	all := b.updates(nil)
	if len(all) != 3 {
		t.Fatalf("there come %+v", all)
	}
	if m := all[0].Message; m.Thread != topic || !m.IsTopic || m.From.ID != user {
		t.Errorf("in a topic: %s", all[0].raw)
	}
	if m := all[1].Message; m.From.ID != 1087968824 || !m.From.IsBot || m.From.Username != "GroupAnonymousBot" || m.SenderChat == nil || m.SenderChat.ID != forum {
		t.Errorf("anonymously: %s", all[1].raw)
	}
	if m := all[2].ChannelPost; m == nil || m.From != nil || m.SenderChat.ID != channel || m.Chat.Type != "channel" || m.Text != "a post" || post.Update != all[2].ID {
		t.Errorf("in a channel: %s", all[2].raw)
	}
}

func TestPoisonAndRaw(t *testing.T) {
	s, b := unlimited(t)
	user := s.AddUser(telegramtest.User{FirstName: "x"})
	poison := s.Poison(user)
	raw := s.Raw(`{"made_up": {"of": ["a later", "version"]}, "and": 1}`)
	odd := s.Raw(`{"message":{"made_up":null}}`)
	all := b.updates(nil)
	if len(all) != 3 || all[0].ID != poison.Update || all[1].ID != raw.Update || all[2].ID != odd.Update {
		t.Fatalf("there come %+v", all)
	}
	if !strings.Contains(all[0].raw, `"type":"live_photo"`) || all[0].Message.PaidMedia == nil {
		t.Errorf("the poison is %s", all[0].raw)
	}
	if !strings.HasSuffix(all[1].raw, `,"made_up":{"of":["a later","version"]},"and":1}`) {
		t.Errorf("the raw update is %s", all[1].raw)
	}
}
