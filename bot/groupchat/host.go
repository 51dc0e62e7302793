package groupchat

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"ella/bot"
	"ella/bot/code"
	"ella/bot/language"
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
	// A bare command of that name may be meant for another bot.
	known := slices.ContainsFunc(t.Commands, func(c bot.Command) bool { return c.Name == name })
	if !addressed && !known {
		return bot.Outcome{}, nil
	}
	return r.briefly(t, "groupchat.in-private"), nil
}

// Unknown implements bot.Host: whoever presses a button and has no conversation with
// Ella begins one first, and comes to what the button was about.
func (r *Room) Unknown(_ context.Context, t bot.Turn) (bot.Outcome, error) {
	out := bot.Outcome{Notice: r.Language.For(t.Locale).Text("groupchat.start-first")}
	arrival := bot.Arrival{Locale: t.Locale}
	if verb, ok := message.ParseAction(t.Update.Data); ok && verb.Name == bot.VerbRSVP {
		arrival.Action = bot.ActionID(verb.ID)
	}
	out.NoticeLink = t.Can.Link(arrival)
	return out, nil
}

// hello says, where Ella is new, who she is and what she reads.
func (r *Room) hello(t bot.Turn) bot.Outcome {
	p := r.Language.For(t.Locale)
	if !r.quiet.may(t, "hello") {
		return bot.Outcome{}
	}
	return bot.Outcome{Aloud: r.withLink(t, bot.Arrival{Locale: p.Locale()},
		p.Paragraph("groupchat.hello"), p.Paragraph("groupchat.reads"),
		p.Paragraph("groupchat.how", language.Command("Command", "/chats")))}
}

// briefly says one thing for everybody to read, at most once a minute in a chat.
func (r *Room) briefly(t bot.Turn, key string) bot.Outcome {
	if !r.quiet.may(t, key) {
		return bot.Outcome{}
	}
	p := r.Language.For(t.Locale)
	return bot.Outcome{Aloud: r.withLink(t, bot.Arrival{Locale: p.Locale()}, p.Paragraph(key))}
}
