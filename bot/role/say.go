package role

import (
	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// name is what a role is called: "Organiser 2".
func name(p language.Printer, r bot.Role) []message.Span {
	return p.Spans("role."+string(r.Kind), language.Count("Number", r.Number))
}

// heading is a role's name, with the group of a leader and whose it is.
func heading(p language.Printer, r Role) message.Heading {
	spans := name(p, r.Role)
	if r.GroupName != "" {
		spans = append(spans, message.Span{Kind: message.Text, Text: " – "}, message.Span{Kind: message.Words, Text: r.GroupName})
	}
	return message.Heading{Spans: spans}
}

// of says which organisation it is about, since a person may be in several.
func of(p language.Printer, o bot.Organisation) message.Paragraph {
	return p.Paragraph("role.of", language.Words("Organisation", o.Name))
}

// news is what somebody is told about a role, with buttons where there is
// something that they can do.
func (r *Room) news(p language.Printer, o bot.Organisation, about Role, key string, k *message.Keyboard, values ...language.Value) (message.Message, error) {
	blocks := []message.Block{heading(p, about), of(p, o), p.Paragraph(key, values...)}
	if k != nil && !k.Empty() {
		choices, err := k.Choices()
		if err != nil {
			return message.Message{}, err
		}
		blocks = append(blocks, choices)
	}
	return p.Message(blocks...), nil
}

// tell tells people of a role, each in their own language. buttons may be nil.
func (r *Room) tell(out *bot.Outcome, o bot.Organisation, about Role, to []Role, key string, buttons func(language.Printer, *message.Keyboard), values ...language.Value) error {
	for _, one := range to {
		p := r.Language.For(one.Locale)
		var k message.Keyboard
		if buttons != nil {
			buttons(p, &k)
		}
		m, err := r.news(p, o, about, key, &k, values...)
		if err != nil {
			return err
		}
		out.Replies = append(out.Replies, bot.Reply{To: one.Holder, Message: m})
	}
	return nil
}

// say says something about a role to whoever pressed, in place of the message
// that they pressed, and leads back to the list.
func (r *Room) say(out *bot.Outcome, t bot.Turn, m matter, key string, values ...language.Value) error {
	p := r.Language.For(t.Locale)
	var k message.Keyboard
	k.Add(p.Text("people.back"), verbList, string(m.Organisation.ID), "")
	said, err := r.news(p, m.Organisation, m.role, key, &k, values...)
	out.Replies = append(out.Replies, bot.Reply{Message: said, Edit: t.Update.Message})
	return err
}

// number is the value of an organiser's number in a sentence.
func number(by Role) language.Value { return language.Count("Number", by.Number) }

// sayWithHelp says something with the button of the help: no dead end.
func sayWithHelp(out *bot.Outcome, p language.Printer, said ...message.Block) error {
	var k message.Keyboard
	k.Add(p.Text("command.help.button"), bot.VerbCommand, "", "help")
	choices, err := k.Choices()
	out.Say(p.Message(append(said, choices)...))
	return err
}
