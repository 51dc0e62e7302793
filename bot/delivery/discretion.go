package delivery

import (
	"context"
	"slices"
	"time"

	"ella/bot"
	"ella/bot/message"
)

// discreetly puts the line that gives nothing away before everything else: it is what
// whoever else looks at the phone reads first.
func (d *Delivery) discreetly(m message.Message) message.Message {
	if d.Neutral == nil {
		return m
	}
	m.Blocks = slices.Insert(slices.Clone(m.Blocks), 0, message.Block(d.Neutral(m.Locale)))
	return m
}

// takesBack reports whether messages of that account can be taken away.
func (d *Delivery) takesBack(account bot.AccountID) bool {
	a, ok := d.Adapters.Of(account)
	return ok && a.Capabilities().TakesBack > 0
}

// takenBack is what follows from how taking a message away ended: it does no harm
// when it is done twice, and what the platform refuses nobody waits for.
func takenBack(kind bot.SendKind) bot.SendKind {
	switch kind {
	case bot.Unclear:
		return bot.NotSent
	case bot.Markup, bot.Invalid:
		return ""
	}
	return kind
}

// menu is a list of commands on its way to a chat.
type menu struct {
	address  bot.Address
	commands []bot.MenuItem
}

const (
	// menusAtOnce is few: nobody waits for a menu.
	menusAtOnce = 4

	menuTries = 3
	menuPause = time.Second
)

// Menu shows a member their own list of commands, and notes that it does by the name
// in a.Menu. An empty list brings back everybody's. Best effort: what is not noted is
// shown at their next turn. It never blocks.
func (d *Delivery) Menu(a bot.Address, commands []bot.MenuItem) {
	adapter, _ := d.Adapters.Of(a.Account)
	if _, ok := adapter.(bot.Menus); ok {
		d.menus.Push(string(a.ID), menu{a, commands})
	}
}

// showMenu is called by the address's lane, so that the last list is what stays.
func (d *Delivery) showMenu(_ string, m menu) {
	for try := 1; ; try++ {
		err := d.callMenu(m)
		kind := bot.SendKindOf(err)
		switch kind {
		case "", bot.Invalid: // what the platform refuses it would refuse at every turn
			d.settle("menu", func(ctx context.Context, tx bot.Tx) error { return d.Store.Menu(ctx, tx, m.address.ID, m.address.Menu) })
		}
		if kind != "" {
			d.Log.Debug("showing a menu failed", "kind", string(kind), "code", code(err))
		}
		wait := menuPause
		switch kind {
		case bot.Throttled:
			wait = retryAfter(err)
		case bot.NotSent, bot.Unclear:
		default:
			return
		}
		if try == menuTries || wait > sendTimeout {
			return
		}
		d.menus.Yield(func() { d.waitFor(d.run, wait) })
	}
}

// callMenu is the call itself. An adapter that panics fails this one only.
func (d *Delivery) callMenu(m menu) (err error) {
	served, _ := d.Adapters.Of(m.address.Account)
	adapter, ok := served.(bot.Menus)
	if !ok || d.run.Err() != nil || d.accountStopped(m.address.Account) {
		return &bot.SendError{Kind: bot.NotYet}
	}
	defer d.survive(&err)
	ctx, cancel := context.WithTimeout(d.run, sendTimeout)
	defer cancel()
	return adapter.Menu(ctx, m.address.Chat, m.commands)
}
