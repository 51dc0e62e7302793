package engine

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"ella/bot"
	"ella/bot/message"
)

// routeForm finds who answers a form. What is typed into one is heard like any other
// words: a stop stops, and for whoever says that they are under 18 no form goes on.
func (e *Engine) routeForm(ctx context.Context, t bot.Turn) (bot.Outcome, string, error) {
	for _, name := range slices.Sorted(maps.Keys(t.Update.Fields)) {
		words := strings.TrimSpace(t.Update.Fields[name])
		if command, ok := e.Language.CommandFor(words); ok && command == commandStop {
			return e.runCommand(ctx, t, commandStop, "")
		}
		if typed, _, ok := parseCommand(words); ok && typed == commandStop {
			return e.runCommand(ctx, t, commandStop, "")
		}
		if len(t.Person.Roles) == 0 && e.Language.Young(words) {
			return e.runCommand(ctx, t, commandYoung, "")
		}
	}
	verb, ok := message.ParseAction(t.Update.Data)
	if !ok {
		return e.lost(ctx, t, bot.OldButton)
	}
	name, _, _ := strings.Cut(verb.Name, ".")
	room, ok := e.rooms[name].(bot.Formed)
	if !ok {
		return e.lost(ctx, t, bot.OldButton)
	}
	if !e.early[name] {
		if why, ok := early(t.Person.Member); ok {
			return e.lost(ctx, t, why)
		}
	}
	out, err := room.Filled(ctx, t, verb)
	return e.orLost(ctx, t, room.Name(), out, err)
}

// orLost says politely that a button, or a form, fits nothing any more.
func (e *Engine) orLost(ctx context.Context, t bot.Turn, room string, out bot.Outcome, err error) (bot.Outcome, string, error) {
	switch {
	case errors.Is(err, bot.ErrUnknownStep):
		return e.lost(ctx, t, bot.OldButton)
	case errors.Is(err, bot.ErrNotFound):
		// Gone, or not theirs: told apart, the answer would say which.
		return e.lost(ctx, t, bot.NoSuchRight)
	}
	return out, room, err
}

// routeShortcut runs the command that a shortcut stands for, about the words that it was
// used on. Everybody sees a shortcut, so whoever may not use it is told so.
func (e *Engine) routeShortcut(ctx context.Context, t bot.Turn) (bot.Outcome, string, error) {
	name := strings.ToLower(strings.TrimSpace(t.Update.Text))
	c, ok := e.commands[name]
	switch {
	case !ok:
		return e.lost(ctx, t, bot.OldButton)
	case !c.Allows(t.Person):
		return e.lost(ctx, t, bot.NoSuchRight)
	}
	return e.runCommand(ctx, t, name, strings.TrimSpace(t.Update.Quoted))
}

// form is what fills the window of a turn: the form that the room gave, else one that
// says where the answer stands, and can only be closed.
func (e *Engine) form(t bot.Turn, o bot.Outcome) message.Form {
	if o.Form != nil {
		return *o.Form
	}
	p := e.Language.For(t.Locale)
	f := message.Form{Locale: p.Locale(), Direction: p.Direction(), Title: p.Text("form.title"), Close: p.Text("form.close")}
	if o.Notice != "" {
		f.Blocks = append(f.Blocks, message.Say(o.Notice))
	}
	if answers(o) || o.Notice == "" {
		f.Blocks = append(f.Blocks, p.Paragraph("form.answered"))
	}
	return f
}

// instead is what is said in the conversation where the form of a turn can't be shown,
// since its window never opened or was closed before: whoever pressed is told how to go
// on. It is empty where the conversation has an answer already.
func (e *Engine) instead(t bot.Turn, o bot.Outcome) message.Message {
	if o.Form == nil || answers(o) {
		return message.Message{}
	}
	p := e.Language.For(t.Locale)
	said := "form.not-opened"
	switch {
	case t.Update.Kind == bot.FormFilled:
		said = "form.not-done" // what was wrong stood in the window
	case t.Update.Quoted != "":
		said = "form.share-again"
	}
	blocks := []message.Block{p.Paragraph(said)}
	if c, ok := e.commands[o.Form.Command]; ok && c.Allows(t.Person) {
		// The button is no form: the way through the conversation always works.
		var k message.Keyboard
		k.Add(p.Text("form.in-chat"), bot.VerbCommand, "", c.Name)
		if choices, err := k.Choices(); err == nil {
			blocks = append(blocks, choices)
		}
	}
	return p.Message(blocks...)
}
