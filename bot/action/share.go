package action

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// manyPartners is how many organisations are offered at a time.
const manyPartners = 8

// choose lists the organisations that may be asked to take part, each with how far
// it does.
func (r *Room) choose(ctx context.Context, t bot.Turn, a Action, shown string) (bot.Outcome, error) {
	from, err := strconv.Atoi(cmp.Or(shown, "0"))
	if err != nil {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	v, err := r.view(ctx, t, a, a.Organisation)
	if err != nil {
		return bot.Outcome{}, err
	}
	if from < 0 || from >= len(v.partners) {
		from = 0
	}
	to := min(from+manyPartners, len(v.partners))
	p := r.Language.For(t.Locale)
	id := string(a.ID)
	var k message.Keyboard
	for _, partner := range v.partners[from:to] {
		label := partner.Name
		if partner.Sharing != Unasked {
			label = p.Text("share.listed-"+string(partner.Sharing), language.Words("Organisation", partner.Name))
		}
		k.Break().Add(label, verbAsk, id, string(partner.ID))
	}
	k.Break()
	if len(v.partners) > manyPartners {
		k.Add(p.Text("share.more"), verbShare, id, strconv.Itoa(to%len(v.partners)))
	}
	k.Add(p.Text("share.back"), bot.VerbResults, id, string(a.Organisation))
	choices, err := k.Choices()
	var out bot.Outcome
	out.Say(p.Message(p.Paragraph("share.ask", a.called(p)), choices))
	return out, err
}

// share takes an organisation's part in an action one step on: it is asked, it
// decides, or one of both ends it. Each side presses only its own buttons, and one
// that comes too late shows how it stands.
func (r *Room) share(ctx context.Context, t bot.Turn, a Action, verb string, organisation bot.OrganisationID) (bot.Outcome, error) {
	partners, err := r.Store.Partners(ctx, a)
	if err != nil {
		return bot.Outcome{}, err
	}
	at := slices.IndexFunc(partners, func(p Partner) bool { return p.ID == organisation })
	if at < 0 {
		return bot.Outcome{}, bot.ErrNotFound
	}
	owner, err := r.Store.Organisation(ctx, a.Organisation)
	if err != nil {
		return bot.Outcome{}, err
	}
	s := sharing{Action: a, owner: owner, partner: partners[at]}
	ours, theirs := t.Person.Organises(owner.ID), t.Person.Organises(organisation)
	switch {
	case verb == verbAsk && !ours,
		verb == verbPart && !ours && !theirs,
		verb != verbAsk && !ours && s.partner.Sharing == Unasked,
		(verb == verbAccept || verb == verbDecline) && !theirs,
		verb == verbAccept && a.Paused:
		return bot.Outcome{}, bot.ErrNotFound
	}
	byOwner := verb == verbAsk || verb == verbPart && ours
	next := s.next(verb)
	if next == s.partner.Sharing || a.Over && next != Ended {
		return s.stands(r.Language.For(t.Locale), byOwner)
	}
	return r.step(ctx, t, s, next, byOwner)
}

// sharing is one organisation's part in an action of another.
type sharing struct {
	Action
	owner   bot.Organisation
	partner Partner
}

// next is the state that a button leads to; the same state where it leads nowhere.
func (s sharing) next(verb string) Sharing {
	now := s.partner.Sharing
	open := now == Asked || now == Accepted
	switch {
	case verb == verbAsk && !open:
		return Asked
	case verb == verbAccept && now == Asked:
		return Accepted
	case verb == verbDecline && now == Asked:
		return Declined
	case verb == verbPart && open:
		return Ended
	}
	return now
}

// step stores the new state and tells both sides. A card that asks for a decision
// that has been made is changed in place; what is news comes as a new message.
func (r *Room) step(ctx context.Context, t bot.Turn, s sharing, next Sharing, byOwner bool) (bot.Outcome, error) {
	before := s.partner.Sharing
	s.partner.Sharing = next
	var out bot.Outcome
	seen := false
	tell := func(organisation bot.OrganisationID, ofOwner, replace bool) error {
		organisers, err := r.Store.Organisers(ctx, organisation)
		if err != nil {
			return err
		}
		for _, m := range organisers {
			card, err := s.card(r.Language.For(m.Locale), ofOwner)
			if err != nil {
				return err
			}
			out.Replies = append(out.Replies, bot.Reply{To: m.ID, Message: card, Topic: s.topic(ofOwner), Replace: replace})
			seen = seen || m.ID == t.Person.Member.ID
		}
		return nil
	}
	// That somebody was asked is no news to those who organise with whoever asks.
	if next != Asked {
		if err := tell(s.owner.ID, true, byOwner); err != nil {
			return bot.Outcome{}, err
		}
	}
	if err := tell(s.partner.ID, false, !byOwner || before == Asked); err != nil {
		return bot.Outcome{}, err
	}
	if !seen {
		mine, err := s.stands(r.Language.For(t.Locale), byOwner)
		if err != nil {
			return bot.Outcome{}, err
		}
		out.Add(mine)
	}
	out.Notice = r.Language.For(t.Locale).Text("notice.saved")
	out.Do(func(ctx context.Context, tx bot.Tx) error {
		return r.Store.Share(ctx, tx, s.ID, s.partner.ID, before, next, t.Now)
	})
	return out, nil
}

// stands shows how it is, to whoever pressed a button that changes nothing.
func (s sharing) stands(p language.Printer, ofOwner bool) (bot.Outcome, error) {
	card, err := s.card(p, ofOwner)
	return bot.Outcome{Replies: []bot.Reply{{Message: card, Topic: s.topic(ofOwner)}}}, err
}

// topic names the card of one side.
func (s sharing) topic(ofOwner bool) string {
	side := "share:"
	if ofOwner {
		side = "shared:"
	}
	return side + string(s.ID) + ":" + string(s.partner.ID)
}

// card says to one side how it stands, with what that side can do about it.
func (s sharing) card(p language.Printer, ofOwner bool) (message.Message, error) {
	id, other := string(s.ID), string(s.partner.ID)
	owner, partner := language.Words("Owner", s.owner.Name), language.Words("Partner", s.partner.Name)
	said := "share.partner-"
	switch {
	case ofOwner:
		said = "share.owner-"
	case s.Over && s.partner.Sharing == Accepted:
		return s.turned(p)
	}
	blocks := []message.Block{p.Paragraph(said+string(cmp.Or(s.partner.Sharing, Ended)), owner, partner, s.called(p))}
	var k message.Keyboard
	switch {
	case s.Over:
		blocks = append(blocks, p.Paragraph("results.over"))
	case s.partner.Sharing == Asked && ofOwner:
		k.Add(p.Text("share.take-back"), verbPart, id, other)
	case s.partner.Sharing == Asked:
		k.AddStyled(message.Primary, p.Text("share.accept"), verbAccept, id, other).Add(p.Text("share.decline"), verbDecline, id, other)
	case s.partner.Sharing == Accepted && ofOwner:
		k.Add(p.Text("command.results.button"), bot.VerbResults, id, string(s.owner.ID)).Add(p.Text("share.end"), verbPart, id, other)
	case s.partner.Sharing == Accepted:
		k.AddStyled(message.Primary, p.Text("share.write"), bot.VerbCallFor, id, other)
		k.Break().Add(p.Text("command.results.button"), bot.VerbResults, id, other).Add(p.Text("share.leave"), verbPart, id, other)
	case ofOwner:
		k.Add(p.Text("share.invite"), verbShare, id, "")
	}
	if k.Empty() {
		k.Add(p.Text("command.help.button"), bot.VerbCommand, "", "help")
	}
	choices, err := k.Choices()
	return p.Message(append(blocks, choices)...), err
}
