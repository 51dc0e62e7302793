package member

import (
	"context"
	"slices"
	"strings"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// stop takes effect at once and for all, and says so once. It also leaves any
// question open half way: who says stop wants no more questions. Whoever hears from
// several can then let one of them write again, and "/stop NAME" stops just one.
func (r *Room) stop(ctx context.Context, t bot.Turn, rest string) (bot.Outcome, error) {
	mine, err := r.mine(ctx, t)
	if err != nil {
		return bot.Outcome{}, err
	}
	if i := slices.IndexFunc(mine, func(o bot.Organisation) bool { return strings.EqualFold(o.Name, rest) }); i >= 0 && len(mine) > 1 {
		return r.mute(ctx, t, mine[i].ID)
	}
	p := r.Language.For(t.Locale)
	id := t.Person.Member.ID
	var out bot.Outcome
	out.Done = true
	out.Events = append(out.Events, bot.SaidStop{})
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.SetState(ctx, tx, id, bot.Stopped) })
	key := "stop.done"
	if t.Person.Member.State == bot.Stopped {
		key = "stop.already"
	}
	blocks := []message.Block{p.Paragraph(key)}
	var k message.Keyboard
	k.Add(p.Text("command.resume.button"), bot.VerbCommand, "", "resume")
	if len(mine) > 1 {
		blocks = append(blocks, p.Paragraph("stop.some"))
		for _, o := range mine[:min(len(mine), page)] {
			k.Break().Add(p.Text("stop.hear", language.Words("Organisation", o.Name)), verbHear, string(o.ID), "")
		}
	}
	choices, err := k.Choices()
	if err != nil {
		return bot.Outcome{}, err
	}
	out.Say(p.Message(append(blocks, choices)...))
	return out, nil
}

// mine are the organisations that the member agreed to hear from.
func (r *Room) mine(ctx context.Context, t bot.Turn) ([]bot.Organisation, error) {
	if len(t.Person.Organisations) == 0 {
		return nil, nil
	}
	all, err := r.Store.Organisations(ctx)
	return slices.DeleteFunc(all, func(o bot.Organisation) bool { return !t.Person.Belongs(o.ID) }), err
}

// mute stops one organisation's messages and no other's.
func (r *Room) mute(ctx context.Context, t bot.Turn, id bot.OrganisationID) (bot.Outcome, error) {
	return r.setMuted(ctx, t, id, true)
}

// hear lets one organisation write again. After a stop for all it is the only one.
func (r *Room) hear(ctx context.Context, t bot.Turn, id bot.OrganisationID) (bot.Outcome, error) {
	return r.setMuted(ctx, t, id, false)
}

func (r *Room) setMuted(ctx context.Context, t bot.Turn, id bot.OrganisationID, mute bool) (bot.Outcome, error) {
	o, err := r.find(ctx, id)
	if err != nil {
		return bot.Outcome{}, err
	}
	if !t.Person.Belongs(id) {
		return bot.Outcome{}, bot.ErrNotFound
	}
	p := r.Language.For(t.Locale)
	member := t.Person.Member.ID
	var out bot.Outcome
	out.Notice = p.Text("notice.saved")
	key, label, verb := "resume.just", p.Text("stop.mute", language.Words("Organisation", o.Name)), verbMute
	if mute {
		out.Events = append(out.Events, bot.SaidStop{Organisation: id})
		key, label, verb = "stop.just", p.Text("stop.hear", language.Words("Organisation", o.Name)), verbHear
	} else {
		r.activate(&out, t, id)
	}
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Mute(ctx, tx, member, id, mute) })
	var k message.Keyboard
	k.Add(label, verb, string(id), "")
	choices, err := k.Choices()
	out.Say(p.Message(p.Paragraph(key, language.Words("Organisation", o.Name)), choices))
	return out, err
}

// activate lets messages come again to somebody who had stopped them all. When that
// is for the sake of one organisation, the others stay silent.
func (r *Room) activate(out *bot.Outcome, t bot.Turn, organisation bot.OrganisationID) {
	if t.Person.Member.State != bot.Stopped {
		return
	}
	id := t.Person.Member.ID
	out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.SetState(ctx, tx, id, bot.Active) })
	if organisation == "" {
		return
	}
	for _, other := range t.Person.Organisations {
		if other != organisation {
			out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Mute(ctx, tx, id, other, true) })
		}
	}
}

// resume lets everybody write again to somebody who had stopped them all. Those whom
// the member stopped one by one stay silent until they say otherwise.
func (r *Room) resume(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	key := "resume.done"
	if t.Person.Member.State == bot.Active {
		key = "resume.already"
	}
	var out bot.Outcome
	r.activate(&out, t, "")
	t.Person.Member.State = bot.Active
	if missing(t.Person.Member) {
		more, err := r.goOn(ctx, t)
		out.Add(more)
		return out, err
	}
	if len(t.Person.Organisations) == 0 {
		// There is nobody yet who would write.
		organisations, err := r.Store.Organisations(ctx)
		if err != nil {
			return bot.Outcome{}, err
		}
		if len(organisations) > 0 {
			err = r.askAgree(&out, t, organisations, 0)
			return out, err
		}
	}
	if len(t.Person.Muted) == 0 {
		return out, r.sayWithMenu(&out, t, p.Paragraph(key))
	}
	mine, err := r.mine(ctx, t)
	if err != nil {
		return bot.Outcome{}, err
	}
	var k message.Keyboard
	for _, o := range mine {
		if slices.Contains(t.Person.Muted, o.ID) {
			k.Break().Add(p.Text("stop.hear", language.Words("Organisation", o.Name)), verbHear, string(o.ID), "")
		}
	}
	k.Break().Add(p.Text("command.help.button"), bot.VerbCommand, "", "help")
	choices, err := k.Choices()
	out.Say(p.Message(p.Paragraph(key), p.Paragraph("resume.silent"), choices))
	return out, err
}
