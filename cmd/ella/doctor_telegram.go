package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ella/adapters/telegram"
	"ella/storage"
)

const (
	// clockLimit is how wrong this machine's clock may be: with more, invitations and
	// quiet hours end at the wrong moment.
	clockLimit = 30 * time.Second
	// heardLimit is after how long without Telegram button presses are lost.
	heardLimit = 150 * time.Second
)

// examineTelegram is what the doctor says of Ella on Telegram. It changes nothing
// there: an Ella that is running goes on as she is.
func examineTelegram(ctx context.Context, o telegram.Options, db *storage.DB, report func(ok bool, what, fix string)) error {
	if o.Token == "" {
		report(true, "Telegram: not configured (ELLA_TELEGRAM_TOKEN is not set)", "")
		return nil
	}
	found, err := telegram.Examine(ctx, o)
	switch {
	case errors.Is(err, telegram.ErrRefused):
		report(false, "Telegram: the token is refused", "ask @BotFather there for the current one (/mybots, API Token), and set ELLA_TELEGRAM_TOKEN to it")
		return nil
	case err != nil:
		report(false, "Telegram can't be reached: "+err.Error(), "check this machine's network, HTTPS_PROXY and ELLA_TELEGRAM_API_URL")
		return nil //nolint:nilerr // it is reported
	}
	report(true, "Telegram: the token works, the bot is https://t.me/"+found.Username, "")
	examineMode(o, found, report)
	if off := found.Ahead.Abs(); off > clockLimit {
		way := "ahead"
		if found.Ahead < 0 {
			way = "behind"
		}
		report(false, fmt.Sprintf("this machine's clock is %s %s", off, way), "set it, and let it keep itself right (timedatectl set-ntp true)")
	} else {
		report(true, "this machine's clock is right", "")
	}
	return examineHeard(ctx, o, db, report)
}

// examineMode says how updates come, and whether that is how it should be.
func examineMode(o telegram.Options, found telegram.Checkup, report func(ok bool, what, fix string)) {
	waiting := fmt.Sprintf("; updates waiting there: %d", found.Pending)
	switch {
	case found.Webhook == "" && o.WebhookURL == "":
		report(true, "Telegram is asked for updates (long polling)"+waiting, "")
	case found.Webhook == o.WebhookURL:
		report(true, "Telegram brings updates to ELLA_TELEGRAM_WEBHOOK_URL"+waiting, "")
	case found.Webhook == "":
		report(false, "Telegram does not know ELLA_TELEGRAM_WEBHOOK_URL yet"+waiting, "start Ella with it: ella serve")
	case o.WebhookURL == "":
		report(false, "Telegram brings updates to a webhook that this configuration does not name"+waiting, "if another Ella serves this bot, end one of them; else start this one, which takes the webhook away: ella serve")
	default:
		report(false, "Telegram brings updates to another address than ELLA_TELEGRAM_WEBHOOK_URL"+waiting, "if another Ella serves this bot, end one of them; else start this one: ella serve")
	}
	// What failed an hour ago and works again needs nobody.
	if ago := time.Since(found.FailedAt); !found.FailedAt.IsZero() && (found.Pending > 0 || ago < 10*time.Minute) {
		report(false, fmt.Sprintf("%s ago Telegram could not bring an update: %s", ago.Round(time.Second), found.Failure),
			"look whether ELLA_TELEGRAM_WEBHOOK_URL leads through your proxy to ELLA_LISTEN, with a certificate that is valid")
	}
}

// examineHeard says when Ella last heard Telegram.
func examineHeard(ctx context.Context, o telegram.Options, db *storage.DB, report func(ok bool, what, fix string)) error {
	accounts, err := db.Accounts(ctx, platformTelegram)
	if err != nil {
		return err
	}
	name, _ := telegram.BotID(o.Token)
	for _, account := range accounts {
		if account.Name != name {
			continue
		}
		at, err := telegram.LastHeard(ctx, db.Shelf(), account.ID)
		if err != nil {
			return err
		}
		if at.IsZero() {
			break
		}
		ago := time.Since(at).Round(time.Second)
		report(ago <= heardLimit, fmt.Sprintf("Ella last heard Telegram %s ago", ago), "start Ella if she should be running: ella serve. After 150 seconds Telegram forgets button presses, after a day messages")
		return nil
	}
	report(false, "Ella never heard Telegram with this bot yet", "start her: ella serve")
	return nil
}
