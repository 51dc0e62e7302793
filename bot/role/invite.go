package role

import (
	"context"
	"errors"
	"strconv"

	"ella/bot"
	"ella/bot/code"
	"ella/bot/language"
	"ella/bot/message"
	"ella/bot/picture"
)

// maxInvitations is how many of one organiser's invitations can be open at a time:
// more than anyone needs in a quarter of an hour, and little for a stolen phone.
const maxInvitations = 10

// invite makes an invitation, or asks for the leader's group first.
func (r *Room) invite(ctx context.Context, t bot.Turn, id bot.OrganisationID, kind bot.RoleKind) (bot.Outcome, error) {
	switch kind {
	case bot.Leader:
		return r.chooseGroup(ctx, t, id, "")
	case bot.Organiser, bot.Guardian:
		return r.give(ctx, t, Group{Organisation: id}, kind)
	}
	return bot.Outcome{}, bot.ErrUnknownStep
}

// chooseGroup asks which group a leader is to answer for.
func (r *Room) chooseGroup(ctx context.Context, t bot.Turn, id bot.OrganisationID, arg string) (bot.Outcome, error) {
	from, err := strconv.Atoi(arg)
	if err != nil && arg != "" {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	o, _, err := r.acting(ctx, t, id)
	if err != nil {
		return bot.Outcome{}, err
	}
	groups, err := r.Store.Groups(ctx, id)
	if err != nil {
		return bot.Outcome{}, err
	}
	p := r.Language.For(t.Locale)
	key := "invite.choose"
	if len(groups) == 0 {
		key = "invite.no-group"
	}
	shown, next := stretch(groups, from)
	var k message.Keyboard
	for _, g := range shown {
		k.Break().Add(g.Name, verbLead, string(g.ID), "")
	}
	k.Break()
	if len(groups) > len(shown) {
		k.Add(p.Text("people.more"), verbGroups, string(id), strconv.Itoa(next))
	}
	k.Add(p.Text("people.back"), verbList, string(id), "")
	choices, err := k.Choices()
	var out bot.Outcome
	out.Replies = append(out.Replies, bot.Reply{Message: p.Message(of(p, o.Organisation), p.Paragraph(key), choices), Edit: t.Update.Message})
	return out, err
}

// stretch is a page of a list from a number on, and where the next one begins:
// after the last comes the first again.
func stretch[T any](all []T, from int) ([]T, int) {
	if from < 0 || from >= len(all) {
		from = 0
	}
	to := min(from+page, len(all))
	if to == len(all) {
		return all[from:to], 0
	}
	return all[from:to], to
}

func (r *Room) inviteLeader(ctx context.Context, t bot.Turn, id bot.GroupID) (bot.Outcome, error) {
	g, err := r.Store.Group(ctx, id)
	if err != nil {
		return bot.Outcome{}, err
	}
	return r.give(ctx, t, g, bot.Leader)
}

// give shows a new code, once, to the organiser who asked for it.
func (r *Room) give(ctx context.Context, t bot.Turn, g Group, kind bot.RoleKind) (bot.Outcome, error) {
	o, by, err := r.acting(ctx, t, g.Organisation)
	if err != nil {
		return bot.Outcome{}, err
	}
	open, err := r.Store.Invitations(ctx, by.ID, t.Now)
	if err != nil {
		return bot.Outcome{}, err
	}
	p := r.Language.For(t.Locale)
	switch {
	case open >= maxInvitations:
		return r.instead(p, o, "invite.too-many", language.Count("Number", maxInvitations))
	case kind == bot.Organiser && len(o.organisers(by.Holder)) == 0:
		return r.instead(p, o, "invite.no-second", language.Command("Command", "ella invite organiser"))
	}
	made, err := code.New(r.Random)
	if err != nil {
		return bot.Outcome{}, err
	}
	to := bot.Role{Kind: kind, Organisation: o.Organisation.ID, Group: g.ID}
	var out bot.Outcome
	r.hold(&out, o, by.ID)
	out.Do(func(ctx context.Context, tx bot.Tx) error {
		return r.Store.AddInvite(ctx, tx, made, to, by.ID, t.Now, t.Now.Add(code.Life))
	})
	blocks := []message.Block{
		of(p, o.Organisation),
		p.Paragraph("invite."+string(kind), language.Words("Group", g.Name)),
		message.Paragraph{Spans: []message.Span{{Kind: message.Command, Text: "/join " + code.Show(made)}}},
		p.Paragraph("invite.how"),
	}
	if kind == bot.Organiser {
		blocks = append(blocks, p.Paragraph("invite.second"))
	}
	if link := t.Can.Link(bot.Arrival{Code: made}); link != "" {
		blocks = append(blocks, p.Paragraph("invite.link", language.URL("Link", link)))
		if t.Can.Pictures {
			// The code is in the words above already: the button gives nothing else away.
			var k message.Keyboard
			k.Add(p.Text("link.picture"), verbPicture, "", made)
			choices, err := k.Choices()
			if err != nil {
				return bot.Outcome{}, err
			}
			blocks = append(blocks, choices)
		}
	}
	out.Say(p.Message(blocks...))
	return out, nil
}

// draw shows a code that is still open as a picture, to whoever gave it: the newcomer
// holds their own phone over it.
func (r *Room) draw(ctx context.Context, t bot.Turn, arg string) (bot.Outcome, error) {
	given, ok := code.Parse(arg)
	if !ok {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	i, err := r.Store.Invitation(ctx, given, t.Now)
	if errors.Is(err, bot.ErrNotFound) || err == nil && !i.of(t.Person.Member.ID) {
		return r.noSuchCode(t)
	}
	if err != nil {
		return bot.Outcome{}, err
	}
	link := t.Can.Link(bot.Arrival{Code: given})
	if link == "" {
		return bot.Outcome{}, bot.ErrNotFound
	}
	p := r.Language.For(t.Locale)
	drawn, err := picture.QR(link, p.Text("invite.picture", language.Words("Organisation", i.Organisation.Name), language.URL("Link", link)))
	var out bot.Outcome
	out.Say(p.Message(drawn))
	return out, err
}

// instead says why there is no invitation.
func (*Room) instead(p language.Printer, o Roster, key string, values ...language.Value) (bot.Outcome, error) {
	var k message.Keyboard
	k.Add(p.Text("people.back"), verbList, string(o.Organisation.ID), "")
	choices, err := k.Choices()
	var out bot.Outcome
	out.Say(p.Message(of(p, o.Organisation), p.Paragraph(key, values...), choices))
	return out, err
}
