package member

import (
	"context"
	"slices"
	"strconv"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// askAgree asks whom the member wants to hear from, of several from a number in
// the list on. Nobody is written to unasked.
func (r *Room) askAgree(out *bot.Outcome, t bot.Turn, organisations []bot.Organisation, from int) error {
	p := r.Language.For(t.Locale)
	var blocks []message.Block
	var k message.Keyboard
	if len(organisations) == 1 {
		o := organisations[0]
		blocks = append(blocks, p.Paragraph("agree.ask", language.Words("Organisation", o.Name)))
		k.AddStyled(message.Primary, p.Text("agree.yes"), verbAgree, string(o.ID), "yes")
		k.Add(p.Text("agree.no"), verbAgree, string(o.ID), "no")
	} else {
		blocks = append(blocks, p.Paragraph("agree.ask-several"))
		if from < 0 || from >= len(organisations) {
			from = 0
		}
		to := min(from+page, len(organisations))
		for _, o := range organisations[from:to] {
			k.Break().Add(o.Name, verbAgree, string(o.ID), "yes")
		}
		k.Break()
		if len(organisations) > page {
			k.Add(p.Text("agree.more"), verbWhom, "", strconv.Itoa(to%len(organisations)))
		}
		k.Add(p.Text("agree.no"), verbAgree, "", "no")
	}
	choices, err := k.Choices()
	if err != nil {
		return err
	}
	out.Say(p.Message(append(blocks, choices)...))
	return nil
}

// moreOrganisations shows the next ones of the same list.
func (r *Room) moreOrganisations(ctx context.Context, t bot.Turn, arg string) (bot.Outcome, error) {
	from, err := strconv.Atoi(arg)
	if err != nil {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	organisations, err := r.Store.Organisations(ctx)
	if err != nil {
		return bot.Outcome{}, err
	}
	if len(organisations) == 0 {
		return bot.Outcome{}, bot.ErrNotFound
	}
	var out bot.Outcome
	err = r.askAgree(&out, t, organisations, from)
	inPlace(&out, t)
	return out, err
}

// find reads an organisation that a button names. bot.ErrNotFound where it is
// paused or gone.
func (r *Room) find(ctx context.Context, id bot.OrganisationID) (bot.Organisation, error) {
	organisations, err := r.Store.Organisations(ctx)
	if err != nil {
		return bot.Organisation{}, err
	}
	if i := slices.IndexFunc(organisations, func(o bot.Organisation) bool { return o.ID == id }); i >= 0 {
		return organisations[i], nil
	}
	return bot.Organisation{}, bot.ErrNotFound
}

// agree takes the answer; in the first minute it leads on to what the newcomer
// came for, or to the place where they live.
func (r *Room) agree(ctx context.Context, t bot.Turn, organisation bot.OrganisationID, answer string) (bot.Outcome, error) {
	var o bot.Organisation
	if organisation != "" || answer != "no" {
		var err error
		if o, err = r.find(ctx, organisation); err != nil {
			return bot.Outcome{}, err
		}
	}
	p := r.Language.For(t.Locale)
	id := t.Person.Member.ID
	var out bot.Outcome
	if answer == "yes" {
		out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Agree(ctx, tx, id, organisation, t.Now) })
		r.activate(&out, t, organisation)
		out.Events = append(out.Events, bot.SaidYes{Organisation: organisation})
		out.Say(p.Message(p.Paragraph("agree.thanks", language.Words("Organisation", o.Name))))
	} else {
		// A no to everybody takes back each yes said before: nobody writes to them.
		no := t.Person.Organisations
		if organisation != "" {
			no = []bot.OrganisationID{organisation}
		}
		for _, o := range no {
			out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Leave(ctx, tx, id, o) })
		}
		out.Say(p.Message(p.Paragraph("agree.declined")))
	}
	out.Notice = p.Text("notice.saved")
	a := r.arrived(t)
	out.Done = a.Asked
	if answer != "yes" {
		a.Chat = "" // whoever has just said no is not asked again
	}
	// Pressed once more it changes nothing: another room may have asked something since.
	again := answer == "yes" && t.Person.Belongs(organisation)
	if a.Asked || (t.Person.Member.Outcode == "" && t.Step == nil && !again) {
		out.Events = append(out.Events, through(a.Arrival)...)
	}
	return out, nil
}
