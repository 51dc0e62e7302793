package member

import (
	"context"
	"slices"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

var _ bot.Paged = (*Room)(nil)

// Page implements bot.Paged: what is a person's own, which language they read and
// whether messages come. In the first minute it is the question that is open.
func (r *Room) Page(ctx context.Context, t bot.Turn) ([]message.Block, error) {
	p := r.Language.For(t.Locale)
	switch m := t.Person.Member; {
	case m.Locale == "":
		out, err := r.pickLanguage(t, 0, true)
		return said(out), err
	case m.Consent == 0:
		var out bot.Outcome
		err := r.askConsent(ctx, &out, t)
		return append([]message.Block{p.Heading("start.title")}, said(out)...), err
	}
	own, err := r.standing(ctx, t, p)
	if err != nil || !r.arrived(t).Asked {
		return own, err
	}
	organisations, err := r.Store.Organisations(ctx)
	if err != nil || len(organisations) == 0 {
		return own, err
	}
	var out bot.Outcome
	err = r.askAgree(&out, t, organisations, 0)
	return append(own, said(out)...), err
}

// said are the blocks of everything that an outcome says to the member.
func said(out bot.Outcome) []message.Block {
	var blocks []message.Block
	for _, reply := range out.Replies {
		blocks = append(blocks, reply.Message.Blocks...)
	}
	return blocks
}

// standing shows the language and the messages of somebody who has come through the
// first minute, each with the button that changes it.
func (r *Room) standing(ctx context.Context, t bot.Turn, p language.Printer) ([]message.Block, error) {
	m := t.Person.Member
	tongue := m.Locale
	if m.Speaks != "" {
		tongue = m.Speaks
	}
	messages := "page.messages-on"
	button := "stop"
	if m.State == bot.Stopped {
		messages, button = "page.messages-off", "resume"
	}
	rows := []message.Fact{
		{Label: p.Text("page.language"), Value: []message.Span{{Kind: message.Words, Text: r.Language.Endonym(tongue)}}},
		{Label: p.Text("page.messages"), Value: p.Spans(messages)},
	}
	if len(t.Person.Muted) > 0 && m.State != bot.Stopped {
		mine, err := r.mine(ctx, t)
		if err != nil {
			return nil, err
		}
		silent := slices.DeleteFunc(mine, func(o bot.Organisation) bool { return !slices.Contains(t.Person.Muted, o.ID) })
		rows = append(rows, message.Fact{Label: p.Text("page.silent"), Value: names(p, silent)})
	}
	var k message.Keyboard
	k.Add(p.Text("command.language.button"), bot.VerbCommand, "", "language")
	k.Add(p.Text("command."+button+".button"), bot.VerbCommand, "", button)
	k.Add(p.Text("command.help.button"), bot.VerbCommand, "", "help")
	choices, err := k.Choices()
	return []message.Block{p.Heading("page.title"), message.Facts{Rows: rows}, choices}, err
}
