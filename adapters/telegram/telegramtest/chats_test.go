package telegramtest_test

import (
	"net/http"
	"strings"
	"testing"

	"ella/adapters/telegram/telegramtest"
)

func TestWhoCanBeWrittenTo(t *testing.T) {
	s, b := unlimited(t)
	text := func(chat int64) set { return set{"chat_id": chat, "text": "x"} }
	never := s.AddUser(telegramtest.User{FirstName: "Never started"})
	started := s.AddUser(telegramtest.User{FirstName: "Started", Started: true})
	const refused = "Forbidden: bot can't initiate conversation with a user"
	if got := b.want(refused, "sendMessage", text(never)); got.Code != http.StatusForbidden || got.status != http.StatusForbidden {
		t.Errorf("it is refused with %d", got.Code)
	}
	s.Say(never, "hello")
	b.want("ok", "sendMessage", text(never))
	b.want("Bad Request: chat not found", "sendMessage", text(4711))
	b.want("Bad Request: chat not found", "sendMessage", text(-4711))
	s.Block(started)
	const blocked = "Forbidden: bot was blocked by the user"
	b.want(blocked, "sendMessage", text(started))
	b.want(blocked, "editMessageText", set{"chat_id": started, "message_id": 1, "text": "x"})
	b.want(blocked, "sendChatAction", set{"chat_id": started, "action": "typing"})
	s.Unblock(started)
	b.want("ok", "sendMessage", text(started))
	b.want("ok", "sendChatAction", set{"chat_id": started, "action": "typing"})
	if s.Typings(started) != 1 {
		t.Errorf("it showed typing %d times", s.Typings(started))
	}
	s.Deactivate(started)
	b.want("Forbidden: user is deactivated", "sendMessage", text(started))
	b.breaches()
}

func TestGroups(t *testing.T) {
	s, b := unlimited(t)
	text := func(chat int64) set { return set{"chat_id": chat, "text": "x"} }
	owner := s.AddUser(telegramtest.User{FirstName: "Owner", Started: true})
	for kind, name := range map[telegramtest.ChatKind]string{telegramtest.BasicGroup: "group", telegramtest.Supergroup: "supergroup", telegramtest.Channel: "channel"} {
		group := s.AddGroup(telegramtest.Group{Title: "One", Kind: kind})
		b.want("Forbidden: bot is not a member of the "+name+" chat", "sendMessage", text(group))
		s.AddToGroup(group, owner)
		b.want("ok", "sendMessage", text(group))
		s.Promote(group, owner)
		b.want("ok", "sendMessage", text(group))
		s.RemoveFromGroup(group, owner)
		b.want("Forbidden: bot was kicked from the "+name+" chat", "sendMessage", text(group))
		if wide := group < -1<<32; wide != (kind != telegramtest.BasicGroup) {
			t.Errorf("the id of a %s is %d", name, group)
		}
	}
	channel := s.AddGroup(telegramtest.Group{Title: "News", Username: "ella_news", Kind: telegramtest.Channel, Bot: telegramtest.Member})
	b.want("Bad Request: need administrator rights in the channel chat", "sendMessage", text(channel))
	s.Promote(channel, owner)
	b.want("ok", "sendMessage", set{"chat_id": "@ella_news", "text": "x"})
	left := s.AddGroup(telegramtest.Group{Title: "Two", Bot: telegramtest.Member})
	b.want("ok", "leaveChat", set{"chat_id": left})
	b.want("Forbidden: bot is not a member of the supergroup chat", "sendMessage", text(left))
	b.breaches()
}

func TestTopics(t *testing.T) {
	s, b := unlimited(t)
	forum := s.AddGroup(telegramtest.Group{Title: "Forum", Forum: true, Bot: telegramtest.Member})
	plain := s.AddGroup(telegramtest.Group{Title: "Group", Bot: telegramtest.Member})
	topic := s.AddTopic(forum, "Housing")
	b.want("ok", "sendMessage", set{"chat_id": forum, "text": "x"})
	got := b.want("ok", "sendMessage", set{"chat_id": forum, "text": "x", "message_thread_id": topic})
	if shown := s.Shown(forum); shown[1].Thread != topic || !strings.Contains(string(got.Result), `"is_topic_message":true`) {
		t.Errorf("it stands in topic %d: %s", shown[1].Thread, got.Result)
	}
	b.breaches()
	const gone = "Bad Request: message thread not found"
	b.want(gone, "sendMessage", set{"chat_id": forum, "text": "x", "message_thread_id": 1})
	b.want(gone, "sendMessage", set{"chat_id": forum, "text": "x", "message_thread_id": 4711})
	b.want(gone, "sendMessage", set{"chat_id": plain, "text": "x", "message_thread_id": topic})
	b.breaches(telegramtest.RuleParameter, telegramtest.RuleParameter, telegramtest.RuleParameter)
}

func TestMigration(t *testing.T) {
	s, b := unlimited(t)
	owner := s.AddUser(telegramtest.User{FirstName: "Owner", Started: true})
	group := s.AddGroup(telegramtest.Group{Title: "Group", Kind: telegramtest.BasicGroup, Bot: telegramtest.Member})
	first := b.say(group, "before").id()
	to, _, _ := s.Migrate(group, owner)
	got := b.want("Bad Request: group chat was upgraded to a supergroup chat", "sendMessage", set{"chat_id": group, "text": "x"})
	if got.Parameters.MigrateTo != to || to > -1<<32 {
		t.Errorf("the new id is %d, told was %d", to, got.Parameters.MigrateTo)
	}
	b.say(to, "after")
	b.want("Bad Request: message to edit not found", "editMessageText", set{"chat_id": to, "message_id": first + 1000, "text": "x"})
	all := b.updates(set{"offset": 0})
	if len(all) != 2 || all[0].Message.MigrateTo != to || all[0].Message.Chat.ID != group || all[1].Message.MigrateFrom != group || all[1].Message.Chat.ID != to {
		t.Errorf("told was %+v", all)
	}
	b.breaches()
}

func TestGetChat(t *testing.T) {
	s, b := unlimited(t)
	user := s.AddUser(telegramtest.User{FirstName: "Maryam", LastName: "A", Started: true})
	group := s.AddGroup(telegramtest.Group{Title: "Group", Bot: telegramtest.Administrator})
	if got := b.want("ok", "getChat", set{"chat_id": user}); !strings.Contains(string(got.Result), `"type":"private"`) || !strings.Contains(string(got.Result), `"first_name":"Maryam"`) {
		t.Errorf("the chat is %s", got.Result)
	}
	b.want("ok", "getChat", set{"chat_id": group})
	b.want("Bad Request: chat not found", "getChat", set{"chat_id": 1})
	status := func(want string, p set) {
		t.Helper()
		if got := b.want("ok", "getChatMember", p); !strings.Contains(string(got.Result), `"status":"`+want+`"`) {
			t.Errorf("the member is %s", got.Result)
		}
	}
	status("administrator", set{"chat_id": group, "user_id": s.BotID()})
	status("left", set{"chat_id": group, "user_id": user})
	s.Join(group, user)
	status("member", set{"chat_id": group, "user_id": user})
	status("member", set{"chat_id": user, "user_id": user})
	b.want("Bad Request: user not found", "getChatMember", set{"chat_id": group, "user_id": 1})
	s.RemoveFromGroup(group, user)
	b.want("Forbidden: bot was kicked from the supergroup chat", "getChatMember", set{"chat_id": group, "user_id": user})
}
