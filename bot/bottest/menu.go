package bottest

import (
	"context"
	"regexp"
	"slices"
	"unicode/utf8"

	"ella/bot"
)

// Menu implements bot.Menus. What FailWith was given answers it too: it is asked
// about an Outgoing that has but the chat.
func (p *Platform) Menu(_ context.Context, chat string, commands []bot.MenuItem) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fail != nil {
		if err := p.fail(bot.Outgoing{Chat: chat}); err != nil {
			return err
		}
	}
	c, err := p.open(bot.Outgoing{Chat: chat})
	if err != nil {
		return err
	}
	if len(commands) > maxMenu || slices.ContainsFunc(commands, fitsNoMenu) {
		return &bot.SendError{Kind: bot.Invalid, Code: "menu"}
	}
	c.menu = slices.Clone(commands)
	return nil
}

// The limits of Telegram's menus (https://core.telegram.org/bots/api#botcommand).
const maxMenu = 100

var menuCommand = regexp.MustCompile(`^[a-z0-9_]{1,32}$`)

func fitsNoMenu(i bot.MenuItem) bool {
	return !menuCommand.MatchString(i.Command) || i.About == "" || utf8.RuneCountInString(i.About) > 256
}

// MenuOf is the list of commands that a chat shows; none where it is everybody's.
func (p *Platform) MenuOf(chat string) []bot.MenuItem {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c, ok := p.chats[chat]; ok {
		return slices.Clone(c.menu)
	}
	return nil
}
