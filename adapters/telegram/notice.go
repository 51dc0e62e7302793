package telegram

import (
	"context"
	"strings"

	library "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"ella/adapters/wording"
	"ella/bot"
)

// answer answers a press with a short text, and with a link that opens. It never waits
// for the pace. That the press is forgotten is no failure.
func (s *sender) answer(ctx context.Context, out bot.Outgoing) *bot.SendError {
	ctx, cancel := context.WithTimeout(ctx, answerFor)
	defer cancel()
	link := out.NoticeLink
	for {
		err := s.apart(ctx, answers, func(ctx context.Context) error {
			_, err := s.library.AnswerCallbackQuery(ctx, &library.AnswerCallbackQueryParams{
				CallbackQueryID: out.Press, Text: shortened(strings.TrimSpace(wording.Plain(out.Notice)), maxNotice), URL: link,
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
func (s *sender) Menu(ctx context.Context, chat string, items []bot.MenuItem) error {
	to, ok := targetOf(chat)
	if !ok {
		return sendError(bot.Gone, "no-chat")
	}
	if err := s.pace.obey(ctx, to.id); err != nil {
		return err
	}
	scope := &models.BotCommandScopeChat{ChatID: to.id}
	var list []models.BotCommand
	for _, c := range commandsOf(items) {
		list = append(list, models.BotCommand(c))
	}
	return s.apart(ctx, commandLists, func(ctx context.Context) error {
		if len(list) == 0 {
			_, err := s.library.DeleteMyCommands(ctx, &library.DeleteMyCommandsParams{Scope: scope})
			return err
		}
		_, err := s.library.SetMyCommands(ctx, &library.SetMyCommandsParams{Commands: list, Scope: scope})
		return err
	}).OrNil()
}
