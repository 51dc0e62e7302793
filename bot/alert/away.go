package alert

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// JobAway is the kind of the job that tells people after an outage that what they
// pressed meanwhile was not heard; its id is the Outage's.
const JobAway = "alert.away"

// Outage is a time in which an account heard nobody, so long that presses were lost.
type Outage struct {
	Account  bot.AccountID
	From, To time.Time
}

// ID is the outage as the id of a job.
func (o Outage) ID() string {
	return fmt.Sprintf("%s:%d:%d", o.Account, o.From.UnixMilli(), o.To.UnixMilli())
}

// errOutage reports the id of a job that names none.
var errOutage = errors.New("alert: this is no outage")

func readOutage(id string) (Outage, error) {
	parts := strings.Split(id, ":")
	if len(parts) != 3 {
		return Outage{}, errOutage
	}
	from, fromErr := strconv.ParseInt(parts[1], 10, 64)
	to, toErr := strconv.ParseInt(parts[2], 10, 64)
	if fromErr != nil || toErr != nil || to < from {
		return Outage{}, errOutage
	}
	return Outage{Account: bot.AccountID(parts[0]), From: time.UnixMilli(from), To: time.UnixMilli(to)}, nil
}

// Doubt is an invitation that its reader may have answered while nobody listened: a
// copy of an Alert or, below it, a Card of the action's own.
type Doubt struct {
	Alert  bot.AlertID
	Card   string
	Action bot.ActionID
	Member bot.MemberID
	Reader bot.Reader
	// Zone is the IANA time zone that times are shown to them in.
	Zone string
	// Discreet: they want a first line that gives nothing away.
	Discreet bool
	Account  bot.AccountID
	Chat     string
	Ref      bot.Ref
}

// doubtedFor is for how long after it was sent an invitation may still be waiting for
// an answer. Nobody looks for an older one in their chat.
const doubtedFor = 14 * 24 * time.Hour

// doubtsAtOnce is how many cards are read, and noted, at a time.
const doubtsAtOnce = 50

// Away is the worker of JobAway: it says on every open invitation of an account that
// has had no answer since an outage began when nobody was heard, and asks to answer
// once more. It changes the cards in place, without a sound. A try that was cut off is
// gone on with: at most as many cards as are read at a time say the same twice.
func (r *Room) Away(ctx context.Context, id string) error {
	o, err := readOutage(id)
	if err != nil {
		return err
	}
	since := o.From.Add(-doubtedFor)
	for _, find := range []func(context.Context, Outage, time.Time, int) ([]Doubt, error){r.Store.DoubtfulCards, r.Store.DoubtfulCopies} {
		for {
			doubts, err := find(ctx, o, since, doubtsAtOnce)
			if err != nil {
				return err
			}
			if len(doubts) == 0 {
				break
			}
			if err := r.ownUp(ctx, o, doubts); err != nil {
				return err
			}
		}
	}
	return nil
}

// ownUp says on some of the cards that nobody was heard. That it is about to is noted
// before: whoever answers meanwhile has the line taken off again.
func (r *Room) ownUp(ctx context.Context, o Outage, doubts []Doubt) error {
	if err := r.mark(ctx, o, doubts, false); err != nil {
		return err
	}
	for i := range doubts {
		if err := r.sayAway(ctx, o, &doubts[i]); err != nil {
			return errors.Join(err, r.mark(context.WithoutCancel(ctx), o, doubts[:i], true))
		}
	}
	return r.mark(ctx, o, doubts, true)
}

func (r *Room) mark(ctx context.Context, o Outage, doubts []Doubt, said bool) error {
	return r.Store.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		for _, d := range doubts {
			if err := r.Store.MarkAway(ctx, tx, d, o.To, said); err != nil {
				return err
			}
		}
		return nil
	})
}

// sayAway changes one card, and its name where the platform had to write it anew:
// whoever has taken it out of their chat gets another. An error means that it is worth
// trying again later.
func (r *Room) sayAway(ctx context.Context, o Outage, d *Doubt) error {
	settled, err := r.Store.Settled(ctx, *d, o.From)
	if err != nil || settled {
		return err
	}
	card, err := r.doubtful(ctx, o, *d)
	if errors.Is(err, bot.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	ref, err := r.Direct(ctx, d.Account, bot.Outgoing{Chat: d.Chat, Edit: d.Ref, Message: card, Silent: true, Bulk: true})
	switch bot.SendKindOf(err) {
	case bot.NotSent, bot.NotYet, bot.Throttled, bot.NoAccess:
		return fmt.Errorf("say that nobody was heard: %w", err)
	}
	if ref != "" {
		d.Ref = ref
	}
	return nil // said, or never to be said in that chat
}

// doubtful is a card with the line at its top.
func (r *Room) doubtful(ctx context.Context, o Outage, d Doubt) (message.Message, error) {
	var card message.Message
	var err error
	if d.Card != "" {
		card, err = r.Stands(ctx, d.Action, d.Member, d.Reader)
	} else {
		card, _, err = r.Compose(ctx, d.Alert, d.Reader, false)
	}
	if err != nil {
		return message.Message{}, err
	}
	p := r.Language.For(d.Reader.Locale)
	from, to := o.in(p, d.Zone)
	line := p.Paragraph("alert.away", language.Spans("From", from), language.Spans("To", to))
	card.Blocks = append([]message.Block{line}, card.Blocks...)
	if d.Discreet {
		card.Blocks = discreetly(p, card)
	}
	return card, nil
}

// discreetly are the blocks of a message below the line that gives nothing away: the
// one that stands there had it too.
func discreetly(p language.Printer, m message.Message) []message.Block {
	return append([]message.Block{p.Paragraph("discreet.line")}, m.Blocks...)
}

// in writes when an outage began and ended, with the days where it was not over on
// the day on which it began.
func (o Outage) in(p language.Printer, zone string) (from, to []message.Span) {
	place, err := time.LoadLocation(zone)
	if err != nil {
		place = time.UTC
	}
	begun, ended := o.From.In(place), o.To.In(place)
	if begun.YearDay() != ended.YearDay() || begun.Year() != ended.Year() {
		from, to = day(p, begun), day(p, ended)
	}
	return append(from, message.Span{Kind: message.Time, Text: p.Time(begun)}), append(to, message.Span{Kind: message.Time, Text: p.Time(ended)})
}

func day(p language.Printer, t time.Time) []message.Span {
	return []message.Span{{Kind: message.Time, Text: p.Date(t)}, {Kind: message.Text, Text: " "}}
}

// heard takes the line off the invitation that somebody has just answered.
func (r *Room) heard(ctx context.Context, t bot.Turn, id bot.ActionID) (bot.Outcome, error) {
	member := t.Person.Member
	lines, err := r.Store.Away(ctx, id, member.ID)
	if err != nil {
		return bot.Outcome{}, err
	}
	var out bot.Outcome
	for _, d := range lines {
		card, _, err := r.Compose(ctx, d.Alert, bot.Reader{Locale: t.Locale, Speaks: member.Speaks}, false)
		if err != nil {
			return bot.Outcome{}, err
		}
		if member.Discreet {
			card.Blocks = discreetly(r.Language.For(t.Locale), card)
		}
		out.Do(func(ctx context.Context, tx bot.Tx) error {
			return r.Store.MarkAway(ctx, tx, d, time.Time{}, false)
		})
		out.Replies = append(out.Replies, bot.Reply{Message: card, Edit: d.Ref})
	}
	return out, nil
}
