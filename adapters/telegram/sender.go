package telegram

import (
	"context"
	"encoding/json"
	"log/slog"

	library "github.com/go-telegram/bot"

	"ella/adapters/halves"
	"ella/adapters/wire"
	"ella/bot"
)

// sender is the sending half of an Adapter. It is safe for concurrent use.
type sender struct {
	account   bot.AccountID
	log       *slog.Logger
	library   *library.Bot
	pace      *pace
	uploads   *uploads
	keyboards *keyboards
	halves    halves.Halves[target, []standing]
	bars      *bars
}

var (
	_ bot.Typist = (*sender)(nil)
	_ bot.Menus  = (*sender)(nil)
)

func newSender(o Options) *sender {
	transport := o.Transport
	if transport == nil {
		transport = wire.ForSends(newTransport())
	}
	// It fails only for a token of no letters; call then does.
	calls, _ := newLibrary(o.base(), o.Token, wire.NewClient(o.Token, transport, sendFor))
	return &sender{
		account: o.Account, log: o.Log, library: calls, pace: newPace(o.Rate),
		uploads: newUploads(o.Account, o.Shelf), keyboards: newKeyboards(), bars: newBars(),
	}
}

// call makes one call and says what became of it. What the library says of it is not
// asked: it calls a message that was sent a failure when it can't read the answer.
func (s *sender) call(ctx context.Context, call func(ctx context.Context) error) (json.RawMessage, *bot.SendError) {
	if s.library == nil {
		return nil, sendError(bot.NoAccess, "no-token")
	}
	ctx, o := wire.Observe(ctx)
	_ = call(ctx)
	return judge(o)
}

// delivery is how a message goes where it goes.
type delivery struct {
	to                         target
	bulk                       bool
	silent, protected, preview bool
}

// write makes a call that writes a message, at Telegram's pace.
func (s *sender) write(ctx context.Context, d delivery, edit bool, call func(ctx context.Context) error) (json.RawMessage, *bot.SendError) {
	if err := s.pace.enter(ctx, d.to.id, d.bulk, edit); err != nil {
		return nil, err
	}
	result, err := s.call(ctx, call)
	s.mind(d.to, err)
	return result, err
}

// quietly makes a call about a chat that writes no message into it.
func (s *sender) quietly(ctx context.Context, to target, call func(ctx context.Context) error) *bot.SendError {
	if err := s.pace.obey(ctx, to.id); err != nil {
		return err
	}
	_, err := s.call(ctx, call)
	s.mind(to, err)
	return err
}

// apart makes a call that Telegram counts apart from messages.
func (s *sender) apart(ctx context.Context, what string, call func(ctx context.Context) error) *bot.SendError {
	if wait := s.bars.left(what); wait > 0 {
		return throttled(wait)
	}
	_, err := s.call(ctx, call)
	if err != nil && err.Kind == bot.Throttled {
		s.bars.refused(what, err.RetryAfter)
	}
	return err
}

// mind obeys a 429. Of a group it is known that the group is full, and nothing more.
func (s *sender) mind(to target, err *bot.SendError) {
	if err != nil && err.Kind == bot.Throttled {
		err.ChatOnly = !to.private()
		s.pace.refused(to.id, err.RetryAfter)
	}
}

// sent is what Telegram answers to a send.
type sent struct {
	ID    int `json:"message_id"`
	Photo []struct {
		ID     string `json:"file_id"`
		Width  int    `json:"width"`
		Height int    `json:"height"`
	} `json:"photo"`
}

// receipt reads the answer to a send. One that carries no number may be of a message
// that stands there; there is no way to ask.
func receipt(result json.RawMessage) (sent, *bot.SendError) {
	var m sent
	if err := json.Unmarshal(result, &m); (err != nil && m.ID == 0) || m.ID < 1 {
		return sent{}, sendError(bot.Unclear, "odd-result")
	}
	return m, nil
}
