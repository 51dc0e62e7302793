package slack_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"ella/adapters/slack"
	"ella/adapters/slack/slacktest"
	"ella/bot"
)

// TestEditsBesideTheLimit: 200 people press on 60 messages within a minute, in which
// Slack takes 50 updates. All messages show the last answer.
func TestEditsBesideTheLimit(t *testing.T) {
	s := slacktest.New(t, slacktest.Options{})
	a := onFake(t, s)
	inbox := &taken{came: make(chan bot.Raw, 10)}
	stop, _ := receiving(t, a, inbox)
	await(t, "that she receives", func() bool { return s.Connections() == 2 })
	var people, channels []string
	for i := range 200 {
		people = append(people, s.AddUser(slacktest.User{Name: fmt.Sprintf("Person %d", i)}))
	}
	refs := map[string]bot.Ref{}
	cards := map[string]slacktest.Message{}
	for i := range 60 {
		channel := s.AddChannel(slacktest.Channel{Name: fmt.Sprintf("roof-%d", i), Members: people})
		ref, err := a.Send(t.Context(), bot.Outgoing{Chat: channel, Message: of(para(text("0 come")), choices("Yes"))})
		if err != nil {
			t.Fatal(err)
		}
		channels, refs[channel] = append(channels, channel), ref
		cards[channel] = s.Shown(channel)[0]
	}
	count := map[string]int{}
	for i, person := range people {
		channel := channels[i%len(channels)]
		did := s.Press(person, cards[channel], 0)
		await(t, "that it is acknowledged", func() bool { return s.Acknowledged(did.ID) })
		<-inbox.came
		count[channel]++
		shown := of(para(text(fmt.Sprintf("%d come", count[channel]))), choices("Yes"))
		if ref, err := a.Send(t.Context(), bot.Outgoing{Chat: channel, Message: shown, Edit: refs[channel]}); err != nil || ref != refs[channel] {
			t.Fatalf("edit %d is %q, %v", i, ref, err)
		}
	}
	for _, channel := range channels {
		if all := s.Shown(channel); len(all) != 1 || !strings.HasPrefix(all[0].Text, fmt.Sprintf("%d come", count[channel])) || len(all[0].Presses()) != 1 {
			t.Errorf("there stands %+v, want %d", all, count[channel])
		}
	}
	if n := s.Calls("chat.update"); n == 0 || n > 50 {
		t.Errorf("%d updates were made", n)
	}
	// What fails there waits as before, and nothing else is posted.
	posts := s.Calls("chat.postMessage")
	s.Next(slacktest.Responding, slacktest.Refused("expired_url"))
	_, err := a.Send(t.Context(), bot.Outgoing{Chat: channels[0], Message: of(para(text("late"))), Edit: refs[channels[0]]})
	if bot.SendKindOf(err) != bot.Throttled || s.Calls("chat.postMessage") != posts {
		t.Errorf("it is %v", err)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	for _, b := range s.Breaches() {
		t.Errorf("a rule of Slack's is broken: %v", b)
	}
}

// TestAddresses: each serves four edits, and the fifth answer is the notice's.
func TestAddresses(t *testing.T) {
	known := slack.NewAddresses()
	for i := range 3 {
		known.Keep("C1:1.1", fmt.Sprint("one-", i/2)) // the first came twice
	}
	uses := map[string]int{}
	for range 20 {
		if url, ok := known.Take("C1:1.1"); ok {
			uses[url]++
		}
	}
	if len(uses) != 2 || uses["one-0"] != 4 || uses["one-1"] != 4 {
		t.Errorf("they were used %v", uses)
	}
	if _, ok := known.Take("C1:1.2"); ok {
		t.Error("another message has one")
	}
	for i := range 5000 {
		known.Keep(fmt.Sprint("C2:", i), "x")
	}
	if n := known.Len(); n > 1024 {
		t.Errorf("%d are remembered", n)
	}
	if _, ok := known.Take("C2:4999"); !ok {
		t.Error("the last one is forgotten")
	}
}

// TestTheLastEditStays: of edits that go two ways at once, the one that was asked for
// last is what stands there.
func TestTheLastEditStays(t *testing.T) {
	turns := slack.NewTurns()
	for range 200 {
		var wait sync.WaitGroup
		last := 0
		for n := 1; n <= 8; n++ {
			do, end := turns.Next("C1:1.1")
			wait.Go(func() {
				defer end()
				do(func() { last = n })
			})
		}
		wait.Wait()
		if last != 8 {
			t.Fatalf("edit %d of 8 stands there", last)
		}
	}
	if n := turns.Len(); n != 0 {
		t.Errorf("%d messages are remembered", n)
	}
	do, end := turns.Next("C1:1.1")
	newer, endNewer := turns.Next("C1:1.1")
	if !newer(func() {}) || do(func() { t.Error("an old one was made") }) {
		t.Error("an old one was made after a newer one")
	}
	end()
	endNewer()
}

// TestOlderEditAtTheGate: an edit waits for Slack's limit while a newer one of the same
// message goes as an answer to a press. The newer one is what stays.
func TestOlderEditAtTheGate(t *testing.T) {
	s := slacktest.New(t, slacktest.Options{})
	a := onFake(t, s)
	inbox := &taken{came: make(chan bot.Raw, 10)}
	stop, _ := receiving(t, a, inbox)
	await(t, "that she receives", func() bool { return s.Connections() == 2 })
	amina := s.AddUser(slacktest.User{Name: "Amina"})
	channel := s.AddChannel(slacktest.Channel{Name: "roof", Members: []string{amina}})
	other := s.AddChannel(slacktest.Channel{Name: "busy", Members: []string{amina}})
	post := func(channel string) bot.Ref {
		ref, err := a.Send(t.Context(), bot.Outgoing{Chat: channel, Message: of(para(text("0 come")), choices("Yes"))})
		if err != nil {
			t.Fatal(err)
		}
		return ref
	}
	card, busy := post(channel), post(other)
	edit := func(channel string, ref bot.Ref, words string) error {
		_, err := a.Send(t.Context(), bot.Outgoing{Chat: channel, Message: of(para(text(words)), choices("Yes")), Edit: ref})
		return err
	}
	s.Next("chat.update", slacktest.Throttled(2*time.Second))
	if err := edit(other, busy, "1 comes"); bot.SendKindOf(err) != bot.Throttled {
		t.Fatal(err)
	}
	older := make(chan error, 1)
	go func() { older <- edit(channel, card, "1 comes") }()
	await(t, "that it waits", func() bool { return slack.EditsUnderWay(a) == 1 })
	did := s.Press(amina, s.Shown(channel)[0], 0)
	await(t, "that it is acknowledged", func() bool { return s.Acknowledged(did.ID) })
	<-inbox.came
	updates := s.Calls("chat.update")
	if err := edit(channel, card, "2 come"); err != nil {
		t.Fatal(err)
	}
	if err := <-older; err != nil {
		t.Errorf("the older one ends with %v, and will be made again", err)
	}
	if all := s.Shown(channel); len(all) != 1 || !strings.HasPrefix(all[0].Text, "2 come") {
		t.Errorf("there stands %+v", all)
	}
	if n := s.Calls("chat.update"); n != updates {
		t.Errorf("%d updates were made for it", n-updates)
	}
	if n := slack.EditsUnderWay(a); n != 0 {
		t.Errorf("%d messages are remembered", n)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	for _, b := range s.Breaches() {
		t.Errorf("a rule of Slack's is broken: %v", b)
	}
}
