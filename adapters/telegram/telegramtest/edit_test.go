package telegramtest_test

import (
	"slices"
	"testing"
	"time"

	"ella/adapters/telegram/telegramtest"
)

const notModified = "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message"

func TestEdit(t *testing.T) {
	c := newClock()
	s, b := newBot(t, telegramtest.Options{Now: c.Now, Limits: telegramtest.Limits{Off: true}})
	user := s.AddUser(telegramtest.User{FirstName: "Maryam", Started: true})
	yes := inline(set{"text": "Yes", "callback_data": "yes"})
	ticked := inline(set{"text": "✓ Yes", "callback_data": "yes"})
	id := b.want("ok", "sendMessage", set{"chat_id": user, "text": "<b>Are</b> you coming?", "parse_mode": "HTML", "reply_markup": yes}).id()
	edit := func(want string, p set) {
		t.Helper()
		p["chat_id"], p["message_id"] = user, id
		b.want(want, "editMessageText", p)
	}
	edit(notModified, set{"text": "<b>Are</b> you coming?", "parse_mode": "HTML", "reply_markup": yes})
	edit(notModified, set{"text": " <strong>Are</strong> you coming? ", "parse_mode": "HTML", "reply_markup": yes})
	c.Add(time.Minute)
	edit("ok", set{"text": "Are you coming?", "reply_markup": yes})
	edit("ok", set{"text": "Are you coming?", "reply_markup": ticked})
	edit(notModified, set{"text": "Are you coming?", "reply_markup": ticked})
	if m := s.Shown(user)[0]; m.Text != "Are you coming?" || m.Buttons[0][0].Text != "✓ Yes" || !m.Edited.Equal(c.Now()) || m.Date.Equal(m.Edited) {
		t.Errorf("it stands there as %+v", m)
	}
	edit("ok", set{"text": "Without buttons"})
	if m := s.Shown(user)[0]; m.Buttons != nil {
		t.Errorf("an edit without buttons leaves %+v", m.Buttons)
	}
	b.want("ok", "editMessageReplyMarkup", set{"chat_id": user, "message_id": id, "reply_markup": yes})
	b.want(notModified, "editMessageReplyMarkup", set{"chat_id": user, "message_id": id, "reply_markup": yes})
	if m := s.Shown(user)[0]; m.Text != "Without buttons" || len(m.Presses()) != 1 {
		t.Errorf("it stands there as %+v", m)
	}
	b.want("Bad Request: message to edit not found", "editMessageText", set{"chat_id": user, "message_id": id + 99, "text": "x"})
	theirs := s.Say(user, "hello").Message
	b.want("Bad Request: message can't be edited", "editMessageText", set{"chat_id": user, "message_id": theirs.ID, "text": "x"})
	b.want("Bad Request: there is no caption in the message to edit", "editMessageCaption", set{"chat_id": user, "message_id": id, "caption": "x"})
	place := b.want("ok", "sendVenue", set{"chat_id": user, "latitude": 52.45, "longitude": -1.85, "title": "Library", "address": "High Street 1"}).id()
	b.want("Bad Request: there is no text in the message to edit", "editMessageText", set{"chat_id": user, "message_id": place, "text": "x"})
	b.want("ok", "editMessageReplyMarkup", set{"chat_id": user, "message_id": place, "reply_markup": yes})
	if m := s.Shown(user)[1]; m.Kind != telegramtest.Venue || m.Title != "Library" || m.Address != "High Street 1" || m.Lat != 52.45 || m.Lng != -1.85 || len(m.Presses()) != 1 {
		t.Errorf("the venue stands there as %+v", m)
	}
	keyboard := b.want("ok", "sendMessage", set{"chat_id": user, "text": "x", "reply_markup": set{"keyboard": [][]set{{{"text": "y"}}}}}).id()
	b.want("Bad Request: message can't be edited", "editMessageText", set{"chat_id": user, "message_id": keyboard, "text": "z"})
	b.breaches()
	edit("Bad Request: wrong parameter reply_markup in the request", set{"text": "x", "reply_markup": set{"keyboard": [][]set{{{"text": "y"}}}}})
	var methods []string
	for _, one := range s.Accepted() {
		methods = append(methods, one.Method)
	}
	want := []string{"sendMessage", "editMessageText", "editMessageText", "editMessageText", "editMessageReplyMarkup", "sendVenue", "editMessageReplyMarkup", "sendMessage"}
	if !slices.Equal(methods, want) {
		t.Errorf("accepted was %q", methods)
	}
	if all := s.Accepted(); all[0].Message.Text != "Are you coming?" || len(all[0].Message.Entities) != 1 || all[3].Message.Text != "Without buttons" {
		t.Errorf("the transcript does not keep what stood there at the time: %+v", all[0].Message)
	}
}

func TestDelete(t *testing.T) {
	c := newClock()
	s, b := newBot(t, telegramtest.Options{Now: c.Now, Limits: telegramtest.Limits{Off: true}})
	user := s.AddUser(telegramtest.User{FirstName: "Maryam", Started: true})
	group := s.AddGroup(telegramtest.Group{Title: "Group", Bot: telegramtest.Member})
	old, kept := b.say(user, "old").id(), s.Say(user, "I live here").Message
	c.Add(48*time.Hour - time.Second)
	young := b.say(user, "young").id()
	place := s.Location(user, 52.4, -1.9).Message
	del := func(want string, chat, id int64) {
		t.Helper()
		b.want(want, "deleteMessage", set{"chat_id": chat, "message_id": id})
	}
	del("ok", user, place.ID)
	del("Bad Request: message to delete not found", user, place.ID)
	del("Bad Request: message to delete not found", user, 4711)
	c.Add(time.Second)
	del("Bad Request: message can't be deleted for everyone", user, old)
	del("Bad Request: message can't be deleted for everyone", user, kept.ID)
	if said := s.Said(user); len(said) != 2 || said[0].Text != "I live here" || !said[0].Deleted.IsZero() || said[1].Kind != telegramtest.Location || said[1].Lat != 52.4 || said[1].Deleted.IsZero() {
		t.Errorf("they said %+v", said)
	}
	theirs := s.SayIn(group, user, "in the group").Message
	own := b.say(group, "of the bot").id()
	del("Bad Request: message can't be deleted", group, theirs.ID)
	del("ok", group, own)
	s.Promote(group, user)
	del("ok", group, theirs.ID)
	many := func(want string, ids ...int64) {
		t.Helper()
		b.want(want, "deleteMessages", set{"chat_id": user, "message_ids": ids})
	}
	many("Bad Request: message can't be deleted for everyone", young, old)
	many("ok", young, 4711, place.ID)
	if shown := s.Shown(user); len(shown) != 1 || shown[0].ID != old {
		t.Errorf("there stands %+v", shown)
	}
	b.breaches()
	many("Bad Request: too many message identifiers specified", slices.Repeat([]int64{1}, 101)...)
	many("Bad Request: message identifiers are not specified")
	b.breaches(telegramtest.RuleParameter, telegramtest.RuleParameter)
}

func TestCopyAndForward(t *testing.T) {
	s, b := unlimited(t)
	user := s.AddUser(telegramtest.User{FirstName: "Maryam", Started: true})
	other := s.AddUser(telegramtest.User{FirstName: "Other", Started: true})
	id := b.want("ok", "sendMessage", set{"chat_id": user, "text": "x", "reply_markup": inline(set{"text": "y", "callback_data": "z"})}).id()
	from := set{"chat_id": other, "from_chat_id": user, "message_id": id}
	b.want("ok", "copyMessage", from)
	forwarded := b.want("ok", "forwardMessage", from).id()
	shown := s.Shown(other)
	if len(shown) != 2 || shown[0].Text != "x" || shown[0].Buttons != nil || shown[0].Forwarded || shown[1].Text != "x" || shown[1].Buttons != nil || !shown[1].Forwarded {
		t.Errorf("there stands %+v", shown)
	}
	b.want("Bad Request: message can't be edited", "editMessageText", set{"chat_id": other, "message_id": forwarded, "text": "y"})
	b.want("Bad Request: message to copy not found", "copyMessage", set{"chat_id": other, "from_chat_id": user, "message_id": 4711})
	secret := b.want("ok", "sendMessage", set{"chat_id": user, "text": "x", "protect_content": true}).id()
	b.want("Bad Request: message can't be forwarded", "forwardMessage", set{"chat_id": other, "from_chat_id": user, "message_id": secret})
	if m := s.Shown(user)[1]; !m.Protected {
		t.Errorf("it is not protected: %+v", m)
	}
	b.breaches()
}

func TestReplyAndPreview(t *testing.T) {
	s, b := unlimited(t)
	user := s.AddUser(telegramtest.User{FirstName: "Maryam", Started: true})
	asked := s.Say(user, "when?").Message
	b.want("ok", "sendMessage", set{"chat_id": user, "text": "x", "reply_parameters": set{"message_id": asked.ID}, "link_preview_options": set{"is_disabled": true}})
	b.want("Bad Request: message to be replied not found", "sendMessage", set{"chat_id": user, "text": "x", "reply_parameters": set{"message_id": 4711}})
	b.want("ok", "sendMessage", set{"chat_id": user, "text": "y", "reply_parameters": set{"message_id": 4711, "allow_sending_without_reply": true}})
	shown := s.Shown(user)
	if shown[0].ReplyTo != asked.ID || !shown[0].Preview.Disabled || shown[1].ReplyTo != 0 || shown[1].Preview.Disabled {
		t.Errorf("there stands %+v", shown)
	}
	b.breaches()
}
