package role

import (
	"context"
	"errors"
	"time"

	"ella/bot"
)

// JobLapse is the job of Lapse.
const JobLapse = "role.lapse"

// LapseAfter is how long somebody can be silent, or has a role that they got or got
// back, before it lapses: a phone that nobody picks up any more may be anybody's.
const LapseAfter = 180 * 24 * time.Hour

// away is how long Ella may be away before nobody's silence counts any more: who
// could not reach her must not be taken for somebody who did not want to.
const away = 3 * 24 * time.Hour

// chunk is how many roles Lapse looks at in one go.
const chunk = 100

// Lapse ends the roles whose time is over: those of long silent members, and those
// that no second organiser confirmed. Each is a unit of its own, and its holder is
// told in it, so each is told once. It is a bot.Worker.
func (r *Room) Lapse(ctx context.Context, _ string) error {
	now := r.Clock.Now()
	last, pardoned, err := r.Store.Runs(ctx)
	if err != nil {
		return err
	}
	silent := now.Add(-LapseAfter)
	if last.IsZero() || now.Sub(last) > away || now.Before(pardoned) {
		silent = time.Time{} // nobody has been silent since then
	}
	after := bot.RoleID("")
	for {
		due, err := r.Store.Due(ctx, silent, now.Add(-AskLife), after, chunk)
		if err != nil {
			return err
		}
		for _, d := range due {
			// Somebody was faster: the next run looks again.
			if err := r.lapse(ctx, d, silent, now); err != nil && !errors.Is(err, bot.ErrConflict) && !errors.Is(err, bot.ErrNotFound) {
				return err
			}
		}
		if len(due) < chunk {
			return nil
		}
		after = due[len(due)-1].Role
	}
}

func (r *Room) lapse(ctx context.Context, d Due, silent, now time.Time) error {
	// As it was before the time was over: what nobody confirmed is still in it.
	o, err := r.Store.Roster(ctx, d.Organisation, time.Time{})
	if err != nil {
		return err
	}
	about, ok := o.Role(d.Role)
	if !ok || o.Paused {
		return bot.ErrNotFound
	}
	var out bot.Outcome
	r.hold(&out, o, "")
	switch {
	case about.State == Asked && now.Sub(about.Changed) >= AskLife:
		out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Drop(ctx, tx, about.ID) })
		err = r.tell(&out, o.Organisation, about, []Role{about}, "confirm.void-you", nil)
	case about.State == On && !about.Seen.After(silent) && !about.Changed.After(silent):
		r.change(&out, about, Lapsed, now)
		if err = r.tell(&out, o.Organisation, about, []Role{about}, "lapse.you", nil); err == nil {
			err = r.void(&out, o, about)
		}
	default:
		return bot.ErrConflict
	}
	if err != nil {
		return err
	}
	return r.Post(ctx, out.Replies, out.Changes...)
}
