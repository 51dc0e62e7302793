package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"

	"ella/bot"
)

// takesBack takes a location away from the chat once it has served, where the
// platform lets Ella: whoever looks at the phone later must not read from it where
// its owner lives.
func takesBack(u bot.Update, a bot.Adapter) []bot.Reply {
	if u.Kind != bot.LocationShared || u.Message == "" || u.Group != "" || a.Capabilities().TakesBack == 0 {
		return nil
	}
	return []bot.Reply{{TakeBack: u.Message}}
}

// showMenu has the platform show somebody the commands that are theirs, in their
// language, when it shows others. A role that they gained or lost in this turn counts
// at once, so after a turn that changed something they are loaded anew; what others
// changed counts from their own next turn on. The outbox notes what is shown.
func (e *Engine) showMenu(ctx context.Context, account bot.AccountID, p bot.Person, u bot.Update, a bot.Adapter, changed bool) {
	if _, ok := a.(bot.Menus); !ok || u.Kind == bot.ChatBlocked {
		return
	}
	address := p.Address
	if changed {
		now, _, err := e.Store.Person(ctx, account, u.Sender)
		switch {
		case errors.Is(err, bot.ErrNotFound):
			// Forgotten: nothing of them stays in the chat, and nothing that is still on
			// its way there.
			address.Menu = ""
			e.Outbox.Menu(address, nil)
			return
		case err != nil:
			return // at their next turn
		default:
			p, address = now, now.Address
		}
	}
	name, items := e.menuFor(p, e.Language.Resolve(u.LocaleHint).Locale)
	if name == address.Menu {
		return
	}
	address.Menu = name
	e.Outbox.Menu(address, items)
}

// menuFor is the list of commands that a member is to see, and a name for it. Both are
// empty where everybody's does, in the language that the platform shows it in.
func (e *Engine) menuFor(p bot.Person, shownIn string) (string, []bot.MenuItem) {
	if p.Member.Locale == "" || (len(p.Roles) == 0 && p.Member.Locale == shownIn) {
		return "", nil
	}
	items := e.Menu(p)
	sum := sha256.New()
	for _, part := range append([]bot.MenuItem{{Command: p.Member.Locale}}, items...) {
		// A hash takes everything it is given.
		_, _ = io.WriteString(sum, part.Command+"\x00"+part.About+"\x00")
	}
	return hex.EncodeToString(sum.Sum(nil)[:8]), items
}

// Menu is the list of commands that a person may use, in their language, as a
// platform's menu shows it.
func (e *Engine) Menu(p bot.Person) []bot.MenuItem {
	words := e.Language.For(p.Member.Locale)
	var items []bot.MenuItem
	for _, c := range e.commandsFor(p) {
		if !c.Hidden {
			items = append(items, bot.MenuItem{Command: c.Name, About: words.Text("command." + c.Name + ".about")})
		}
	}
	return items
}
