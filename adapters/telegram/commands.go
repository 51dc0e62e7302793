package telegram

import (
	"strings"

	"ella/adapters/wording"
	"ella/bot"
)

// command is an entry of a list of commands
// (https://core.telegram.org/bots/api#botcommand).
type command struct {
	Command     string `json:"command"`
	Description string `json:"description"`
}

// commandsOf is a list as Telegram takes it. What it would refuse is left out, since
// all the others would be refused with it, and what is too long is cut.
func commandsOf(items []bot.MenuItem) (all []command) {
	for _, item := range items {
		name := strings.TrimPrefix(item.Command, "/")
		about := shortened(wording.OneLine(item.About), maxAbout)
		if isCommandName(name) && !wording.IsBlank(about) && len(all) < maxMenu {
			all = append(all, command{name, about})
		}
	}
	return all
}

func isCommandName(s string) bool {
	return s != "" && len(s) <= maxCommandName && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}
