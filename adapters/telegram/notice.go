package telegram

import (
	"context"
	"strings"

	library "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"ella/bot"
)

// answer answers a press with a short text, and with a link that opens. It never waits
// for the pace. That the press is forgotten is no failure.
func (s *sender) answer(ctx context.Context, out bot.Outgoing) *bot.SendError {
	ctx, cancel := context.WithTimeout(ctx, answerFor)
	defer cancel()
	link := out.NoticeLink
	for {
		_, err := s.call(ctx, func(ctx context.Context) error {
			_, err := s.library.AnswerCallbackQuery(ctx, &library.AnswerCallbackQueryParams{
				CallbackQueryID: out.Press, Text: shortened(strings.TrimSpace(plain(out.Notice)), maxNotice), URL: link,
			})
			return err
		})
		switch {
		case err == nil || err.Kind != bot.Invalid:
			return err
		case link == "" || err.Code == codeOld:
			return nil
		}
		// The link is refused: without an answer the button would go on turning.
		link = ""
	}
}

// Typing implements bot.Typist. It shows for some seconds.
func (s *sender) Typing(ctx context.Context, chat string) {
	to, ok := targetOf(chat)
	if !ok || ctx.Err() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, answerFor)
	defer cancel()
	// Best effort: there is nobody to tell.
	_ = s.quietly(ctx, to, func(ctx context.Context) error {
		_, err := s.library.SendChatAction(ctx, &library.SendChatActionParams{ChatID: to.id, MessageThreadID: to.topic, Action: models.ChatActionTyping})
		return err
	})
}

// Menu implements bot.Menus.
func (s *sender) Menu(ctx context.Context, chat string, commands []bot.MenuItem) error {
	to, ok := targetOf(chat)
	if !ok {
		return sendError(bot.Gone, "no-chat")
	}
	scope := &models.BotCommandScopeChat{ChatID: to.id}
	if len(commands) == 0 {
		return fault(s.quietly(ctx, to, func(ctx context.Context) error {
			_, err := s.library.DeleteMyCommands(ctx, &library.DeleteMyCommandsParams{Scope: scope})
			return err
		}))
	}
	list := make([]models.BotCommand, 0, len(commands))
	for _, c := range commands[:min(len(commands), maxMenu)] {
		list = append(list, models.BotCommand{Command: strings.TrimPrefix(c.Command, "/"), Description: shortened(plain(c.About), maxAbout)})
	}
	return fault(s.quietly(ctx, to, func(ctx context.Context) error {
		_, err := s.library.SetMyCommands(ctx, &library.SetMyCommandsParams{Commands: list, Scope: scope})
		return err
	}))
}
