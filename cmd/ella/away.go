package main

import (
	"context"
	"time"

	"ella/bot"
	"ella/bot/alert"
)

// away takes note that an account heard nobody for so long that presses were lost: the
// people whose invitations were open are told. An adapter calls it while it receives;
// the same outage told twice is one. It blocks until that is committed.
func (a *app) away(ctx context.Context, account bot.AccountID, from, to time.Time) {
	o := alert.Outage{Account: account, From: from, To: to}
	err := a.db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		return a.jobs.Add(ctx, tx, bot.Job{Kind: alert.JobAway, ID: o.ID()})
	})
	if err != nil {
		a.log.Error("an outage was not noted: nobody is asked to answer once more", "account", string(account), "err", err)
	}
}
