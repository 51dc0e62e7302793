package engine

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"ella/bot"
	"ella/bot/message"
)

// route finds who answers what was done in private.
func (e *Engine) route(ctx context.Context, t bot.Turn) (bot.Outcome, string, error) {
	switch t.Update.Kind {
	case bot.TextSent:
		return e.routeText(ctx, t)
	case bot.ButtonPressed:
		return e.routePress(ctx, t)
	case bot.FormFilled:
		return e.routeForm(ctx, t)
	case bot.ShortcutUsed:
		return e.routeShortcut(ctx, t)
	case bot.LocationShared:
		if t.Step != nil {
			return e.step(ctx, t)
		}
		return e.runCommand(ctx, t, "groups", "")
	case bot.Unsupported:
		return e.lost(ctx, t, bot.NotText)
	case bot.VoiceSent:
		return e.lost(ctx, t, bot.Voice)
	case bot.BroughtBack:
		return e.lost(ctx, t, bot.Brought)
	case bot.TextChanged:
		// What it said before was acted on. While a question is open it may have been
		// the answer; of every slip of a finger that is put right nothing is said.
		if t.Step != nil {
			return e.lost(ctx, t, bot.Changed)
		}
	}
	return bot.Outcome{}, "", nil
}

func (e *Engine) routeText(ctx context.Context, t bot.Turn) (bot.Outcome, string, error) {
	text := strings.TrimSpace(t.Update.Text)
	if utf8.RuneCountInString(text) > maxWords {
		return e.lost(ctx, t, bot.TooLong)
	}
	name, rest, typed := parseCommand(text)
	_, known := e.commands[name]
	if typed && known {
		return e.runCommand(ctx, t, name, rest)
	}
	within, after, found := e.commandWithin(t, text)
	switch {
	case found && (typed || within == commandStop):
		return e.runCommand(ctx, t, within, after)
	case typed:
		return e.lost(ctx, t, bot.NoCommand)
	}
	// Stop and help work in the middle of everything, in every language; a
	// person who is lost must not have to know where they are.
	if name, ok := e.Language.CommandFor(text); ok {
		if t.Step == nil || name == commandStop || (name == "help" && !t.Step.Verbatim) {
			return e.runCommand(ctx, t, name, "")
		}
	}
	if e.youngAsks(t, text) {
		return e.runCommand(ctx, t, commandYoung, "")
	}
	if found {
		return e.runCommand(ctx, t, within, after)
	}
	if t.Step != nil {
		return e.step(ctx, t)
	}
	return e.unasked(ctx, t)
}

// unasked answers words that nobody waits for: the first room that understands
// them, else the home. In the first minute only that goes on.
func (e *Engine) unasked(ctx context.Context, t bot.Turn) (bot.Outcome, string, error) {
	if _, first := early(t.Person.Member); !first {
		for _, l := range e.listeners {
			out, understood, err := l.Overhear(ctx, t)
			if err != nil || understood {
				return out, l.Name(), err
			}
		}
	}
	return e.lost(ctx, t, bot.NoCommand)
}

// commandYoung answers whoever says that they are under 18, in the middle of
// whatever was asked: no form goes on for them.
const commandYoung = "young"

// youngAsks leaves alone who is writing to that person already, and who holds a
// role: what they write is for others to read.
func (e *Engine) youngAsks(t bot.Turn, text string) bool {
	c, ok := e.commands[commandYoung]
	if !ok || len(t.Person.Roles) > 0 || (t.Step != nil && t.Step.Room == c.room.Name()) {
		return false
	}
	return e.Language.Young(text)
}

// early reports whether somebody has not gone through the first minute yet, and
// what of it is missing.
func early(m bot.Member) (bot.Lostness, bool) {
	switch {
	case m.Locale == "":
		return bot.NoLanguage, true
	case m.Consent == 0:
		return bot.NoConsent, true
	}
	return "", false
}

func (e *Engine) runCommand(ctx context.Context, t bot.Turn, name, rest string) (bot.Outcome, string, error) {
	c, ok := e.commands[name]
	if !ok || !c.Allows(t.Person) {
		return e.lost(ctx, t, bot.NoCommand)
	}
	if !c.Early {
		if why, ok := early(t.Person.Member); ok {
			return e.lost(ctx, t, why)
		}
	}
	out, err := c.room.Command(ctx, t, name, rest)
	return out, c.room.Name(), err
}

func (e *Engine) routePress(ctx context.Context, t bot.Turn) (bot.Outcome, string, error) {
	verb, ok := message.ParseAction(t.Update.Data)
	if !ok {
		return e.lost(ctx, t, bot.OldButton)
	}
	if verb.Name == bot.VerbCommand {
		return e.runCommand(ctx, t, verb.Arg, "")
	}
	name, _, _ := strings.Cut(verb.Name, ".")
	room, ok := e.rooms[name]
	if !ok {
		return e.lost(ctx, t, bot.OldButton)
	}
	if !e.early[name] {
		if why, ok := early(t.Person.Member); ok {
			return e.lost(ctx, t, why)
		}
	}
	out, err := room.Press(ctx, t, verb)
	return e.orLost(ctx, t, room.Name(), out, err)
}

func (e *Engine) step(ctx context.Context, t bot.Turn) (bot.Outcome, string, error) {
	room, ok := e.rooms[t.Step.Room]
	if !ok {
		return e.restart(ctx, t)
	}
	out, err := room.Step(ctx, t)
	if errors.Is(err, bot.ErrUnknownStep) || errors.Is(err, bot.ErrNotFound) {
		return e.restart(ctx, t)
	}
	return out, room.Name(), err
}

func (e *Engine) restart(ctx context.Context, t bot.Turn) (bot.Outcome, string, error) {
	out, name, err := e.lost(ctx, t, bot.OldStep)
	if out.Next == nil {
		out.Done = true
	}
	return out, name, err
}

func (e *Engine) lost(ctx context.Context, t bot.Turn, why bot.Lostness) (bot.Outcome, string, error) {
	out, err := e.Home.Lost(ctx, t, why)
	return out, e.Home.Name(), err
}
