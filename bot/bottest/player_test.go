package bottest_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/bottest"
	"ella/bot/message"
)

// TestScriptShowsFiles plays a conversation in which a file is sent, as every
// script does: its name stands there and, when it is a text, every line of it.
func TestScriptShowsFiles(t *testing.T) {
	p := bottest.NewPlatform("amina")
	about := []message.File{
		{Name: "all.txt", MediaType: message.PlainText, Data: []byte("Language: العربية\r\n\r\n  indented\u2066x\u2069\nno end"), About: "All about you."},
		{Name: "card.pdf", MediaType: message.PDFDocument, Data: []byte("%PDF\nnot to be read"), About: "To print."},
	}
	stage := bottest.Stage{
		Platform: p, Account: "memory", Clock: bottest.NewClock(time.Unix(0, 0)),
		Accept: func(ctx context.Context, raw bot.Raw) error {
			f := about[0]
			about = about[1:]
			_, err := p.Send(ctx, bot.Outgoing{Chat: raw.Sender, Message: message.Message{Locale: "en", Blocks: []message.Block{message.Say("Here."), f, message.Say("Bye.")}}})
			return err
		},
		Settle: func(context.Context) error { return nil },
	}
	want := `amina> /mydata
    to amina (en)
      Here.
      All about you.
      📎 ⟦all.txt⟩
        Language: العربية
        
          indented⟦x⟩
        no end
      Bye.
amina> /print
    to amina (en)
      Here.
      To print.
      📎 ⟦card.pdf⟩
      Bye.
`
	take, err := bottest.Parse(want).Play(t.Context(), stage, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	if take.Text != want {
		t.Errorf("got\n%s\nwant\n%s", take.Text, want)
	}
}

// TestScriptInGroups plays what people do in a group chat and what Ella answers:
// aloud, to one of them, by a link, and by taking messages away.
func TestScriptInGroups(t *testing.T) {
	p := bottest.NewPlatform("amina", "lee")
	p.Can.TakesBack = time.Hour
	clock := bottest.NewClock(time.Unix(0, 0))
	p.Clock = clock
	send := func(out bot.Outgoing) error {
		_, err := p.Send(t.Context(), out)
		return err
	}
	say := func(text string) message.Message {
		return message.Message{Locale: "en", Blocks: []message.Block{message.Say(text)}}
	}
	card := say("Coming?")
	card.Protected = true
	card.Blocks = append(card.Blocks, message.Choices{Rows: [][]message.Action{{{Label: "Yes", Data: "v1:a::yes"}}}})
	stage := bottest.Stage{
		Platform: p, Account: "memory", Clock: clock,
		Accept: func(_ context.Context, raw bot.Raw) error {
			u, err := p.Decode(raw.Body)
			switch {
			case err != nil:
				return err
			case u.Kind == bot.GroupMoved:
				return send(bot.Outgoing{Chat: u.NewGroup, Message: say("Hello again."), Silent: true})
			case u.Kind == bot.GroupLeft:
				if err := send(bot.Outgoing{Chat: u.Group, Message: say("Bye.")}); bot.SendKindOf(err) != bot.Blocked {
					t.Errorf("where she was taken out, writing is %v", err)
				}
				return nil
			case u.Kind == bot.GroupJoined:
				return send(bot.Outgoing{Chat: u.Group, Message: card})
			case u.Kind == bot.ButtonPressed && u.Group != "":
				if err := send(bot.Outgoing{Chat: u.Chat, Message: say("Yes it is.")}); bot.SendKindOf(err) != bot.Forbidden {
					t.Errorf("writing to who never began is %v", err)
				}
				return send(bot.Outgoing{Chat: u.Chat, Press: u.Press, Notice: "Begin first (" + u.LocaleHint + ")", NoticeLink: "https://memory.example/?start=x"})
			case u.Nameless:
				return send(bot.Outgoing{Chat: u.Group, Message: say("Who are you?")})
			case u.Kind == bot.LocationShared:
				return send(bot.Outgoing{Chat: u.Chat, Message: say("Thanks."), TakeBack: []bot.Ref{u.Message}})
			case u.Answers != "":
				return send(bot.Outgoing{Chat: u.Chat, TakeBack: []bot.Ref{u.Answers}})
			}
			return send(bot.Outgoing{Chat: u.Chat, Message: say(string(u.Kind) + ": " + u.Text)})
		},
		Settle: func(context.Context) error { return nil },
	}
	want := `amina#crmc* joined
    to group:crmc (en, protected)
      Coming?
      [Yes]
lee* app ar
lee#crmc! Yes
    ~ lee: Begin first (ar) → https://memory.example/?start=x
nobody#crmc> /help
    to group:crmc (en)
      Who are you?
amina> hello
    to amina (en)
      text: hello
amina* voice
    to amina (en)
      voice: 
amina* changed hullo
    to amina (en)
      changed: hullo
amina@ 52.48,-1.89
    taken from amina: a message of their own
    to amina (en)
      Thanks.
amina^ #2 gone
    taken from amina: changed: hullo
+ 1h
amina^ too old
amina#crmc* moved crmc2
    to group:crmc2 (en, silent)
      Hello again.
amina#crmc2* left
`
	want = strings.ReplaceAll(want, "voice: \n", "voice:␣\n")
	take, err := bottest.Parse(want).Play(t.Context(), stage, nil, "")
	if err != nil {
		t.Fatalf("%v\n%s", err, take.Text)
	}
	if got := strings.ReplaceAll(take.Text, "voice: \n", "voice:␣\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := p.Owns("amina"); got != 3 {
		t.Errorf("of amina's own messages %d stand there", got)
	}
}
