package telegram

import (
	"bytes"
	"context"

	library "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"ella/bot"
)

// edit changes a message in place, part by part, and keeps its Ref. Where that can't
// be done it sends a new one and takes the old one away, so that nobody presses
// buttons that are over.
func (s *sender) edit(ctx context.Context, d delivery, ref bot.Ref, parts []Part) (bot.Ref, *bot.SendError) {
	old, known := parseRef(ref)
	if known && editable(old, parts) {
		now, err := s.editAll(ctx, d, old, parts)
		switch {
		case err == nil:
			return refTo(now), nil
		case !isRefusal(err, codeNoEdit):
			return "", err
		}
	}
	all, err := s.sendAll(ctx, d, parts)
	if err != nil {
		return "", err
	}
	if known {
		s.takeOld(ctx, d.to, old)
	}
	return refTo(all), nil
}

// editable reports whether all parts could be changed in place: they are as many and
// of the same kinds, a venue is the same venue, and nothing brings a keyboard, which
// only a new message does.
func editable(old []standing, parts []Part) bool {
	if len(old) != len(parts) {
		return false
	}
	for i, p := range parts {
		kind := old[i].kind
		if p.Ask != "" || kind != p.kind() && (kind != "" || p.Kind == VenuePart) {
			return false
		}
	}
	return true
}

// editAll changes each part. Changing something twice does no harm, so a failure is
// the failure of the whole: sent again, it begins again.
func (s *sender) editAll(ctx context.Context, d delivery, old []standing, parts []Part) ([]standing, *bot.SendError) {
	now := make([]standing, len(parts))
	for i, p := range parts {
		now[i] = old[i]
		if p.Kind == VenuePart {
			continue
		}
		if err := s.editPart(ctx, d, old[i].id, p); err != nil && !isRefusal(err, codeSame) {
			return nil, err
		}
	}
	return now, nil
}

func (s *sender) editPart(ctx context.Context, d delivery, id int, p Part) *bot.SendError {
	markup := replyMarkup(p, false)
	media := func(m models.InputMedia) ([]byte, *bot.SendError) {
		return s.write(ctx, d, true, func(ctx context.Context) error {
			_, err := s.library.EditMessageMedia(ctx, &library.EditMessageMediaParams{ChatID: d.to.id, MessageID: id, Media: m, ReplyMarkup: markup})
			return err
		})
	}
	switch p.Kind {
	case PhotoPart:
		_, err := s.withPicture(ctx, p.Data, func(file string) ([]byte, *bot.SendError) {
			m := &models.InputMediaPhoto{Media: file, Caption: p.HTML, ParseMode: models.ParseModeHTML}
			if file == "" {
				m.Media, m.MediaAttachment = "attach://picture.png", bytes.NewReader(p.Data)
			}
			return media(m)
		})
		return err
	case DocumentPart:
		_, err := media(&models.InputMediaDocument{
			Media: "attach://" + p.Name, MediaAttachment: bytes.NewReader(p.Data), DisableContentTypeDetection: true,
			Caption: p.HTML, ParseMode: models.ParseModeHTML,
		})
		return err
	default:
		_, err := s.write(ctx, d, true, func(ctx context.Context) error {
			_, err := s.library.EditMessageText(ctx, &library.EditMessageTextParams{
				ChatID: d.to.id, MessageID: id, Text: p.HTML, ParseMode: models.ParseModeHTML, LinkPreviewOptions: preview(d.preview), ReplyMarkup: markup,
			})
			return err
		})
		return err
	}
}
