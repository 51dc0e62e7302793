package member

import (
	"context"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// help lists what this person can do, each with its command, and the main things
// with a button.
func (r *Room) help(t bot.Turn) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	var items [][]message.Span
	for _, c := range t.Commands {
		if c.Hidden || c.Name == absent(t.Person.Member.State) {
			continue
		}
		items = append(items, append([]message.Span{{Kind: message.Command, Text: "/" + c.Name}, {Kind: message.Text, Text: " – "}},
			p.Spans("command."+c.Name+".about")...))
	}
	blocks := []message.Block{p.Paragraph("help.intro"), message.List{Items: items}}
	if t.Step != nil {
		blocks = append(blocks, p.Paragraph("help.still-open"))
	}
	var out bot.Outcome
	return out, r.sayWithMenu(&out, t, blocks...)
}

// sayWithMenu says something and shows what can be done next.
func (r *Room) sayWithMenu(out *bot.Outcome, t bot.Turn, blocks ...message.Block) error {
	menu, err := r.menu(t)
	if err != nil {
		return err
	}
	if len(menu.Rows) > 0 {
		blocks = append(blocks, menu)
	}
	out.Say(r.Language.For(t.Locale).Message(blocks...))
	return nil
}

// menu is a button for every main command that this person may use, two in a row.
func (r *Room) menu(t bot.Turn) (message.Choices, error) {
	p := r.Language.For(t.Locale)
	var k message.Keyboard
	n := 0
	for _, c := range t.Commands {
		if c.Hidden || c.Aside || c.Name == "help" || c.Name == absent(t.Person.Member.State) {
			continue
		}
		if n%2 == 0 {
			k.Break()
		}
		k.Add(p.Text("command."+c.Name+".button"), bot.VerbCommand, "", c.Name)
		n++
	}
	return k.Choices()
}

// absent is the command that makes no sense in a state.
func absent(state bot.MemberState) string {
	if state == bot.Stopped {
		return "stop"
	}
	return "resume"
}

// Lost implements bot.Home.
func (r *Room) Lost(ctx context.Context, t bot.Turn, why bot.Lostness) (bot.Outcome, error) {
	asked := r.own(t) && t.Step.Name == stepOther && noAnswer(why)
	if missing(t.Person.Member) && why != bot.Broken && !asked {
		return r.goOnWith(ctx, t, codeTyped(t.Update.Text))
	}
	p := r.Language.For(t.Locale)
	var out bot.Outcome
	var values []language.Value
	if why == bot.Brought {
		values = append(values, language.Command("Command", "/actions"))
	}
	blocks := []message.Block{p.Paragraph("lost."+string(why), values...)}
	if asked {
		out.Say(p.Message(append(blocks, p.Paragraph("language.ask-name"))...))
		return out, nil
	}
	if t.Step != nil && noAnswer(why) {
		blocks = append(blocks, p.Paragraph("help.still-open"))
	}
	if t.Update.Kind == bot.ButtonPressed {
		out.Notice = p.Text("notice.old-button")
	}
	return out, r.sayWithMenu(&out, t, blocks...)
}

// noAnswer reports whether somebody sent what can't answer a question, so that the
// one that waits still does.
func noAnswer(why bot.Lostness) bool {
	switch why {
	case bot.TooLong, bot.NotText, bot.Voice, bot.Changed, bot.Brought:
		return true
	}
	return false
}
