package telegram

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"ella/bot"
)

const (
	// pollTimeout is how long Telegram holds a request open that finds nothing: the
	// longest that it allows.
	pollTimeout = 50 * time.Second
	// pollSlack is how much longer an answer may take.
	pollSlack = 15 * time.Second
	pollLimit = 100
	// idle is after how long without any update the ids may begin anywhere: Telegram
	// says "at least a week" (https://core.telegram.org/bots/api#update).
	idle = 6 * 24 * time.Hour
)

// getUpdates are the parameters of the method of that name.
type getUpdates struct {
	Offset  int64    `json:"offset"`
	Limit   int      `json:"limit"`
	Timeout int      `json:"timeout"` // seconds
	Allowed []string `json:"allowed_updates"`
}

// poll asks for updates until ctx ends. The offset, which confirms all below it,
// moves only after the inbox took an update in.
func (a *Adapter) poll(ctx context.Context, inbox bot.Inbox) error {
	if err := a.persist(ctx, a.dropWebhook); err != nil {
		return err
	}
	// From 0 come all that nobody has confirmed. An offset of an earlier run would
	// be no better, and after an idle week it would hide what is new.
	var offset int64
	last := a.wall()
	trouble := a.newOutage()
	// The first answer after a silence is not waited for: it says that Ella hears again.
	timeout := time.Duration(0)
	for ctx.Err() == nil {
		if offset != 0 && a.wall().Sub(last) > idle {
			offset = 0
		}
		asked := time.Now()
		batch, err := a.ask(ctx, offset, timeout)
		if err == nil {
			var next int64
			next, err = a.takeAll(ctx, inbox, batch)
			if next != 0 {
				offset, last = next, a.wall()
			}
		}
		switch {
		case ctx.Err() != nil: // and so does the loop
		case isRefused(err):
			return ErrRefused
		case err != nil:
			timeout = 0
			trouble.wait(ctx, err)
			if isWebhooks(err) {
				// Whoever set it may be gone, and the webhook stays.
				if err := a.persist(ctx, a.dropWebhook); err != nil {
					return err
				}
			}
		default:
			trouble.over()
			a.heard(ctx)
			if len(batch) == 0 && timeout > 0 && time.Since(asked) < timeout/2 {
				sleep(ctx, shortestPause) // something in between does not let it wait
			}
			timeout = a.pollTimeout
		}
	}
	return nil
}

// ask is one call of getUpdates. What comes is left as it is, so that one update
// of an unknown shape keeps none of the others back.
func (a *Adapter) ask(ctx context.Context, offset int64, timeout time.Duration) ([]json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout+pollSlack)
	defer cancel()
	var batch []json.RawMessage
	err := a.api.call(ctx, "getUpdates", getUpdates{
		Offset: offset, Limit: pollLimit, Timeout: int(timeout / time.Second), Allowed: allowedUpdates(),
	}, &batch)
	return batch, err
}

// takeAll takes a batch in, one after the other, up to the first that is refused.
// next is the offset that confirms what was taken in and nothing else, in whatever
// order they came; 0 if no offset does. It is not compared with the one before: ids
// may begin anywhere.
func (a *Adapter) takeAll(ctx context.Context, inbox bot.Inbox, batch []json.RawMessage) (next int64, err error) {
	for i, raw := range batch {
		if err := a.take(ctx, inbox, raw); err != nil {
			if left := idsOf(batch[i:]); len(left) > 0 {
				return slices.Min(left), err
			}
			batch = batch[:i]
			if taken := idsOf(batch); len(taken) > 0 {
				return slices.Max(taken) + 1, err
			}
			return 0, err
		}
	}
	if taken := idsOf(batch); len(taken) > 0 {
		return slices.Max(taken) + 1, nil
	}
	if len(batch) > 0 {
		// They can't be confirmed and would come again at once.
		return 0, errNameless
	}
	return 0, nil
}

func idsOf(batch []json.RawMessage) (ids []int64) {
	for _, raw := range batch {
		if id, ok := idOf(raw); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// dropWebhook makes way for polling. What waits is kept.
func (a *Adapter) dropWebhook(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, shortCall)
	defer cancel()
	info, err := a.api.webhookInfo(ctx)
	if err != nil || info.URL == "" {
		return err
	}
	a.log.Info("telegram: the webhook is taken away, since Ella polls", "account", string(a.account))
	return a.api.call(ctx, "deleteWebhook", deleteWebhook{}, nil)
}
