package engine

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"ella/bot"
	"ella/bot/message"
)

// attemptInGroup is attempt for what was done in a group chat: nobody becomes known by
// it but by the one button that is there for it (begin), no conversation is moved by it,
// and what is said to one person is said in private, to those who have a conversation
// with Ella.
func (e *Engine) attemptInGroup(w Waiting, adapter bot.Adapter, update bot.Update) error {
	ctx, cancel := context.WithTimeout(e.run, timeToCompute)
	defer cancel()
	person, err := e.knownInGroup(ctx, w.Account, update)
	if err != nil {
		return &failure{NotStored, fmt.Errorf("load member: %w", err)}
	}
	outcome, err := e.compute(ctx, e.turn(w.Account, person, nil, update, adapter), e.routeInGroup)
	if err != nil {
		return err
	}
	if _, first := early(person.Member); first && outcome.Begin != nil && update.Kind == bot.ButtonPressed && !update.Nameless && adapter.Capabilities().Begins {
		return e.begin(ctx, w, adapter, update, outcome)
	}
	var queued []bot.Queued
	err = e.Store.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		queued = nil // a unit may run again
		if err := e.end(ctx, tx, w); err != nil {
			return err
		}
		if person.Member.ID != "" {
			// Not Seen: whoever speaks in a group chat may have blocked Ella in private.
			if err := e.Store.Present(ctx, tx, person.Member.ID); err != nil {
				return err
			}
		}
		for _, change := range outcome.Changes {
			if err := change(ctx, tx); err != nil {
				return err
			}
		}
		var err error
		queued, err = e.Store.Queue(ctx, tx, person.Address, outcome.Replies)
		return err
	})
	if err != nil {
		return err
	}
	e.Outbox.Send(queued)
	if update.Press != "" {
		e.Outbox.Notice(w.Account, update.Chat, update.Press, outcome.Notice, outcome.NoticeLink)
	}
	if outcome.Aloud != nil {
		e.Outbox.Aloud(w.Account, cmp.Or(update.NewGroup, update.Group), *outcome.Aloud)
	}
	return nil
}

// begin begins a private conversation with whoever pressed the button for it in a group
// chat, or goes on where they stand in the first minute. Pressed again it says nothing
// new.
func (e *Engine) begin(ctx context.Context, w Waiting, adapter bot.Adapter, update bot.Update, host bot.Outcome) error {
	person, conversation, err := e.Store.Person(ctx, w.Account, update.Sender)
	isNew := errors.Is(err, bot.ErrNotFound)
	words := bot.Update{
		Kind: bot.TextSent, Sender: update.Sender, Chat: update.Chat, Text: "/start " + host.Begin.Payload(), LocaleHint: update.LocaleHint, At: update.At,
	}
	switch {
	case isNew:
		words = acquaint(ctx, adapter, words)
		person, conversation = e.newPerson(w.Account, words), Conversation{}
	case err != nil:
		return &failure{NotStored, fmt.Errorf("load member: %w", err)}
	}
	outcome, err := e.compute(ctx, e.turn(w.Account, person, conversation.Step, words, adapter), e.route)
	if err != nil {
		return err
	}
	if !isNew && sameStep(conversation.Step, outcome.Next) {
		outcome = bot.Outcome{}
	}
	var queued []bot.Queued
	err = e.Store.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		queued = nil // a unit may run again
		err := e.end(ctx, tx, w)
		switch {
		case err != nil:
		case isNew:
			err = e.Store.Join(ctx, tx, person, update.Sender)
		default:
			err = e.Store.Present(ctx, tx, person.Member.ID)
		}
		if err != nil {
			return err
		}
		queued, err = e.write(ctx, tx, person, conversation, outcome)
		return err
	})
	if err != nil {
		return err
	}
	e.Outbox.Send(queued)
	e.Outbox.Notice(w.Account, update.Chat, update.Press, host.Notice, "")
	return nil
}

// sameStep reports whether a conversation stands where it stood.
func sameStep(a, b *bot.Step) bool {
	return a != nil && b != nil && a.Room == b.Room && a.Name == b.Name && a.Version == b.Version && bytes.Equal(a.Data, b.Data)
}

// knownInGroup is whoever did something in a group chat, if Ella knows them.
func (e *Engine) knownInGroup(ctx context.Context, account bot.AccountID, u bot.Update) (bot.Person, error) {
	if u.Nameless {
		return bot.Person{}, nil
	}
	person, _, err := e.Store.Person(ctx, account, u.Sender)
	if errors.Is(err, bot.ErrNotFound) {
		return bot.Person{}, nil
	}
	return person, err
}

// routeInGroup finds who answers in a group chat.
func (e *Engine) routeInGroup(ctx context.Context, t bot.Turn) (bot.Outcome, string, error) {
	switch t.Update.Kind {
	case bot.ButtonPressed:
		return e.pressInGroup(ctx, t)
	case bot.TextSent, bot.GroupJoined, bot.GroupLeft, bot.GroupMoved, bot.ChatLeft:
		if e.Host != nil {
			out, err := e.Host.InGroup(ctx, t)
			return out, e.Host.Name(), err
		}
	}
	return bot.Outcome{}, "", nil
}

// pressInGroup answers a press. A button of a room that answers none in group chats
// is an old one, or forged: everybody would read what is said to it.
func (e *Engine) pressInGroup(ctx context.Context, t bot.Turn) (bot.Outcome, string, error) {
	if _, first := early(t.Person.Member); first {
		if e.Host == nil {
			return bot.Outcome{}, "", nil
		}
		out, err := e.Host.Unknown(ctx, t)
		return out, e.Host.Name(), err
	}
	verb, ok := message.ParseAction(t.Update.Data)
	if !ok {
		return bot.Outcome{}, "", nil
	}
	name, _, _ := strings.Cut(verb.Name, ".")
	room, ok := e.rooms[name].(bot.PressedInGroup)
	if !ok {
		return bot.Outcome{}, "", nil
	}
	out, err := room.PressInGroup(ctx, t, verb)
	if errors.Is(err, bot.ErrUnknownStep) || errors.Is(err, bot.ErrNotFound) {
		return bot.Outcome{}, "", nil
	}
	return out, room.Name(), err
}
