package slack_test

import (
	"testing"
	"time"

	"ella/adapters/slack"
	"ella/adapters/slack/slacktest"
	"ella/bot"
	form "ella/bot/message"
)

// TestWhatPeopleDo is read the same over Socket Mode and over HTTP, and comes to the inbox
// under the names of who did it.
func TestWhatPeopleDo(t *testing.T) {
	for name, http := range map[string]bool{"socket": false, "http": true} {
		t.Run(name, func(t *testing.T) { whatPeopleDo(t, http) })
	}
}

func whatPeopleDo(t *testing.T, http bool) {
	s := slacktest.New(t, slacktest.Options{Limits: slacktest.Limits{Off: true}, Scopes: slack.Scopes()})
	amina := s.AddUser(slacktest.User{Name: "Amina"})
	stranger := s.AddUser(slacktest.User{Name: "Zoe", Stranger: true})
	channel := s.AddChannel(slacktest.Channel{Name: "roof", Members: []string{amina, stranger}})
	private := s.AddChannel(slacktest.Channel{Name: "committee", Private: true, Members: []string{amina}})
	var change []func(*slack.Options)
	if http {
		change = append(change, overHTTP)
	}
	a := onFake(t, s, change...)
	if http {
		addressed(t, s, a)
	}
	inbox := &taken{came: make(chan bot.Raw, 10)}
	stop, _ := receiving(t, a, inbox)
	await(t, "that she receives", func() bool { return http && slack.Takes(a) || s.Connections() == 2 })
	read := func(what string, did slacktest.Did) bot.Update {
		t.Helper()
		if did.ID == "" {
			t.Fatalf("of %s nobody is told", what)
		}
		await(t, what, func() bool { return s.Acknowledged(did.ID) })
		raw := <-inbox.came
		u, err := a.Decode(raw.Body)
		if err != nil || u.Sender != raw.Sender && u.Sender != "" {
			t.Fatalf("%s is %+v, %v", what, u, err)
		}
		return u
	}
	is := func(what string, got bot.Update, kind bot.UpdateKind, chat, group, text string) {
		t.Helper()
		if got.Kind != kind || got.Chat != chat || got.Group != group || got.Text != text {
			t.Errorf("%s is %+v", what, got)
		}
	}
	said := s.Say(amina, "see https://example.org/?a=1&b=2 & <@U012AB3CD>")
	is("a message", read("a message", said), bot.TextSent, amina, "", "see https://example.org/?a=1&b=2 & <@U012AB3CD>")
	is("an edit", read("an edit", s.Edit(said.Message, "no")), bot.TextChanged, amina, "", "no")
	is("a file", read("a file", s.ShareFile(amina, "roof.jpg", "look")), bot.Unsupported, amina, "", "")
	is("a command", read("a command", s.Command(amina, channel, "/ella", "groups b11 <1aa>")), bot.TextSent, amina, "", "/groups b11 <1aa>")
	is("a command alone", read("a command alone", s.Command(amina, "", "/ella", "")), bot.TextSent, amina, "", "/start")
	is("a command about the channel", read("a command about the channel", s.Command(amina, channel, "/ella", "connect K7QD-M3XW")), bot.TextSent, amina, channel, "/connect K7QD-M3XW")

	is("an invitation", read("an invitation", s.InviteApp(channel, amina)), bot.GroupJoined, amina, channel, "")
	is("a private channel's", read("a private channel's", s.InviteApp(private, amina)), bot.GroupJoined, amina, private, "")
	is("a mention", read("a mention", s.Mention(channel, amina, "connect K7QD-M3XW")), bot.TextSent, amina, channel, "/connect@ella K7QD-M3XW")
	is("a stranger's mention", read("a stranger's mention", s.Mention(channel, stranger, "help")), bot.Other, stranger, channel, "")
	is("another's coming", read("another's coming", s.Join(channel, s.AddUser(slacktest.User{Name: "Bogdan"}))), bot.Other, "", "", "")
	if did := s.SayIn(channel, amina, "good morning"); did.ID != "" {
		t.Error("she is told what people say among themselves")
	}
	asked := of(form.Say("Are you coming?"), choices("Yes", "No"))
	ref, err := a.Send(t.Context(), bot.Outgoing{Chat: channel, Message: asked})
	if err != nil {
		t.Fatal(err)
	}
	card := s.Shown(channel)[0]
	pressed := read("a press", s.Press(amina, card, 1))
	is("a press", pressed, bot.ButtonPressed, amina, channel, "")
	if pressed.Data != "v1:a:1:" || pressed.Message != ref || pressed.Press == "" || time.Since(pressed.At).Abs() > time.Minute {
		t.Errorf("it is %+v, on %q", pressed, ref)
	}
	is("a stranger's press", read("a stranger's press", s.Press(stranger, card, 1)), bot.Other, stranger, "", "")
	answer := read("an answer", s.Reply(amina, s.Said(s.DM(amina))[0], "yes"))
	if answer.Kind != bot.TextSent || answer.Answers != "" {
		t.Errorf("an answer to oneself is %+v", answer)
	}
	ref, err = a.Send(t.Context(), bot.Outgoing{Chat: amina, Message: asked})
	if err != nil {
		t.Fatal(err)
	}
	if answer = read("an answer", s.Reply(amina, s.Shown(s.DM(amina))[0], "yes +2")); answer.Answers != ref || answer.Text != "yes +2" {
		t.Errorf("an answer is %+v, to %q", answer, ref)
	}
	is("the end in a channel", read("the end in a channel", s.RemoveApp(channel)), bot.GroupLeft, "", channel, "")
	is("the end in a private one", read("the end in a private one", s.RemoveApp(private)), bot.GroupLeft, "", private, "")
	is("what is unknown", read("what is unknown", s.Poison(amina)), bot.Other, "", "", "")
	is("a page", read("a page", s.OpenHome(amina, "home")), bot.PageOpened, amina, "", "")
	is("too much", read("too much", s.AppRateLimited()), bot.Other, "", "", "")
	is("a shortcut", read("a shortcut", s.Shortcut(amina, "ask")), bot.ShortcutUsed, amina, "", "ask")
	if err := stop(); err != nil {
		t.Error(err)
	}
	for _, b := range s.Breaches() {
		t.Errorf("a rule of Slack's is broken: %v", b)
	}
}

// TestRepetitionsHaveOneName: Slack sends events up to three times more, over another
// connection, in another envelope.
func TestRepetitionsHaveOneName(t *testing.T) {
	l := listen(t, slacktest.Options{}, time.Second)
	card := func() slacktest.Message {
		if _, err := l.adapter.Send(t.Context(), bot.Outgoing{Chat: l.amina, Message: of(form.Say("?"), choices("Yes"))}); err != nil {
			t.Fatal(err)
		}
		return l.Shown(l.DM(l.amina))[0]
	}()
	names := map[string]bool{}
	for _, do := range []func() slacktest.Did{
		func() slacktest.Did { return l.Say(l.amina, "yes") },
		func() slacktest.Did { return l.Say(l.amina, "yes") },
		func() slacktest.Did { return l.Press(l.amina, card, 0) },
		func() slacktest.Did { return l.Press(l.amina, card, 0) },
		func() slacktest.Did { return l.Command(l.amina, "", "/ella", "help") },
		func() slacktest.Did { return l.Command(l.amina, "", "/ella", "help") },
		func() slacktest.Did { return l.AppRateLimited() },
	} {
		before := len(l.inbox.all())
		did := do()
		await(t, "it", func() bool { return l.Acknowledged(did.ID) })
		for range 3 {
			if !l.Deliver(t.Context(), did.ID) {
				t.Fatal("once more, it is not acknowledged")
			}
		}
		got := l.inbox.all()[before:]
		if len(got) != 4 || names[got[0].Key] {
			t.Fatalf("it came %d times, or under a name that is taken", len(got))
		}
		names[got[0].Key] = true
		for _, raw := range got {
			if raw.Key != got[0].Key || raw.Sender != got[0].Sender {
				t.Errorf("once more, it has another name")
			}
		}
	}
}
