package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"ella/bot"
	"ella/bot/message"
)

// look shows somebody the page that is theirs alone. Nobody becomes a member by looking,
// and no conversation moves: of whoever Ella does not know nothing is written but that
// the update has ended.
func (e *Engine) look(w Waiting, adapter bot.Adapter, update bot.Update) error {
	ctx, cancel := context.WithTimeout(e.run, timeToCompute)
	defer cancel()
	t, isNew, err := e.reader(ctx, w.Account, update, adapter)
	if err != nil {
		return &failure{NotStored, fmt.Errorf("load member: %w", err)}
	}
	page, err := e.page(ctx, t, bot.Outcome{})
	if err != nil {
		return err
	}
	err = e.Store.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		if err := e.end(ctx, tx, w); err != nil || isNew {
			return err
		}
		// Not Seen: a look is no word, and their chat may be closed to Ella.
		return e.Store.Present(ctx, tx, t.Person.Member.ID)
	})
	if err != nil {
		return err
	}
	e.Outbox.Page(w.Account, update.Chat, page)
	return nil
}

// noteProfile writes what the platform knows of a member by now: the zone in which times
// are shown to them. Nobody becomes known by it, and nothing is said.
func (e *Engine) noteProfile(w Waiting, _ bot.Adapter, update bot.Update) error {
	ctx, cancel := context.WithTimeout(e.run, timeToCompute)
	defer cancel()
	person, _, err := e.Store.Person(ctx, w.Account, update.Sender)
	isNew := errors.Is(err, bot.ErrNotFound)
	if err != nil && !isNew {
		return &failure{NotStored, fmt.Errorf("load member: %w", err)}
	}
	return e.Store.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		if err := e.end(ctx, tx, w); err != nil || isNew {
			return err
		}
		if zone := known(update.Zone); zone != "" && zone != person.Member.Zone {
			return e.Store.SetZone(ctx, tx, person.Member.ID, zone)
		}
		return nil
	})
}

// end ends an update; errEnded when whoever had it before did.
func (e *Engine) end(ctx context.Context, tx bot.Tx, w Waiting) error {
	err := e.Store.Finish(ctx, tx, w.ID)
	if errors.Is(err, bot.ErrConflict) {
		return errEnded
	}
	return err
}

// reader is the turn of whoever looks at their page, as they stand now.
func (e *Engine) reader(ctx context.Context, account bot.AccountID, u bot.Update, a bot.Adapter) (t bot.Turn, isNew bool, err error) {
	person, conversation, err := e.Store.Person(ctx, account, u.Sender)
	switch {
	case errors.Is(err, bot.ErrNotFound):
		u = acquaint(ctx, a, u)
		return e.turn(account, e.newPerson(account, u), nil, u, a), true, nil
	case err != nil:
		return bot.Turn{}, false, err
	}
	return e.turn(account, person, conversation.Step, u, a), false, nil
}

// page puts a page together from what the rooms have to show. In the first minute only
// the home has something. Above it stands what a press on it has just brought: whoever
// looks at the page does not see the conversation. A room that panics fails this page only.
func (e *Engine) page(ctx context.Context, t bot.Turn, answer bot.Outcome) (page message.Message, err error) {
	defer func() {
		if r := recover(); r != nil {
			// The value may hold a person's words: only the stack is logged.
			e.Log.Error("a room panicked", "stack", string(debug.Stack()))
			page, err = message.Message{}, &failure{Panicked, errors.New("a room panicked")}
		}
	}()
	p := e.Language.For(t.Locale)
	blocks := e.answered(t, answer)
	rooms := e.paged
	if _, first := early(t.Person.Member); first {
		rooms = rooms[:min(len(rooms), e.ofHome)]
	}
	for _, room := range rooms {
		part, err := room.Page(ctx, t)
		if err != nil {
			return message.Message{}, &failure{RoomFailed, err}
		}
		blocks = append(blocks, part...)
	}
	if len(blocks) == 0 {
		blocks = append(blocks, p.Heading("start.title"))
	}
	return p.Message(blocks...), nil
}

// answered says above the page what became of a press on it.
func (e *Engine) answered(t bot.Turn, o bot.Outcome) []message.Block {
	var blocks []message.Block
	if o.Notice != "" {
		blocks = append(blocks, message.Say(o.Notice))
	}
	if answers(o) {
		blocks = append(blocks, e.Language.For(t.Locale).Paragraph("page.answered"))
	}
	return blocks
}

// answers reports whether something is said to the one whose turn it is.
func answers(o bot.Outcome) bool {
	for _, r := range o.Replies {
		if r.To == "" && r.TakeBack == "" {
			return true
		}
	}
	return false
}

// showViews shows what a turn has changed beside the conversation, once it is committed:
// the page that a button was pressed on, and the window that waits. Nothing hangs on it.
func (e *Engine) showViews(ctx context.Context, account bot.AccountID, t bot.Turn, a bot.Adapter, o bot.Outcome) {
	u := t.Update
	if u.Window != "" {
		e.Outbox.Window(account, u.Chat, u.Window, e.form(t, o), e.instead(t, o))
	}
	_, pages := a.(bot.Pages)
	if !pages || (!u.OnPage && len(o.Changes) == 0) {
		return
	}
	now, gone, err := e.reader(ctx, account, u, a)
	if err != nil || (!u.OnPage && !gone) {
		return // made anew when they look
	}
	if gone {
		// Forgotten: nothing of them stays on the page.
		o = bot.Outcome{}
	}
	page, err := e.page(ctx, now, o)
	if err != nil {
		e.Log.Warn("a page failed", "err", err)
		return
	}
	e.Outbox.Page(account, u.Chat, page)
}
