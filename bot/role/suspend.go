package role

import (
	"context"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// suspend switches a role off with one press: a phone in the wrong hands can write
// to everybody.
func (r *Room) suspend(t bot.Turn, m matter) (bot.Outcome, error) {
	switch {
	case m.own():
		return r.askResign(t, m.Roster, m.role)
	case m.role.State != On:
		return r.card(t, m)
	}
	var out bot.Outcome
	r.hold(&out, m.Roster, m.by.ID)
	r.change(&out, m.role, Suspended, t.Now)
	if err := r.say(&out, t, m, "suspend.done"); err != nil {
		return bot.Outcome{}, err
	}
	out.Notice = r.Language.For(t.Locale).Text("notice.saved")
	if err := r.tell(&out, m.Organisation, m.role, []Role{m.role}, "suspend.you", nil); err != nil {
		return bot.Outcome{}, err
	}
	if err := r.tell(&out, m.Organisation, m.role, m.organisers(m.by.Holder, m.role.Holder), "suspend.others", nil, number(m.by)); err != nil {
		return bot.Outcome{}, err
	}
	return out, r.void(&out, m.Roster, m.role)
}

// void tells those who waited for a second organiser that the first one's word
// counts no more.
func (r *Room) void(out *bot.Outcome, o Roster, gone Role) error {
	for _, asked := range o.begun(gone.ID) {
		if err := r.tell(out, o.Organisation, asked, []Role{asked}, "confirm.void-you", nil); err != nil {
			return err
		}
	}
	return nil
}

// resign gives up a role of one's own, of any kind. It asks once.
func (r *Room) resign(ctx context.Context, t bot.Turn, id bot.RoleID, sure bool) (bot.Outcome, error) {
	where, err := r.Store.Where(ctx, id)
	if err != nil {
		return bot.Outcome{}, err
	}
	o, err := r.Store.Roster(ctx, where, t.Now)
	if err != nil {
		return bot.Outcome{}, err
	}
	mine, ok := o.Role(id)
	if !ok || mine.Holder != t.Person.Member.ID || mine.State != On {
		return bot.Outcome{}, bot.ErrNotFound
	}
	if !sure {
		return r.askResign(t, o, mine)
	}
	p := r.Language.For(t.Locale)
	var out bot.Outcome
	r.hold(&out, o, mine.ID)
	r.change(&out, mine, Suspended, t.Now)
	if err := sayWithHelp(&out, p, heading(p, mine), of(p, o.Organisation), p.Paragraph("resign.done")); err != nil {
		return bot.Outcome{}, err
	}
	if err := r.tell(&out, o.Organisation, mine, o.organisers(mine.Holder), "resign.others", nil); err != nil {
		return bot.Outcome{}, err
	}
	return out, r.void(&out, o, mine)
}

func (r *Room) askResign(t bot.Turn, o Roster, mine Role) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	blocks := []message.Block{heading(p, mine), of(p, o.Organisation), p.Paragraph("resign.ask")}
	if mine.Kind == bot.Organiser && len(o.organisers(mine.Holder)) == 0 {
		blocks = append(blocks, p.Paragraph("resign.last", language.Command("Command", "ella invite organiser")))
	}
	var k message.Keyboard
	k.AddStyled(message.Danger, p.Text("resign.yes"), verbResign, string(mine.ID), "yes")
	k.Add(p.Text("resign.no"), bot.VerbCommand, "", "help")
	choices, err := k.Choices()
	var out bot.Outcome
	out.Say(p.Message(append(blocks, choices)...))
	return out, err
}
