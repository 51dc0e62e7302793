package action

import (
	"context"
	"slices"

	"ella/bot"
	"ella/bot/headcount"
	"ella/bot/language"
	"ella/bot/message"
	"ella/bot/picture"
)

// list shows an organiser their last actions, and those they take part in.
func (r *Room) list(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	var k message.Keyboard
	for _, role := range t.Person.Roles {
		if role.Kind != bot.Organiser {
			continue
		}
		called, err := r.Store.Called(ctx, role.Organisation, 6)
		if err != nil {
			return bot.Outcome{}, err
		}
		for _, a := range called {
			k.Break().Add(a.title(p), bot.VerbResults, string(a.ID), string(role.Organisation))
		}
	}
	var out bot.Outcome
	if k.Empty() {
		return out, sayWithCommand(&out, p, "alert", p.Paragraph("results.none"))
	}
	choices, err := k.Choices()
	out.Say(p.Message(p.Paragraph("results.which"), choices))
	return out, err
}

// sayWithCommand says something with the button of a command: no dead end.
func sayWithCommand(out *bot.Outcome, p language.Printer, command string, said message.Block) error {
	var k message.Keyboard
	k.Add(p.Text("command."+command+".button"), bot.VerbCommand, "", command)
	choices, err := k.Choices()
	out.Say(p.Message(said, choices))
	return err
}

// end notes that an action is over, or that it was not after all. Only those who
// called it say so.
func (r *Room) end(ctx context.Context, t bot.Turn, a Action, arg string) (bot.Outcome, error) {
	if arg != "yes" && arg != "no" {
		return bot.Outcome{}, bot.ErrUnknownStep
	}
	if !t.Person.Organises(a.Organisation) {
		return bot.Outcome{}, bot.ErrNotFound
	}
	over := arg == "yes"
	turned, err := r.turn(ctx, a, over)
	if err != nil {
		return bot.Outcome{}, err
	}
	a.Over = over
	out, err := r.results(ctx, t, a, a.Organisation)
	if err != nil {
		return bot.Outcome{}, err
	}
	out.Add(turned)
	out.Notice = r.Language.For(t.Locale).Text("notice.saved")
	return out, nil
}

// view is an action as the organisers of one organisation may see it.
type view struct {
	Action
	side     bot.OrganisationID
	owner    bot.Organisation
	partners []Partner
}

// view finds for which organisation this person looks: the one they ask for, else
// the action's own, else the first of theirs that takes part. For anybody else the
// action does not exist.
func (r *Room) view(ctx context.Context, t bot.Turn, a Action, asked bot.OrganisationID) (view, error) {
	partners, err := r.Store.Partners(ctx, a)
	if err != nil {
		return view{}, err
	}
	v := view{Action: a, partners: partners}
	sides := []bot.OrganisationID{a.Organisation}
	for _, p := range partners {
		if p.Sharing == Accepted || p.Wrote {
			sides = append(sides, p.ID)
		}
	}
	at := slices.IndexFunc(sides, func(id bot.OrganisationID) bool {
		return t.Person.Organises(id) && (asked == "" || asked == id)
	})
	if at < 0 {
		return view{}, bot.ErrNotFound
	}
	v.side = sides[at]
	v.owner, err = r.Store.Organisation(ctx, a.Organisation)
	return v, err
}

// together are the organisations that take part in an action beside the one that
// looks; none unless that one takes part too, and none that is paused.
func (v view) together() []bot.Organisation {
	var others []bot.Organisation
	takesPart := v.side == v.owner.ID
	if !takesPart && !v.Paused {
		others = append(others, v.owner)
	}
	for _, p := range v.partners {
		switch {
		case p.Sharing != Accepted:
		case p.ID == v.side:
			takesPart = true
		default:
			others = append(others, p.Organisation)
		}
	}
	if !takesPart {
		return nil
	}
	return others
}

// part are the numbers of one organisation's own people.
type part struct{ yes, plus, maybe, no, asked *headcount.Count }

// count counts the people whom one organisation asked.
func (r *Room) count(ctx context.Context, a Action, organisation bot.OrganisationID) (part, error) {
	c, err := r.Store.Counts(ctx, a, organisation)
	if err != nil {
		return part{}, err
	}
	of := func(n int, what string) *headcount.Count {
		return headcount.Of(n, "rsvp", string(a.ID), string(organisation), what)
	}
	n := part{yes: of(c.Yes, "yes"), plus: of(c.Plus, "plus"), maybe: of(c.Maybe, "maybe"), no: of(c.No, "no"), asked: of(c.Asked, "asked")}
	n.plus.With = n.yes // one person may bring twenty
	return n, r.Store.Recall(ctx, n.all()...)
}

func (n part) all() []*headcount.Count {
	return []*headcount.Count{n.yes, n.plus, n.maybe, n.no, n.asked}
}

// coming is how many come because one organisation asked them: nobody as long as
// its people are so few that they are hidden, whomever they bring.
func (n part) coming() int {
	if n.yes.Shown() < headcount.Floor {
		return 0
	}
	return n.yes.Shown() + n.plus.Shown()
}

// results shows the answers to one action: of their own people to the organisers
// of each organisation that takes part, and of the others' only how many come
// altogether.
func (r *Room) results(ctx context.Context, t bot.Turn, a Action, asked bot.OrganisationID) (bot.Outcome, error) {
	v, err := r.view(ctx, t, a, asked)
	if err != nil {
		return bot.Outcome{}, err
	}
	own, err := r.count(ctx, a, v.side)
	if err != nil {
		return bot.Outcome{}, err
	}
	shown := own.all()
	altogether := []int{own.coming()}
	for _, o := range v.together() {
		other, err := r.count(ctx, a, o.ID)
		if err != nil {
			return bot.Outcome{}, err
		}
		shown = append(shown, other.yes, other.plus)
		altogether = append(altogether, other.coming())
	}
	p := r.Language.For(t.Locale)
	card, err := v.card(p, own, headcount.Sum(altogether...))
	if err != nil {
		return bot.Outcome{}, err
	}
	reply := bot.Reply{Message: card, Topic: "results:" + string(a.ID) + ":" + string(v.side)}
	// Looking again changes the card that is there instead of adding another.
	reply.Replace = t.Update.Kind == bot.ButtonPressed
	out := bot.Outcome{Replies: []bot.Reply{reply}, Notice: p.Text("results.as-of-now")}
	if anew := headcount.Anew(shown...); len(anew) > 0 {
		out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Keep(ctx, tx, anew, t.Now) })
	}
	return out, nil
}

func (v view) card(p language.Printer, own part, altogether int) (message.Message, error) {
	blocks := []message.Block{v.heading(p)}
	bar, drawn, err := own.bar(p)
	if err != nil {
		return message.Message{}, err
	}
	if drawn {
		blocks = append(blocks, bar)
	}
	fact := func(key string, n *headcount.Count) message.Fact {
		return message.Fact{Label: p.Text(key), Value: headcount.People(p, n.Shown())}
	}
	var rows []message.Fact
	if v.side != v.owner.ID {
		rows = append(rows, message.Fact{Label: p.Text("results.called-by"), Value: []message.Span{{Kind: message.Words, Text: v.owner.Name}}})
	}
	rows = append(rows, fact("results.asked", own.asked), fact("results.yes", own.yes))
	if own.yes.Shown() >= headcount.Floor {
		// What a few people bring says how many one of them brings.
		rows = append(rows, fact("results.plus", own.plus))
	}
	blocks = append(blocks, message.Facts{Rows: append(rows, fact("results.maybe", own.maybe), fact("results.no", own.no))})
	if others := v.together(); len(others) > 0 {
		var names [][]message.Span
		for _, o := range others {
			names = append(names, []message.Span{{Kind: message.Words, Text: o.Name}})
		}
		with := language.Spans("Organisations", p.ListSpans(names))
		said := p.Paragraph("results.altogether-few", with)
		if altogether >= headcount.Floor {
			said = p.Paragraph("results.altogether", with, language.Spans("People", headcount.People(p, altogether)))
		}
		blocks = append(blocks, said)
	}
	if v.Over {
		blocks = append(blocks, p.Paragraph("results.over"))
	}
	choices, err := v.choices(p)
	return p.Message(append(blocks, choices)...), err
}

// bar draws the answers, from nothing but the numbers in the words beside it. It
// is left out while none of them is shown.
func (n part) bar(p language.Printer) (bar message.Picture, drawn bool, err error) {
	yes, maybe, no := headcount.Rough(n.yes.Shown()), headcount.Rough(n.maybe.Shown()), headcount.Rough(n.no.Shown())
	if yes+maybe+no == 0 {
		return bar, false, nil
	}
	png, err := picture.Bar([]picture.Share{
		{Parts: yes, Color: picture.Yes}, {Parts: maybe, Color: picture.Maybe}, {Parts: no, Color: picture.No},
		{Parts: headcount.Rough(n.asked.Shown()) - yes - maybe - no, Color: picture.Open},
	})
	return message.Picture{PNG: png, Width: picture.Width, Height: picture.Height, Alt: p.Text("results.picture")}, true, err
}

// choices are what can be done from a card of results.
func (v view) choices(p language.Printer) (message.Choices, error) {
	id, side := string(v.ID), string(v.side)
	var k message.Keyboard
	k.Add(p.Text("results.refresh"), bot.VerbResults, id, side)
	if v.side == v.owner.ID {
		if v.Over {
			k.Add(p.Text("results.undo"), verbOver, id, "no")
		} else {
			k.Add(p.Text("results.end"), verbOver, id, "yes")
			if v.Alert == "" {
				k.Break().Add(p.Text("share.write"), bot.VerbCallFor, id, side)
			}
			k.Break().Add(p.Text("link.button"), bot.VerbLink, id, "")
			if len(v.partners) > 0 {
				k.Break().Add(p.Text("share.invite"), verbShare, id, "")
			}
		}
		return k.Choices()
	}
	if part, ok := v.partner(v.side); ok && part.Sharing == Accepted {
		if !v.Over && !v.Paused {
			k.Break().Add(p.Text("share.write"), bot.VerbCallFor, id, side)
			k.Break().Add(p.Text("link.button"), bot.VerbLink, id, "")
		}
		k.Break().Add(p.Text("share.leave"), verbPart, id, side)
	}
	return k.Choices()
}

// partner finds another organisation than the action's own.
func (v view) partner(id bot.OrganisationID) (Partner, bool) {
	at := slices.IndexFunc(v.partners, func(p Partner) bool { return p.ID == id })
	if at < 0 {
		return Partner{}, false
	}
	return v.partners[at], true
}
