package privacy

import (
	"context"
	"errors"
	"time"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// JobRetire is the kind of the job that forgets those whose time has come.
const JobRetire = "privacy.retire"

const (
	// noticeFor is how long before the end somebody silent is asked.
	noticeFor = 30 * day
	// away is how long Ella may be away before nobody's silence counts any more,
	// and pardonFor how long it does not count then: who could not reach her must
	// not be taken for somebody who did not want to.
	away      = 3 * day
	pardonFor = 30 * day
	// atOnce is how many are asked or forgotten in one unit of work, and mostAsked
	// how many are asked in one run, so that replies to others are not held up.
	atOnce    = 50
	mostAsked = 200
)

// Watch is what Retire reads and writes.
type Watch interface {
	// Runs is when Retire last ran, and until when nobody's silence counts; zero
	// where that is not known. NoteRun writes both, zero too.
	Runs(ctx context.Context) (last, pardoned time.Time, err error)
	NoteRun(ctx context.Context, tx bot.Tx, last, pardoned time.Time) error
	// Unasked lists members who can be reached, have not stopped, have not written
	// since then, and were not asked yet whether to be kept. At most limit.
	Unasked(ctx context.Context, since time.Time, limit int) ([]Quiet, error)
	// Asked notes that somebody was asked.
	Asked(ctx context.Context, tx bot.Tx, q Quiet, now time.Time) error
	// Due lists members whose time has come by a rule: Newcomers, Unreachable, or
	// Silent, of whom those who could be asked have had that long to answer. At
	// most limit.
	Due(ctx context.Context, rule Kept, since, asked time.Time, limit int) ([]Quiet, error)
	// ForgetQuiet forgets one of them. bot.ErrConflict when they wrote meanwhile.
	ForgetQuiet(ctx context.Context, tx bot.Tx, q Quiet) error
}

// Quiet is somebody who has not written for long.
type Quiet struct {
	Member       bot.MemberID
	Locale, Zone string
	Seen         time.Time
}

// Retire is the worker of JobRetire: it asks those who have been silent for long
// whether they want to be kept, and forgets those whose time has come. While Ella
// was away nobody could write, so after a gap the clocks stand still for a while.
// A computer's clock may be wrong for a while: a run that finds that it has jumped
// does nothing else. And whoever is forgotten and still here is erased.
func (r *Room) Retire(ctx context.Context, _ string) error {
	now := r.Clock.Now()
	last, pardoned, err := r.Store.Runs(ctx)
	if err != nil {
		return err
	}
	ran := now
	jumped := false
	switch gap := now.Sub(last); {
	case last.After(now):
		// It was ahead, or is behind, and the next run will tell. Until then it is not
		// known when the last one was.
		ran, jumped = time.Time{}, true
	case last.IsZero() && pardoned.IsZero():
		pardoned = now.Add(pardonFor)
	case !last.IsZero() && gap > away:
		jumped = true
		r.Log.Warn("Ella was away for days: for a month nobody is forgotten for having been silent", "took", gap)
		if !now.Before(pardoned) { // one that goes on is not made longer
			pardoned = now.Add(pardonFor)
		}
	}
	if most := now.Add(pardonFor); !jumped && pardoned.After(most) {
		pardoned = most
	}
	err = r.Store.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		if err := r.Store.NoteRun(ctx, tx, ran, pardoned); err != nil {
			return err
		}
		return r.erasing(ctx, tx, now)
	})
	if err != nil || jumped {
		return err
	}
	if err := r.askQuiet(ctx, now); err != nil || now.Before(pardoned) {
		return err
	}
	for _, rule := range []Kept{Newcomers, Unreachable, Silent} {
		if err := r.forgetDue(ctx, rule, now); err != nil {
			return err
		}
	}
	return nil
}

// midnight is when the day began: only the day of what counts here is kept, and
// nobody is to be forgotten a day too early for it.
func midnight(now time.Time) time.Time { return now.UTC().Truncate(day) }

func (r *Room) askQuiet(ctx context.Context, now time.Time) error {
	since := midnight(now).Add(noticeFor - Keep(Silent))
	for range mostAsked / atOnce {
		quiet, err := r.Store.Unasked(ctx, since, atOnce)
		if err != nil || len(quiet) == 0 {
			return err
		}
		var replies []bot.Reply
		for _, q := range quiet {
			reply, err := r.keepCard(q, now)
			if err != nil {
				return err
			}
			replies = append(replies, reply)
		}
		err = r.Post(ctx, replies, func(ctx context.Context, tx bot.Tx) error {
			for _, q := range quiet {
				if err := r.Store.Asked(ctx, tx, q, now); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// keepCard asks somebody silent whether to keep what is stored about them.
func (r *Room) keepCard(q Quiet, now time.Time) (bot.Reply, error) {
	p := r.Language.For(q.Locale)
	until := in(now.Add(noticeFor), q.Zone)
	var k message.Keyboard
	k.AddStyled(message.Primary, p.Text("retire.keep"), verbKeep, "", "")
	k.Add(p.Text("command.forgetme.button"), bot.VerbCommand, "", "forgetme")
	choices, err := k.Choices()
	return bot.Reply{To: q.Member, Message: p.Message(p.Paragraph("retire.ask", language.Time("Day", p.DateYear(until))), choices)}, err
}

func (r *Room) forgetDue(ctx context.Context, rule Kept, now time.Time) error {
	for ctx.Err() == nil {
		due, err := r.Store.Due(ctx, rule, midnight(now).Add(-Keep(rule)), midnight(now).Add(-noticeFor), atOnce)
		if err != nil || len(due) == 0 {
			return err
		}
		var replies []bot.Reply
		for _, q := range due {
			more, err := r.farewell(ctx, q.Member)
			if err != nil {
				return err
			}
			replies = append(replies, more...)
		}
		err = r.Post(ctx, replies, func(ctx context.Context, tx bot.Tx) error {
			for _, q := range due {
				if err := r.Store.ForgetQuiet(ctx, tx, q); err != nil {
					return err
				}
			}
			return r.erasing(ctx, tx, now)
		})
		if err != nil && !errors.Is(err, bot.ErrConflict) {
			return err
		}
	}
	return ctx.Err()
}
