package telegram

import (
	"bytes"
	"context"

	library "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"ella/bot"
)

// sendPart sends one of Telegram's messages, with the keyboard that asks for a
// location taken away if lower.
func (s *sender) sendPart(ctx context.Context, d delivery, p Part, lower bool) (sent, *bot.SendError) {
	markup := replyMarkup(p, lower)
	switch p.Kind {
	case PhotoPart:
		m, err := s.sendPhoto(ctx, d, p, markup)
		if !isRefusal(err, codePicture) {
			return m, err
		}
		// The words under it say the same, and its reader must have them.
		s.log.Error("telegram: a picture was refused; its words were sent alone", "account", string(s.account), "code", err.Code)
	case DocumentPart:
		return s.receive(s.write(ctx, d, false, func(ctx context.Context) error {
			_, err := s.library.SendDocument(ctx, &library.SendDocumentParams{
				ChatID: d.to.id, MessageThreadID: d.to.topic, Document: &models.InputFileUpload{Filename: p.Name, Data: bytes.NewReader(p.Data)},
				// It stays the file that it is, whatever Telegram takes it for.
				DisableContentTypeDetection: true,
				Caption:                     p.HTML, ParseMode: models.ParseModeHTML, DisableNotification: d.silent, ProtectContent: d.protected, ReplyMarkup: markup,
			})
			return err
		}))
	case VenuePart:
		return s.receive(s.write(ctx, d, false, func(ctx context.Context) error {
			_, err := s.library.SendVenue(ctx, &library.SendVenueParams{
				ChatID: d.to.id, MessageThreadID: d.to.topic, Latitude: p.Venue.Lat, Longitude: p.Venue.Lng, Title: p.Venue.Title, Address: p.Venue.Address,
				DisableNotification: d.silent, ProtectContent: d.protected, ReplyMarkup: markup,
			})
			return err
		}))
	case TextPart:
	}
	return s.receive(s.write(ctx, d, false, func(ctx context.Context) error {
		_, err := s.library.SendMessage(ctx, &library.SendMessageParams{
			ChatID: d.to.id, MessageThreadID: d.to.topic, Text: p.HTML, ParseMode: models.ParseModeHTML, LinkPreviewOptions: preview(d.preview),
			DisableNotification: d.silent, ProtectContent: d.protected, ReplyMarkup: markup,
		})
		return err
	}))
}

func (s *sender) receive(result []byte, err *bot.SendError) (sent, *bot.SendError) {
	if err != nil {
		return sent{}, err
	}
	return receipt(result)
}

// preview says whether Telegram may ask the first link's server what it leads to: by
// itself it would.
func preview(on bool) *models.LinkPreviewOptions {
	if on {
		return nil
	}
	return &models.LinkPreviewOptions{IsDisabled: library.True()}
}

// replyMarkup is what stands below a message; nil where there is nothing.
func replyMarkup(p Part, lower bool) models.ReplyMarkup {
	switch {
	case p.Ask != "":
		return &models.ReplyKeyboardMarkup{
			Keyboard: [][]models.KeyboardButton{{{Text: p.Ask, RequestLocation: true}}}, ResizeKeyboard: true, OneTimeKeyboard: true,
		}
	case lower:
		return &models.ReplyKeyboardRemove{RemoveKeyboard: true}
	case len(p.Buttons) == 0:
		return nil
	}
	rows := make([][]models.InlineKeyboardButton, 0, len(p.Buttons))
	for _, row := range p.Buttons {
		buttons := make([]models.InlineKeyboardButton, 0, len(row))
		for _, b := range row {
			buttons = append(buttons, models.InlineKeyboardButton{Text: b.Label, CallbackData: b.Data, URL: b.URL, Style: b.Style})
		}
		rows = append(rows, buttons)
	}
	return &models.InlineKeyboardMarkup{InlineKeyboard: rows}
}
