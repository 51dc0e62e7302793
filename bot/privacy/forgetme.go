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

// JobErase is the kind of the job that erases the forgotten. It has no id, so that
// no job names anybody.
const JobErase = "privacy.erase"

// eraseAfter is how long after the answer the erasing begins: the goodbye is on
// its way until then.
const eraseAfter = 2 * time.Second

// ask asks once whether somebody wants to be forgotten, and says what goes, what
// can't be taken back, and what that would mean to others.
func (r *Room) ask(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	if blank(t.Person) {
		return r.nothing(t)
	}
	s, err := r.Store.Summary(ctx, t.Person)
	if errors.Is(err, bot.ErrNotFound) {
		return r.nothing(t)
	}
	if err != nil {
		return bot.Outcome{}, err
	}
	p := r.Language.For(t.Locale)
	items := [][]message.Span{p.Spans("forgetme.goes")}
	if t.Person.Has(bot.Organiser) {
		items = append(items, p.Spans("forgetme.sent-stays"))
	}
	items = append(items, p.Spans("forgetme.chat-stays"), p.Spans("forgetme.backups", language.Spans("Time", span(p, Keep(Backups)))))
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
	if blank(t.Person) {
		return r.nothing(t)
	}
	if now := today(t.Now); on > now || on < now-1 {
		return r.ask(ctx, t)
	}
	p := r.Language.For(t.Locale)
	var out bot.Outcome
	r.leave(&out, t)
	out.Notice = p.Text("forgetme.notice")
	// In place of the question: its buttons go with it.
	out.Replies = append(out.Replies, bot.Reply{
		Message: p.Message(p.Paragraph("forgetme.done"), p.Paragraph("forgetme.goodbye", language.Spans("Time", span(p, Keep(Backups))))),
		Edit:    t.Update.Message,
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

// stay answers who is asked whether to be kept, and wants to be.
func (r *Room) stay(t bot.Turn, key string) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	var out bot.Outcome
	out.Notice = p.Text("notice.saved")
	out.Replies = append(out.Replies, bot.Reply{Message: p.Message(p.Paragraph(key)), Edit: t.Update.Message})
	return out, nil
}

// Erase is the worker of JobErase. It comes back while somebody is left, and ends
// with the files scrubbed: when a reader is in the way of that, the job is tried
// again.
func (r *Room) Erase(ctx context.Context, _ string) error {
	left, err := r.Store.Erase(ctx)
	if err != nil {
		return err
	}
	if left > 0 {
		err := r.Store.Write(ctx, func(ctx context.Context, tx bot.Tx) error { return r.erasing(ctx, tx, r.Clock.Now()) })
		if err != nil {
			return err
		}
	}
	return r.Store.Scrub(ctx)
}
