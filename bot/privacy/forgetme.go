package privacy

import (
	"context"
	"errors"
	"strconv"
	"time"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// JobErase is the kind of the job that erases the forgotten, and JobScrub of the one
// that then cleans the files. They have no id, so that no job names anybody.
const (
	JobErase = "privacy.erase"
	JobScrub = "privacy.scrub"
)

const (
	// eraseAfter is how long after the answer the erasing begins: the goodbye is on
	// its way until then.
	eraseAfter = 2 * time.Second
	// comeBack is when either job is tried again that could not do all of it. Scrubbing
	// reads the whole file, so it is not done more often; and the longest goodbye,
	// this, and a try make less than a minute.
	comeBack = 10 * time.Second
)

// ask asks once whether somebody wants to be forgotten, and says what goes, what
// can't be taken back, and what that would mean to others.
func (r *Room) ask(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	s, blank, err := r.known(ctx, t.Person)
	if err != nil {
		return bot.Outcome{}, err
	}
	if blank {
		return r.nothing(t)
	}
	p := r.Language.For(t.Locale)
	items := [][]message.Span{p.Spans("forgetme.goes")}
	if t.Person.Has(bot.Organiser) {
		items = append(items, p.Spans("forgetme.sent-stays"))
	}
	chat := "forgetme.chat-stays"
	if t.Can.TakesBack > 0 {
		chat = "forgetme.chat-goes"
	}
	items = append(items, p.Spans(chat), p.Spans("forgetme.backups", language.Spans("Time", span(p, Keep(Backups)))))
	for _, name := range s.LastOf {
		items = append(items, p.Spans("forgetme.last-organiser", language.Words("Organisation", name)))
	}
	var k message.Keyboard
	k.AddStyled(message.Danger, p.Text("forgetme.yes"), verbForget, "", strconv.FormatInt(today(t.Now), 10))
	k.Add(p.Text("forgetme.no"), verbStay, "", "")
	choices, err := k.Choices()
	var out bot.Outcome
	out.Say(p.Message(p.Heading("forgetme.ask"), message.List{Items: items}, choices))
	return out, err
}

func today(now time.Time) int64 { return now.Unix() / int64(day/time.Second) }

// forget takes the yes. One of a question that was asked on an earlier day may be
// a finger that slipped while reading what is old: it asks again.
func (r *Room) forget(ctx context.Context, t bot.Turn, asked string) (bot.Outcome, error) {
	on, err := strconv.ParseInt(asked, 10, 64)
	if err != nil {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	_, blank, err := r.known(ctx, t.Person)
	if err != nil {
		return bot.Outcome{}, err
	}
	if blank {
		return r.nothing(t)
	}
	if now := today(t.Now); on > now || on < now-1 {
		return r.ask(ctx, t)
	}
	p := r.Language.For(t.Locale)
	var out bot.Outcome
	r.leave(&out, t)
	if out.Replies, err = r.farewell(ctx, t.Person.Member.ID); err != nil {
		return bot.Outcome{}, err
	}
	out.Notice = p.Text("forgetme.notice")
	backups := language.Spans("Time", span(p, Keep(Backups)))
	if t.Can.TakesBack > 0 {
		// The question goes with all the rest; this stays, and says how to clear the chat.
		out.Say(p.Message(p.Paragraph("forgetme.done"), p.Paragraph("forgetme.empty-chat"), p.Paragraph("forgetme.goodbye-empty", backups)))
		return out, nil
	}
	// In place of the question: its buttons go with it.
	out.Replies = append(out.Replies, bot.Reply{
		Message: p.Message(p.Paragraph("forgetme.done"), p.Paragraph("forgetme.goodbye", backups)), Edit: t.Update.Message,
	})
	return out, nil
}

// nothing answers somebody of whom nothing is stored: who was forgotten before, or
// has only just written. Their having written goes too.
func (r *Room) nothing(t bot.Turn) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	var out bot.Outcome
	r.leave(&out, t)
	if t.Update.Kind == bot.ButtonPressed {
		out.Notice = p.Text("forgetme.notice-nothing")
	}
	out.Say(p.Message(p.Paragraph("forgetme.nothing")))
	return out, nil
}

// leave forgets the member of this turn, and has what is left of them erased. The
// conversation goes with the member, so the outcome must leave it alone.
func (r *Room) leave(out *bot.Outcome, t bot.Turn) {
	address := t.Person.Address
	out.Do(func(ctx context.Context, tx bot.Tx) error {
		if err := r.Store.Forget(ctx, tx, t.Person.Member.ID, address.Account, t.Update.Sender); err != nil {
			return err
		}
		return r.erasing(ctx, tx, t.Now)
	})
}

func (r *Room) erasing(ctx context.Context, tx bot.Tx, now time.Time) error {
	return r.Jobs.Add(ctx, tx, bot.Job{Kind: JobErase, At: now.Add(eraseAfter)})
}

// stay answers who is asked whether to be kept, and wants to be. Whoever says so too
// late is somebody new, of whom nothing can be kept.
func (r *Room) stay(ctx context.Context, t bot.Turn, key string) (bot.Outcome, error) {
	var out bot.Outcome
	_, blank, err := r.known(ctx, t.Person)
	if err != nil {
		return out, err
	}
	if blank {
		return out, bot.ErrUnknownStep
	}
	p := r.Language.For(t.Locale)
	out.Notice = p.Text("notice.saved")
	out.Replies = append(out.Replies, bot.Reply{Message: p.Message(p.Paragraph(key)), Edit: t.Update.Message})
	return out, nil
}

// Erase is the worker of JobErase. It comes back while somebody is left, and has the
// files scrubbed when somebody is gone. When it fails for somebody it comes back soon
// as well: a job that waits longer after each failure would keep others here.
func (r *Room) Erase(ctx context.Context, _ string) error {
	erased, left, err := r.Store.Erase(ctx, r.Clock.Now().Add(-Keep(Standings)), r.takeBack)
	if erased+left == 0 {
		return err
	}
	now := r.Clock.Now()
	return errors.Join(err, r.Store.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		scrub := now
		if left > 0 {
			again := eraseAfter
			if err != nil {
				again = comeBack
			}
			scrub = now.Add(comeBack) // together with those who are erased by then
			if err := r.Jobs.Add(ctx, tx, bot.Job{Kind: JobErase, At: now.Add(again)}); err != nil {
				return err
			}
		}
		if erased == 0 {
			return nil
		}
		return r.Jobs.Add(ctx, tx, bot.Job{Kind: JobScrub, At: scrub})
	}))
}

// Scrub is the worker of JobScrub. It comes back while a reader is in the way.
func (r *Room) Scrub(ctx context.Context, _ string) error {
	done, err := r.Store.Scrub(ctx)
	if err != nil || done {
		return err
	}
	return r.Store.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		return r.Jobs.Add(ctx, tx, bot.Job{Kind: JobScrub, At: r.Clock.Now().Add(comeBack)})
	})
}
