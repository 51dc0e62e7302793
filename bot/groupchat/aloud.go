package groupchat

import (
	"context"
	"errors"
	"slices"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// What is said aloud is read by everybody in the chat, so it is in languages that
// were chosen for all of them: those of the chat where it is connected, else that of
// the app of whoever did something there, and English. The language that somebody has
// chosen with Ella is theirs alone.

// strangers are the languages where nothing is connected.
func (r *Room) strangers(t bot.Turn) []string {
	return []string{r.Language.Resolve(t.Update.LocaleHint).Locale, language.English}
}

// hello says, where Ella is new, who she is and what she reads.
func (r *Room) hello(t bot.Turn) bot.Outcome {
	if !r.quiet.may(t, "hello") {
		return bot.Outcome{}
	}
	return bot.Outcome{Aloud: r.aloud(t, bot.Arrival{}, r.strangers(t), func(p language.Printer) []message.Block {
		return []message.Block{
			p.Paragraph("groupchat.hello"), p.Paragraph("groupchat.reads"), p.Paragraph("groupchat.how", language.Command("Command", "/chats")),
		}
	})}
}

// briefly says one thing, at most once a minute in a chat.
func (r *Room) briefly(ctx context.Context, t bot.Turn, key string) (bot.Outcome, error) {
	c, err := r.Store.At(ctx, t.Account, t.Update.Group)
	locales, arrival := c.Locales, bot.Arrival{Group: c.Group.ID}
	if errors.Is(err, bot.ErrNotFound) {
		locales, arrival, err = r.strangers(t), bot.Arrival{}, nil
	}
	if err != nil || !r.quiet.may(t, key) {
		return bot.Outcome{}, err
	}
	return bot.Outcome{Aloud: r.aloud(t, arrival, locales, func(p language.Printer) []message.Block {
		return []message.Block{p.Paragraph(key)}
	})}, nil
}

// announce says what the chat is connected to, in English too: its languages may just
// be those of whoever connected it.
func (r *Room) announce(t bot.Turn, c Chat) *message.Message {
	locales := append(slices.Clone(c.Locales), language.English)
	return r.aloud(t, bot.Arrival{Group: c.Group.ID}, locales, func(p language.Printer) []message.Block {
		return []message.Block{p.Paragraph("groupchat.connected", language.Words("Group", c.Group.Name))}
	})
}

// aloud is a message in several languages, one below the other, with the button that
// leads to Ella in private. Its link names no language: others read it than those who
// had it written.
func (r *Room) aloud(t bot.Turn, a bot.Arrival, locales []string, say func(language.Printer) []message.Block) *message.Message {
	var blocks []message.Block
	for i, locale := range locales {
		if !slices.Contains(locales[:i], locale) {
			blocks = append(blocks, say(r.Language.For(locale))...)
		}
	}
	p := r.Language.For(locales[0])
	if link := t.Can.Link(a); link != "" {
		blocks = append(blocks, message.LinkButton{Link: message.Link{Label: p.Text("groupchat.start"), URL: link}})
	}
	m := p.Message(blocks...)
	return &m
}
