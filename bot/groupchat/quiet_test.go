package groupchat_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/groupchat"
	"ella/bot/language"
	"ella/locales"
)

// nowhere is a store in which no chat is connected.
type nowhere struct{ groupchat.Store }

func (nowhere) Within(context.Context, bot.AccountID, string) ([]groupchat.Chat, error) {
	return nil, nil
}

// Of what was said where she remembers no more than fits, however many chats she is
// brought into, and hears everybody again a minute later.
func TestQuietIsBounded(t *testing.T) {
	words, err := language.Load(locales.Files)
	if err != nil {
		t.Fatal(err)
	}
	room := &groupchat.Room{Store: nowhere{}, Language: words}
	now := time.Date(2026, time.November, 24, 9, 30, 0, 0, time.UTC)
	brought := func(chats int) (said int) {
		for i := range chats {
			out, err := room.InGroup(t.Context(), bot.Turn{Account: "a", Now: now, Update: bot.Update{Kind: bot.GroupJoined, Group: fmt.Sprint(i)}})
			if err != nil {
				t.Fatal(err)
			}
			if out.Aloud != nil {
				said++
			}
		}
		return said
	}
	if n := brought(5000); n != 2048 {
		t.Errorf("within a minute she said hello %d times", n)
	}
	now = now.Add(time.Minute)
	if n := brought(10) + brought(10); n != 10 {
		t.Errorf("a minute later she said hello %d times in 10 chats", n)
	}
}
