package telegram

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"ella/bot"
)

// Presence is how Ella looks to whoever opens her, in one language.
type Presence struct {
	// Language is a two-letter code of ISO 639-1: Telegram can express no other
	// (https://core.telegram.org/bots/api#setmycommands).
	Language string
	// Name stands above the conversation, at most 64 characters; Short on her
	// profile and where she is passed on, at most 120; About in the empty conversation,
	// at most 512. What is empty stays as it is.
	Name, Short, About string
	// Commands are what members see in their own conversation, and Group what is seen
	// in group chats: at most 100 of each.
	Commands, Group []bot.MenuItem
}

// present makes Ella look as she should. It writes only what differs, since every
// call counts against a limit, and gives up until the next start on what fails.
func (a *Adapter) present(ctx context.Context) {
	if a.presence == nil {
		return
	}
	for i, p := range a.presence() {
		languages := []string{p.Language}
		if i == 0 {
			languages = []string{"", p.Language}
		}
		for _, language := range languages {
			for _, part := range p.parts(language) {
				if err := a.bring(ctx, part); err != nil {
					if ctx.Err() == nil {
						a.log.Warn("telegram: how Ella looks could not be set; it is tried again at the next start", "account", string(a.account), "what", part.what, "err", err)
					}
					if ctx.Err() != nil || isRefused(err) {
						return
					}
				}
			}
		}
	}
}

// part is one thing of a presence: how to read it, what to write.
type part struct {
	what     string // its name in the methods getMy… and setMy…
	language string
	text     *textPart
	commands *commandsPart
}

// textPart is a text of the bot; field is the parameter that holds it.
type textPart struct{ field, want string }

// commandsPart is a list of commands in a scope.
type commandsPart struct {
	scope string
	want  []command
}

type command struct {
	Command     string `json:"command"`
	Description string `json:"description"`
}

// Scopes of lists of commands (https://core.telegram.org/bots/api#botcommandscope).
const (
	scopePrivate = "all_private_chats"
	scopeGroups  = "all_group_chats"
	scopeDefault = "default"
)

// Limits of the Bot API, in characters; maxCommands counts.
const (
	maxName         = 64
	maxShort        = 120
	maxDescription  = 512
	maxCommandAbout = 256
	maxCommands     = 100
)

func (p Presence) parts(language string) []part {
	var parts []part
	for _, t := range []struct {
		what, field, want string
		most              int
	}{{"Name", "name", p.Name, maxName}, {"ShortDescription", "short_description", p.Short, maxShort}, {"Description", "description", p.About, maxDescription}} {
		if t.want != "" {
			parts = append(parts, part{what: t.what, language: language, text: &textPart{field: t.field, want: cut(t.want, t.most)}})
		}
	}
	lists := []struct {
		scope string
		items []bot.MenuItem
	}{{scopePrivate, p.Commands}, {scopeGroups, p.Group}}
	if language == "" { // for what neither of the other scopes covers
		lists = append(lists, lists[0])
		lists[2].scope = scopeDefault
	}
	for _, c := range lists {
		if len(c.items) > 0 {
			parts = append(parts, part{what: "Commands", language: language, commands: &commandsPart{scope: c.scope, want: commandsOf(c.items)}})
		}
	}
	return parts
}

func commandsOf(items []bot.MenuItem) []command {
	var all []command
	for _, item := range items[:min(len(items), maxCommands)] {
		all = append(all, command{Command: item.Command, Description: cut(item.About, maxCommandAbout)})
	}
	return all
}

// cut shortens to a number of characters. A text of the catalogues that is too long
// is a fault of ours, but half of it says more than nothing.
func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// bring writes a part if it is not there yet. 429 is obeyed.
func (a *Adapter) bring(ctx context.Context, p part) error {
	for {
		there, err := a.isThere(ctx, p)
		if err == nil && there {
			return nil
		}
		if err == nil {
			err = a.write(ctx, p)
		}
		r, ok := errors.AsType[*refusal](err)
		if !ok || r.code != http.StatusTooManyRequests {
			return err
		}
		if sleep(ctx, max(r.retryAfter, time.Second)); ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

func (a *Adapter) isThere(ctx context.Context, p part) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, shortCall)
	defer cancel()
	if p.text != nil {
		var there map[string]string
		err := a.api.call(ctx, "getMy"+p.what, p.params(), &there)
		return there[p.text.field] == p.text.want, err
	}
	var there []command
	err := a.api.call(ctx, "getMyCommands", p.params(), &there)
	return slices.Equal(there, p.commands.want), err
}

func (a *Adapter) write(ctx context.Context, p part) error {
	ctx, cancel := context.WithTimeout(ctx, shortCall)
	defer cancel()
	params := p.params()
	if p.text != nil {
		params[p.text.field] = p.text.want
	} else {
		params["commands"] = p.commands.want
	}
	return a.api.call(ctx, "setMy"+p.what, params, nil)
}

func (p part) params() map[string]any {
	params := map[string]any{}
	if p.language != "" {
		params["language_code"] = p.language
	}
	if p.commands != nil {
		params["scope"] = map[string]string{"type": p.commands.scope}
	}
	return params
}
