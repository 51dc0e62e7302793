package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"ella/bot"
)

// updateVersion is the version of the raw update that this package writes.
// Decode reads every version ever written; testdata/corpus holds one of each.
const updateVersion = 1

// update is a raw update: what one phone did.
type update struct {
	Version int            `json:"v"`
	Kind    bot.UpdateKind `json:"kind"`
	Phone   string         `json:"phone"`
	// Key is made by the page, so that a POST sent again is the same update. It
	// also names a press.
	Key string `json:"key"`
	// At is in milliseconds since 1970.
	At      int64    `json:"at"`
	Hint    string   `json:"hint,omitempty"`
	Text    string   `json:"text,omitempty"`
	Data    string   `json:"data,omitempty"`
	Message int64    `json:"message,omitempty"`
	Lat     *float64 `json:"lat,omitempty"`
	Lng     *float64 `json:"lng,omitempty"`
}

// Receive lets the page hand updates to the inbox until ctx ends. Requests
// before and after it are answered with 503 and may be sent again.
func (a *Adapter) Receive(ctx context.Context, inbox bot.Inbox) error {
	a.mu.Lock()
	a.take = func(request context.Context, raw bot.Raw) error {
		both, cancel := context.WithCancel(request)
		defer cancel()
		defer context.AfterFunc(ctx, cancel)()
		return inbox.Accept(both, raw)
	}
	a.mu.Unlock()

	<-ctx.Done()

	a.mu.Lock()
	a.take = nil
	a.mu.Unlock()
	a.accepting.Wait()
	close(a.ended)
	return nil
}

// accept hands an update to the inbox. Nil means that it is durable; every
// error is a refusal.
func (a *Adapter) accept(ctx context.Context, u update) error {
	body, err := json.Marshal(u)
	if err != nil {
		return errInput
	}
	a.mu.Lock()
	take := a.take
	if take == nil {
		a.mu.Unlock()
		return errBusy
	}
	a.accepting.Add(1)
	a.mu.Unlock()
	defer a.accepting.Done()

	// The phone is part of the key: no phone can use up another's.
	err = take(ctx, bot.Raw{Account: a.account, Key: u.Phone + "/" + u.Key, Sender: u.Phone, Body: body})
	switch {
	case err == nil:
		return nil
	case errors.Is(err, bot.ErrTooLarge):
		return errLong
	case ctx.Err() == nil:
		a.log.Warn("web: an update was not taken in", "err", err)
	}
	return errBusy
}

// Decode reads a raw update. It checks what the page's own handlers have
// checked already: the bytes may be of another version, or damaged.
func (a *Adapter) Decode(raw []byte) (bot.Update, error) {
	// json would put U+FFFD where the bytes are no UTF-8, and say nothing.
	if !utf8.Valid(raw) {
		return bot.Update{}, bot.ErrUnreadable
	}
	var u update
	d := json.NewDecoder(bytes.NewReader(raw))
	if d.Decode(&u) != nil || d.More() {
		return bot.Update{}, bot.ErrUnreadable
	}
	if u.Version != updateVersion || !isPhone(u.Phone) || !isKey(u.Key) || u.At < 0 {
		return bot.Update{}, bot.ErrUnreadable
	}
	out := bot.Update{
		Kind: u.Kind, Sender: u.Phone, Chat: u.Phone,
		LocaleHint: languageTag(u.Hint), At: time.UnixMilli(u.At).UTC(),
	}
	switch u.Kind {
	case bot.TextSent:
		if u.Text == "" || !readable(u.Text) {
			return bot.Update{}, bot.ErrUnreadable
		}
		out.Text = u.Text
	case bot.ButtonPressed:
		if u.Data == "" || len(u.Data) > MaxData || !readable(u.Data) || u.Message < 1 {
			return bot.Update{}, bot.ErrUnreadable
		}
		out.Data, out.Message, out.Press = u.Data, bot.Ref(strconv.FormatInt(u.Message, 10)), u.Key
	case bot.LocationShared:
		if !onEarth(u.Lat, u.Lng) {
			return bot.Update{}, bot.ErrUnreadable
		}
		out.Lat, out.Lng = *u.Lat, *u.Lng
	case bot.ChatBlocked, bot.ChatUnblocked, bot.Unsupported:
	default:
		return bot.Update{}, bot.ErrUnreadable
	}
	return out, nil
}

func onEarth(lat, lng *float64) bool {
	return lat != nil && lng != nil && math.Abs(*lat) <= 90 && math.Abs(*lng) <= 180
}
