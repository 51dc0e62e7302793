package action

import (
	"context"
	"errors"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
	"ella/bot/picture"
)

// askedBy is through which organisation somebody may answer: the one that first sent
// them an alert about it, else, where a link led them here, one that takes part and that
// they agreed to hear from. For anyone else the action does not exist, wherever they got
// the button from: bot.ErrNotFound.
func (r *Room) askedBy(ctx context.Context, t bot.Turn, a Action) (bot.OrganisationID, error) {
	by, err := r.Store.AskedBy(ctx, a.ID, t.Person.Member.ID)
	if !errors.Is(err, bot.ErrNotFound) {
		return by, err
	}
	shown, err := r.Store.Shown(ctx, a.ID, t.Person)
	if err != nil {
		return "", err
	}
	if !shown {
		return "", bot.ErrNotFound
	}
	return r.through(ctx, t, a)
}

// through is an organisation that takes part and that somebody agreed to hear from.
// bot.ErrNotFound.
func (r *Room) through(ctx context.Context, t bot.Turn, a Action) (bot.OrganisationID, error) {
	calling, err := r.calling(ctx, a)
	if err != nil {
		return "", err
	}
	for _, o := range calling {
		if t.Person.Belongs(o.ID) {
			return o.ID, nil
		}
	}
	return "", bot.ErrNotFound
}

// calling are the organisations that call people to an action: its own, and those that
// take part. None while its own is paused.
func (r *Room) calling(ctx context.Context, a Action) ([]bot.Organisation, error) {
	if a.Paused {
		return nil, nil
	}
	owner, err := r.Store.Organisation(ctx, a.Organisation)
	if err != nil {
		return nil, err
	}
	partners, err := r.Store.Partners(ctx, a)
	calling := []bot.Organisation{owner}
	for _, p := range partners {
		if p.Sharing == Accepted {
			calling = append(calling, p.Organisation)
		}
	}
	return calling, err
}

// followed answers whoever came by a link to an action. A link that was made up says
// the same as one that is too old.
func (r *Room) followed(ctx context.Context, t bot.Turn, id bot.ActionID) (bot.Outcome, error) {
	a, err := r.Store.Action(ctx, id)
	if errors.Is(err, bot.ErrNotFound) || err == nil && (a.Over || a.Paused) {
		return r.gone(t)
	}
	if err != nil {
		return bot.Outcome{}, err
	}
	_, err = r.Store.AskedBy(ctx, a.ID, t.Person.Member.ID)
	if errors.Is(err, bot.ErrNotFound) {
		_, err = r.through(ctx, t, a)
	}
	if errors.Is(err, bot.ErrNotFound) {
		return r.introduce(ctx, t, a)
	}
	if err != nil {
		return bot.Outcome{}, err
	}
	return r.present(ctx, t, a)
}

// gone says that a link leads nowhere any more, and goes on as without it.
func (r *Room) gone(t bot.Turn) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	out := bot.Outcome{Events: []bot.Event{bot.Welcomed{}}}
	return out, sayWithCommand(&out, p, "help", p.Paragraph("link.gone"))
}

// present shows somebody an action that they came for. Whoever has not answered reads
// first in what words people were asked to come: no alert may have told them.
func (r *Room) present(ctx context.Context, t bot.Turn, a Action) (bot.Outcome, error) {
	var out bot.Outcome
	_, err := r.Store.RSVP(ctx, a.ID, t.Person.Member.ID)
	if errors.Is(err, bot.ErrNotFound) {
		var words []message.Block
		words, err = r.Words(ctx, a.Alert, bot.Reader{Locale: t.Locale, Speaks: t.Person.Member.Speaks})
		switch {
		case err == nil:
			out.Say(r.Language.For(t.Locale).Message(words...))
		case errors.Is(err, bot.ErrNotFound):
			err = nil // gone with the organisation that had called it
		}
	}
	if err != nil {
		return bot.Outcome{}, err
	}
	card, err := r.show(ctx, t, a)
	out.Add(card)
	return out, err
}

// show shows somebody an action that is theirs to answer. That it was shown is what
// makes it so from now on, for whoever no alert had asked.
func (r *Room) show(ctx context.Context, t bot.Turn, a Action) (bot.Outcome, error) {
	card, err := r.stands(ctx, r.Language.For(t.Locale), a, t.Person.Member.ID)
	return bot.Outcome{Replies: []bot.Reply{{Message: card, Topic: topic(a.ID)}}}, err
}

// Card shows a member an action as it stands for them now. bot.ErrNotFound.
func (r *Room) Card(ctx context.Context, id bot.ActionID, member bot.MemberID, reader bot.Reader) (message.Message, error) {
	a, err := r.Store.Action(ctx, id)
	if err != nil {
		return message.Message{}, err
	}
	return r.stands(ctx, r.Language.For(reader.Locale), a, member)
}

// introduce says to somebody whom none of its organisations may write to whose
// invitation it is, and asks for their own yes. Nothing else of it is shown before.
func (r *Room) introduce(ctx context.Context, t bot.Turn, a Action) (bot.Outcome, error) {
	calling, err := r.calling(ctx, a)
	if err != nil {
		return bot.Outcome{}, err
	}
	p := r.Language.For(t.Locale)
	var names [][]message.Span
	var k message.Keyboard
	for _, o := range calling {
		names = append(names, []message.Span{{Kind: message.Words, Text: o.Name}})
		label := o.Name
		if len(calling) == 1 {
			label = p.Text("agree.yes")
		}
		k.AddStyled(message.Primary, label, verbHear, string(a.ID), string(o.ID)).Break()
	}
	k.Add(p.Text("agree.no"), verbHear, string(a.ID), "no")
	choices, err := k.Choices()
	asked := "link.whose"
	if len(calling) > 1 {
		asked = "link.whose-several"
	}
	var out bot.Outcome
	out.Say(p.Message(p.Paragraph(asked, language.Spans("Organisations", p.ListSpans(names))), choices))
	return out, err
}

// hear takes somebody's own yes to an organisation whose invitation they followed, and
// shows it to them.
func (r *Room) hear(ctx context.Context, t bot.Turn, a Action, arg string) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	var out bot.Outcome
	if arg == "no" {
		return out, sayWithCommand(&out, p, "groups", p.Paragraph("link.declined"))
	}
	if a.Over {
		return r.gone(t)
	}
	calling, err := r.calling(ctx, a)
	if err != nil {
		return bot.Outcome{}, err
	}
	for _, o := range calling {
		if string(o.ID) != arg {
			continue
		}
		member := t.Person.Member.ID
		out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Agree(ctx, tx, member, o.ID, t.Now) })
		out.Events = append(out.Events, bot.SaidYes{Organisation: o.ID})
		out.Say(p.Message(p.Paragraph("agree.thanks", language.Words("Organisation", o.Name))))
		out.Notice = p.Text("notice.saved")
		shown, err := r.present(ctx, t, a)
		out.Add(shown)
		return out, err
	}
	return bot.Outcome{}, bot.ErrNotFound
}

// link shows an organiser the link that leads to an action, in words or, for a poster,
// as a picture.
func (r *Room) link(ctx context.Context, t bot.Turn, a Action, asPicture bool) (bot.Outcome, error) {
	if _, err := r.view(ctx, t, a, ""); err != nil {
		return bot.Outcome{}, err
	}
	p := r.Language.For(t.Locale)
	var out bot.Outcome
	link := t.Can.Link(bot.Arrival{Action: a.ID})
	if link == "" {
		out.Say(p.Message(p.Paragraph("link.none")))
		return out, nil
	}
	about := []language.Value{a.called(p), language.URL("Link", link)}
	if asPicture {
		code, err := picture.QR(link, p.Text("link.action", about...))
		out.Say(p.Message(code))
		return out, err
	}
	blocks := []message.Block{p.Paragraph("link.action", about...), p.Paragraph("link.action-for")}
	if t.Can.Pictures {
		var k message.Keyboard
		k.Add(p.Text("link.picture"), verbPicture, string(a.ID), "")
		choices, err := k.Choices()
		if err != nil {
			return bot.Outcome{}, err
		}
		blocks = append(blocks, choices)
	}
	out.Say(p.Message(blocks...))
	return out, nil
}
