package groupchat

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"ella/bot"
	"ella/bot/code"
	"ella/bot/message"
)

// InGroup implements bot.Host.
func (r *Room) InGroup(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	switch t.Update.Kind {
	case bot.GroupJoined:
		return r.joined(ctx, t)
	case bot.GroupLeft:
		return r.left(ctx, t)
	case bot.GroupMoved:
		return r.moved(ctx, t)
	case bot.ChatLeft:
		return r.gone(ctx, t)
	case bot.TextSent:
		return r.heard(ctx, t)
	}
	return bot.Outcome{}, nil
}

// heard answers a command. Other words, an answer to a message of Ella's too, are said
// among the people there.
func (r *Room) heard(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	text, ok := strings.CutPrefix(strings.TrimSpace(t.Update.Text), "/")
	if !ok {
		return bot.Outcome{}, nil
	}
	word, rest := text, ""
	if end := strings.IndexFunc(text, unicode.IsSpace); end >= 0 {
		word, rest = text[:end], strings.TrimSpace(text[end:])
	}
	name, _, addressed := strings.Cut(strings.ToLower(word), "@")
	if name == "connect" {
		return r.connect(ctx, t, rest)
	}
	if marked, ok := strings.CutPrefix(rest, linkMark); ok && name == "start" {
		if _, ok := code.Parse(marked); ok {
			return r.connect(ctx, t, marked)
		}
	}
	// A bare command of that name may be meant for another bot. One that not everybody
	// may use is nobody's here: an answer would say before all who holds a role.
	known := slices.ContainsFunc(t.Commands, func(c bot.Command) bool { return c.Name == name && len(c.For) == 0 })
	if !addressed && !known {
		return bot.Outcome{}, nil
	}
	return r.briefly(ctx, t, "groupchat.in-private")
}

// Unknown implements bot.Host: whoever presses a button and has no conversation with
// Ella begins one first, and comes to what the button was about. Where the platform lets
// her, a press of the button that is there for it begins one.
func (r *Room) Unknown(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	c, valid, err := r.beginning(ctx, t)
	if err != nil {
		return bot.Outcome{}, err
	}
	pressed := r.Store.Pressed(t.Account, t.Update.Sender, c.ID)
	if valid && t.Can.Begins {
		return bot.Outcome{Begin: &bot.Arrival{Chat: c.ID, Pressed: pressed}, Notice: r.Language.For(t.Locale).Text("groupchat.begun")}, nil
	}
	out := bot.Outcome{Notice: r.Language.For(t.Locale).Text("groupchat.start-first")}
	arrival := bot.Arrival{Locale: t.Locale}
	if verb, ok := message.ParseAction(t.Update.Data); ok && verb.Name == bot.VerbRSVP {
		arrival.Action = bot.ActionID(verb.ID)
	}
	if valid {
		arrival.Chat, arrival.Pressed = c.ID, pressed
	}
	out.NoticeLink = t.Can.Link(arrival)
	if valid && out.NoticeLink != "" {
		out.Notice = r.Language.For(t.Locale).Text("groupchat.go-there") // the link is all that it takes
	}
	return out, nil
}
