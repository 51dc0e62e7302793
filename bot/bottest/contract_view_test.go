package bottest_test

import (
	"context"
	"strings"

	"ella/bot"
	"ella/bot/bottest"
	"ella/bot/message"
)

// pressed is a press of a button, in the chat or on the page.
func pressed(p *bottest.Platform, d bottest.Did, u *bot.Update) {
	u.Press = "press"
	if d.OnPage {
		page, _ := p.PageOf(d.Chat)
		u.Data, u.OnPage = page.Actions()[d.Button].Data, true
		return
	}
	s := p.Shown(d.Chat)[d.Message]
	a := s.Message.Actions()[d.Button]
	u.Message, u.Data = s.Ref, a.Data
	if a.Form {
		u.Window = "window of " + d.Chat
		p.OpenWindow(d.Chat, u.Window)
	}
}

// addViews adds what people see beside the chat of a platform in memory.
func addViews(r *bottest.Rig, p *bottest.Platform) {
	r.Page = func(chat string) bottest.Stands {
		page, _ := p.PageOf(chat)
		s := bottest.Stands{Text: page.Text()}
		for _, a := range page.Actions() {
			s.Buttons = append(s.Buttons, a.Label)
		}
		return s
	}
	r.Window = func(chat string) (bottest.Stands, bool) {
		window, f := p.WindowOf(chat)
		if f == nil {
			return bottest.Stands{}, window != ""
		}
		said := []string{f.Title, message.Message{Blocks: f.Blocks}.Text()}
		for _, field := range f.Fields {
			said = append(said, field.Problem, field.Label, field.Hint)
		}
		return bottest.Stands{Text: strings.Join(said, "\n")}, true
	}
	r.Close = func(chat string) { p.OpenWindow(chat, "") }
	r.Submit = func(chat string, fields map[string]string) func() bool {
		window, f := p.WindowOf(chat)
		u := bot.Update{Kind: bot.FormFilled, Sender: "owner of " + chat, Chat: chat, Data: f.Data, Window: window, Fields: map[string]string{}}
		for _, field := range f.Fields {
			u.Fields[field.Name] = field.Value
			if value, ok := fields[field.Name]; ok {
				u.Fields[field.Name] = value
			}
		}
		raw := p.Raw("memory", u)
		return func() bool { return p.Deliver(context.Background(), raw) }
	}
}
