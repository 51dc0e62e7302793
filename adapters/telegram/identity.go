package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"ella/bot"
)

// identity is who Ella is on Telegram.
type identity struct {
	ID       int64  `json:"id"`
	Username string `json:"username"` // without the @
}

// BotID is the bot's id, which is the name of its account. It stands in the token, so
// that the account is known while Telegram can't be reached. False means that this is
// no token: BotFather writes the id, a colon, and a secret.
func BotID(token string) (string, bool) {
	id, secret, _ := strings.Cut(token, ":")
	if len(id) < 5 || len(id) > 16 || id[0] == '0' || strings.Trim(id, "0123456789") != "" {
		return "", false
	}
	if len(secret) < 30 || len(secret) > 64 || strings.Trim(secret, secretLetters) != "" {
		return "", false
	}
	return id, true
}

// secretLetters are what tokens are written with.
const secretLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

// ErrRefused reports that Telegram does not know the token, or no longer does.
var ErrRefused = errors.New("the token is refused by Telegram: ask @BotFather there for the current one (/mybots, API Token) and start again with it")

// shelfIdentity is where the identity is remembered.
const shelfIdentity = "identity"

// Known is the bot's username as it was at the last start, or empty. It asks nobody
// but the shelf.
func Known(ctx context.Context, shelf bot.Shelf, account bot.AccountID) (username string, err error) {
	me, err := remembered(ctx, shelf, account)
	return me.Username, err
}

// StartLink is the link that begins a conversation with a bot, with {} for the payload
// (https://core.telegram.org/bots/features#deep-linking).
func StartLink(username string) string { return "https://t.me/" + username + "?start={}" }

// identify asks Telegram who the token's bot is. While Telegram can't be reached,
// what was remembered will do; without that it goes on asking until ctx ends.
func (a *Adapter) identify(ctx context.Context) (identity, error) {
	trouble := a.newOutage()
	for ctx.Err() == nil {
		me, err := a.getMe(ctx)
		if err == nil {
			trouble.over()
			return me, a.remember(ctx, me)
		}
		if isRefused(err) {
			return me, ErrRefused
		}
		if known, err := remembered(ctx, a.shelf, a.account); err == nil && known.Username != "" && strconv.FormatInt(known.ID, 10) == a.id {
			a.log.Warn("telegram can't be reached: going on as at the last start", "account", string(a.account), "err", err)
			return known, nil
		}
		trouble.wait(ctx, err)
	}
	return identity{}, fmt.Errorf("ask who the bot is: %w", ctx.Err())
}

func (a *Adapter) getMe(ctx context.Context) (identity, error) {
	ctx, cancel := context.WithTimeout(ctx, shortCall)
	defer cancel()
	var me identity
	err := a.api.call(ctx, "getMe", nil, &me)
	if err == nil && (me.ID == 0 || me.Username == "") {
		err = errors.New("getMe: it names no bot")
	}
	return me, err
}

// remember keeps the identity for a start at which Telegram can't be reached.
func (a *Adapter) remember(ctx context.Context, me identity) error {
	if known, err := remembered(ctx, a.shelf, a.account); err == nil && known == me {
		return nil
	}
	value, err := json.Marshal(me)
	if err != nil {
		return err
	}
	if err := a.shelf.Put(ctx, a.account, map[string][]byte{shelfIdentity: value}); err != nil {
		return fmt.Errorf("remember who the bot is: %w", err)
	}
	return nil
}

// remembered is the identity of the last start; the zero one if there was none.
func remembered(ctx context.Context, shelf bot.Shelf, account bot.AccountID) (identity, error) {
	var me identity
	items, err := shelf.List(ctx, account, shelfIdentity)
	if err != nil {
		return me, fmt.Errorf("look up who the bot is: %w", err)
	}
	for _, item := range items {
		// What can't be read is not known.
		if known := (identity{}); item.Key == shelfIdentity && json.Unmarshal(item.Value, &known) == nil {
			me = known
		}
	}
	return me, nil
}

// shortCall is how long a call may take that waits for nothing.
const shortCall = 15 * time.Second
