package telegram

import (
	"context"
	"time"
)

// Checkup is what Telegram says of a bot and of how it receives.
type Checkup struct {
	Username string
	// Webhook is where Telegram brings updates; empty means that it is asked for them.
	Webhook string
	// Pending is how many updates wait there.
	Pending int
	// FailedAt is when the webhook last could not take one, and Failure what Telegram
	// says of that; zero if it always could.
	FailedAt time.Time
	Failure  string
	// Ahead is by how much this machine's clock is ahead of Telegram's, to the second.
	Ahead time.Duration
}

// Examine asks Telegram, for `ella doctor`. A token that it does not know is
// ErrRefused. It uses the token, API base and transport of the options, changes nothing
// and takes no update.
func Examine(ctx context.Context, o Options) (Checkup, error) {
	if _, ok := BotID(o.Token); !ok {
		return Checkup{}, ErrRefused
	}
	ctx, cancel := context.WithTimeout(ctx, shortCall)
	defer cancel()
	api := o.api()
	var c Checkup
	var me identity
	before := time.Now()
	at, err := api.dated(ctx, "getMe", nil, &me)
	after := time.Now()
	if isRefused(err) {
		return c, ErrRefused
	}
	if err != nil {
		return c, err
	}
	c.Username = me.Username
	c.Ahead = ahead(before, after, at)
	info, err := api.webhookInfo(ctx)
	if err != nil {
		return c, err
	}
	c.Webhook, c.Pending, c.FailedAt, c.Failure = info.URL, info.Pending, info.FailedAt.time(), info.Failure
	return c, nil
}

// ahead is how far a clock that showed before and after around an answer is ahead of
// the one that dated it, by whole seconds. No date is no difference.
func ahead(before, after, date time.Time) time.Duration {
	switch {
	case date.IsZero():
		return 0
	case before.After(date.Add(time.Second)): // the date is cut off to the second
		return before.Sub(date).Truncate(time.Second)
	case after.Before(date):
		return -date.Sub(after).Truncate(time.Second)
	}
	return 0
}

// webhookInfo is what Ella reads of getWebhookInfo's answer
// (https://core.telegram.org/bots/api#webhookinfo).
type webhookInfo struct {
	URL      string  `json:"url"`
	Pending  int     `json:"pending_update_count"`
	FailedAt instant `json:"last_error_date"`
	Failure  string  `json:"last_error_message"`
}

func (c api) webhookInfo(ctx context.Context) (webhookInfo, error) {
	var info webhookInfo
	err := c.call(ctx, "getWebhookInfo", nil, &info)
	return info, err
}
