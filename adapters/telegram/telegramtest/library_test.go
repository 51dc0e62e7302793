package telegramtest_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	telegram "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"ella/adapters/telegram/telegramtest"
)

// TestLibrary has the library that the adapter uses call every method: it knows
// the real API, so the server must understand it, and it the server.
func TestLibrary(t *testing.T) {
	s := telegramtest.New(t, telegramtest.Options{Limits: telegramtest.Limits{Off: true}})
	user := s.AddUser(telegramtest.User{FirstName: "Maryam", Started: true})
	group := s.AddGroup(telegramtest.Group{Title: "Group", Bot: telegramtest.Administrator})
	ctx := t.Context()
	b, err := telegram.New(s.Token(), telegram.WithServerURL(s.URL()))
	if err != nil {
		t.Fatal(err)
	}
	can := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	me, err := b.GetMe(ctx)
	can("getMe", err)
	if me.ID != s.BotID() || me.Username != s.Username() {
		t.Errorf("it is %+v", me)
	}
	keyboard := &models.InlineKeyboardMarkup{InlineKeyboard: [][]models.InlineKeyboardButton{
		{{Text: "Yes", CallbackData: "v1:yes"}, {Text: "Map", URL: "https://example.org"}},
	}}
	m, err := b.SendMessage(ctx, &telegram.SendMessageParams{
		ChatID: user, Text: "<b>سلام</b>", ParseMode: models.ParseModeHTML, DisableNotification: true, ProtectContent: true,
		LinkPreviewOptions: &models.LinkPreviewOptions{IsDisabled: telegram.True()}, ReplyMarkup: keyboard,
	})
	can("sendMessage", err)
	if m.Chat.ID != user || m.Text != "سلام" || m.Entities[0].Type != "bold" || m.ReplyMarkup.InlineKeyboard[0][0].CallbackData != "v1:yes" || m.From.ID != s.BotID() {
		t.Errorf("the message is %+v", m)
	}
	if got := s.Shown(user)[0]; !got.Silent || !got.Protected || !got.Preview.Disabled || len(got.Presses()) != 1 {
		t.Errorf("there stands %+v", got)
	}
	_, err = b.EditMessageText(ctx, &telegram.EditMessageTextParams{ChatID: user, MessageID: m.ID, Text: "changed", ReplyMarkup: keyboard})
	can("editMessageText", err)
	_, err = b.EditMessageText(ctx, &telegram.EditMessageTextParams{ChatID: user, MessageID: m.ID, Text: "changed", ReplyMarkup: keyboard})
	if !errors.Is(err, telegram.ErrorBadRequest) {
		t.Errorf("an edit that changes nothing: %v", err)
	}
	_, err = b.EditMessageReplyMarkup(ctx, &telegram.EditMessageReplyMarkupParams{ChatID: user, MessageID: m.ID})
	can("editMessageReplyMarkup", err)
	photo, err := b.SendPhoto(ctx, &telegram.SendPhotoParams{
		ChatID: user, Caption: "Look", Photo: &models.InputFileUpload{Filename: "poster.png", Data: bytes.NewReader(picture(t, 40, 30))},
	})
	can("sendPhoto", err)
	_, err = b.SendPhoto(ctx, &telegram.SendPhotoParams{ChatID: group, Photo: &models.InputFileString{Data: photo.Photo[0].FileID}})
	can("sendPhoto by file_id", err)
	_, err = b.EditMessageCaption(ctx, &telegram.EditMessageCaptionParams{ChatID: user, MessageID: photo.ID, Caption: "changed"})
	can("editMessageCaption", err)
	_, err = b.EditMessageMedia(ctx, &telegram.EditMessageMediaParams{
		ChatID: user, MessageID: photo.ID,
		Media: &models.InputMediaPhoto{Media: "attach://new.png", Caption: "new", MediaAttachment: bytes.NewReader(picture(t, 20, 20))},
	})
	can("editMessageMedia", err)
	document, err := b.SendDocument(ctx, &telegram.SendDocumentParams{
		ChatID: user, Document: &models.InputFileUpload{Filename: "action.ics", Data: bytes.NewReader([]byte("BEGIN:VCALENDAR"))},
	})
	can("sendDocument", err)
	if document.Document.FileName != "action.ics" || s.Uploads() != 3 {
		t.Errorf("the file is %+v, of %d uploads", document.Document, s.Uploads())
	}
	_, err = b.SendVenue(ctx, &telegram.SendVenueParams{ChatID: user, Latitude: 52.45, Longitude: -1.85, Title: "Library", Address: "High Street 1"})
	can("sendVenue", err)
	_, err = b.SendLocation(ctx, &telegram.SendLocationParams{ChatID: user, Latitude: 52.45, Longitude: -1.85})
	can("sendLocation", err)
	_, err = b.SendMessage(ctx, &telegram.SendMessageParams{ChatID: user, Text: "Where?", ReplyMarkup: &models.ReplyKeyboardMarkup{
		Keyboard: [][]models.KeyboardButton{{{Text: "Share my place", RequestLocation: true}}}, ResizeKeyboard: true, OneTimeKeyboard: true,
	}})
	can("sendMessage with a reply keyboard", err)
	if k := s.KeyboardIn(user); k == nil || !k.Rows[0][0].Location {
		t.Errorf("the keyboard is %+v", k)
	}
	_, err = b.SendMessage(ctx, &telegram.SendMessageParams{ChatID: user, Text: "Thanks", ReplyMarkup: &models.ReplyKeyboardRemove{RemoveKeyboard: true}})
	can("sendMessage that removes it", err)
	_, err = b.SendMessage(ctx, &telegram.SendMessageParams{ChatID: group, Text: "Which?", ReplyMarkup: &models.ForceReply{ForceReply: true, Selective: true}})
	can("sendMessage with ForceReply", err)
	_, err = b.SendChatAction(ctx, &telegram.SendChatActionParams{ChatID: user, Action: models.ChatActionTyping})
	can("sendChatAction", err)
	_, err = b.CopyMessage(ctx, &telegram.CopyMessageParams{ChatID: group, FromChatID: user, MessageID: photo.ID})
	can("copyMessage", err)
	_, err = b.ForwardMessage(ctx, &telegram.ForwardMessageParams{ChatID: group, FromChatID: user, MessageID: photo.ID})
	can("forwardMessage", err)
	_, err = b.DeleteMessage(ctx, &telegram.DeleteMessageParams{ChatID: user, MessageID: m.ID})
	can("deleteMessage", err)
	_, err = b.DeleteMessages(ctx, &telegram.DeleteMessagesParams{ChatID: user, MessageIDs: []int{photo.ID, document.ID}})
	can("deleteMessages", err)
	_, err = b.SetMyCommands(ctx, &telegram.SetMyCommandsParams{
		Commands: []models.BotCommand{{Command: "help", Description: "Help"}}, Scope: &models.BotCommandScopeAllPrivateChats{}, LanguageCode: "ar",
	})
	can("setMyCommands", err)
	commands, err := b.GetMyCommands(ctx, &telegram.GetMyCommandsParams{Scope: &models.BotCommandScopeAllPrivateChats{}, LanguageCode: "ar"})
	can("getMyCommands", err)
	if len(commands) != 1 {
		t.Errorf("the menu is %+v", commands)
	}
	_, err = b.DeleteMyCommands(ctx, &telegram.DeleteMyCommandsParams{Scope: &models.BotCommandScopeChat{ChatID: group}})
	can("deleteMyCommands", err)
	_, err = b.SetMyName(ctx, &telegram.SetMyNameParams{Name: "Ella"})
	can("setMyName", err)
	_, err = b.GetMyName(ctx, &telegram.GetMyNameParams{LanguageCode: "ar"})
	can("getMyName", err)
	_, err = b.SetMyDescription(ctx, &telegram.SetMyDescriptionParams{Description: "x"})
	can("setMyDescription", err)
	_, err = b.GetMyDescription(ctx, &telegram.GetMyDescriptionParams{})
	can("getMyDescription", err)
	_, err = b.SetMyShortDescription(ctx, &telegram.SetMyShortDescriptionParams{ShortDescription: "x"})
	can("setMyShortDescription", err)
	_, err = b.GetMyShortDescription(ctx, &telegram.GetMyShortDescriptionParams{})
	can("getMyShortDescription", err)
	_, err = b.GetChat(ctx, &telegram.GetChatParams{ChatID: group})
	can("getChat", err)
	member, err := b.GetChatMember(ctx, &telegram.GetChatMemberParams{ChatID: group, UserID: s.BotID()})
	can("getChatMember", err)
	if member.Type != models.ChatMemberTypeAdministrator {
		t.Errorf("it is %+v", member)
	}
	_, err = b.SetWebhook(ctx, &telegram.SetWebhookParams{URL: "https://ella.example.org/", SecretToken: "x", AllowedUpdates: []string{"message"}, MaxConnections: 40})
	can("setWebhook", err)
	info, err := b.GetWebhookInfo(ctx)
	can("getWebhookInfo", err)
	if info.URL != "https://ella.example.org/" {
		t.Errorf("the webhook is %+v", info)
	}
	_, err = b.DeleteWebhook(ctx, &telegram.DeleteWebhookParams{})
	can("deleteWebhook", err)
	_, err = b.LeaveChat(ctx, &telegram.LeaveChatParams{ChatID: group})
	can("leaveChat", err)
	if all := s.Breaches(); len(all) != 0 {
		t.Errorf("the library broke %q", all)
	}
}

// TestLibraryErrors are read by it as they are meant.
func TestLibraryErrors(t *testing.T) {
	s := telegramtest.New(t, telegramtest.Options{})
	user := s.AddUser(telegramtest.User{FirstName: "Maryam", Started: true})
	group := s.AddGroup(telegramtest.Group{Title: "Group", Kind: telegramtest.BasicGroup, Bot: telegramtest.Member})
	b, err := telegram.New(s.Token(), telegram.WithServerURL(s.URL()), telegram.WithSkipGetMe())
	if err != nil {
		t.Fatal(err)
	}
	send := func(chat int64) error {
		_, err := b.SendMessage(t.Context(), &telegram.SendMessageParams{ChatID: chat, Text: "x"})
		return err
	}
	s.Next("sendMessage", telegramtest.Throttled(7*time.Second))
	if wait, ok := errors.AsType[*telegram.TooManyRequestsError](send(user)); !ok || wait.RetryAfter != 7 {
		t.Errorf("429 is %+v", wait)
	}
	to, _, _ := s.Migrate(group, user)
	if moved, ok := errors.AsType[*telegram.MigrateError](send(group)); !ok || int64(moved.MigrateToChatID) != to {
		t.Errorf("a migrated group is %+v", moved)
	}
	s.Block(user)
	if err := send(user); !errors.Is(err, telegram.ErrorForbidden) {
		t.Errorf("who blocked is %v", err)
	}
	s.Revoke()
	if err := send(user); !errors.Is(err, telegram.ErrorUnauthorized) {
		t.Errorf("a revoked token is %v", err)
	}
}

// TestLibraryReceives has it poll and answer.
func TestLibraryReceives(t *testing.T) {
	s := telegramtest.New(t, telegramtest.Options{Limits: telegramtest.Limits{Off: true}})
	user := s.AddUser(telegramtest.User{FirstName: "Maryam", Language: "ar"})
	got := make(chan *models.Update, 10)
	b, err := telegram.New(s.Token(), telegram.WithServerURL(s.URL()), telegram.WithDefaultHandler(func(_ context.Context, _ *telegram.Bot, u *models.Update) { got <- u }))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		b.Start(ctx)
	}()
	s.Start(user, "code")
	if u := await(t, got, "a text"); u.Message.Text != "/start code" || u.Message.From.LanguageCode != "ar" || u.Message.Entities[0].Length != 6 {
		t.Errorf("it reads %+v", u.Message)
	}
	if _, err := b.SendMessage(ctx, &telegram.SendMessageParams{ChatID: user, Text: "x", ReplyMarkup: &models.InlineKeyboardMarkup{
		InlineKeyboard: [][]models.InlineKeyboardButton{{{Text: "Yes", CallbackData: "v1:yes"}}},
	}}); err != nil {
		t.Fatal(err)
	}
	press := s.Press(user, s.Shown(user)[0], 0)
	if u := await(t, got, "a press"); u.CallbackQuery.ID != press.Query || u.CallbackQuery.Data != "v1:yes" || u.CallbackQuery.Message.Message == nil {
		t.Errorf("it reads %+v", u.CallbackQuery)
	}
	if _, err := b.AnswerCallbackQuery(ctx, &telegram.AnswerCallbackQueryParams{CallbackQueryID: press.Query, Text: "Saved"}); err != nil {
		t.Error(err)
	}
	s.PressInaccessible(user, s.Shown(user)[0], 0)
	if u := await(t, got, "a press of what is gone"); u.CallbackQuery.Message.Message != nil || u.CallbackQuery.Message.InaccessibleMessage == nil {
		t.Errorf("it reads %+v", u.CallbackQuery)
	}
	s.Block(user)
	if u := await(t, got, "a block"); u.MyChatMember.NewChatMember.Type != models.ChatMemberTypeBanned {
		t.Errorf("it reads %+v", u.MyChatMember)
	}
	cancel()
	await(t, ended, "the library to stop")
	if a := s.Answers(press.Query); len(a) != 1 || a[0].Text != "Saved" {
		t.Errorf("the person sees %+v", a)
	}
	if all := s.Breaches(); len(all) != 0 {
		t.Errorf("the library broke %q", all)
	}
}
