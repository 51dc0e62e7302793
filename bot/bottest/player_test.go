package bottest_test

import (
	"context"
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
