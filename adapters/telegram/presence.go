package telegram

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"ella/adapters/wording"
	"ella/bot"
)

// Presence is how Ella looks to whoever opens her, in one language.
type Presence struct {
	// Language is a two-letter code of ISO 639-1: Telegram can express no other
	// (https://core.telegram.org/bots/api#setmycommands), and what has one is left out.
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
// call counts against a limit, and gives up until the next start on what fails. What
// Telegram asks to wait with, for hours perhaps, keeps nothing else back.
func (a *Adapter) present(ctx context.Context) {
	if a.presence == nil {
		return
	}
	var left []part
	for i, p := range a.presence() {
		if i == 0 {
			left = append(left, p.parts("")...)
		}
		if len(p.Language) == 2 {
			left = append(left, p.parts(p.Language)...)
		}
	}
	for len(left) > 0 {
		var wait time.Duration
		if left, wait = a.bringAll(ctx, left); len(left) > 0 {
			sleep(ctx, wait)
		}
	}
}

// bringAll writes what is not there yet, and says what has to wait, and for how long.
func (a *Adapter) bringAll(ctx context.Context, parts []part) (left []part, wait time.Duration) {
	for _, p := range parts {
		var err error
		if a.bars.left(p.what) <= 0 {
			err = a.bring(ctx, p)
		}
		if ctx.Err() != nil || isRefused(err) {
			return nil, 0
		}
		if r, ok := errors.AsType[*refusal](err); ok && r.code == http.StatusTooManyRequests {
			a.bars.refused(p.what, r.retryAfter)
		}
		switch barred := a.bars.left(p.what); {
		case barred > 0:
			if left = append(left, p); wait == 0 || barred < wait {
				wait = barred
			}
		case err != nil:
			a.log.Warn("telegram: how Ella looks could not be set; it is tried again at the next start", "account", string(a.account), "what", p.what, "err", err)
		}
	}
	return left, wait
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

// Scopes of lists of commands (https://core.telegram.org/bots/api#botcommandscope).
const (
	scopePrivate = "all_private_chats"
	scopeGroups  = "all_group_chats"
	scopeDefault = "default"
)

func (p Presence) parts(language string) []part {
	var parts []part
	for _, t := range []struct {
		what, field, want string
		most              int
	}{{"Name", "name", p.Name, maxName}, {"ShortDescription", "short_description", p.Short, maxShort}, {"Description", "description", p.About, maxDescription}} {
		// Of a text that is too long half says more than nothing. Space at the ends
		// Telegram takes away, and it would differ for ever.
		if want := strings.TrimSpace(shortened(wording.Plain(t.want), t.most)); want != "" {
			parts = append(parts, part{what: t.what, language: language, text: &textPart{field: t.field, want: want}})
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
		if want := commandsOf(c.items); len(want) > 0 {
			parts = append(parts, part{what: commandLists, language: language, commands: &commandsPart{scope: c.scope, want: want}})
		}
	}
	return parts
}

// bring writes a part if it is not there yet.
func (a *Adapter) bring(ctx context.Context, p part) error {
	if there, err := a.isThere(ctx, p); err != nil || there {
		return err
	}
	return a.write(ctx, p)
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
