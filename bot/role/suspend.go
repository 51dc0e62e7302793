package role

import (
	"context"
	"slices"
	"time"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// givenLately is how long a role is switched off with the organiser whose code it
// was given with.
const givenLately = 24 * time.Hour

// suspend switches a role off with one press: a phone in the wrong hands can write
// to everybody. With an organiser's goes what else the phone can do, and whatever it
// was about to send.
func (r *Room) suspend(t bot.Turn, m matter) (bot.Outcome, error) {
	switch {
	case m.own():
		return r.askResign(t, m.Roster, m.role)
	case m.role.State != On:
		return r.card(t, m)
	}
	theirs, given := m.with(m.role, t.Now)
	var out bot.Outcome
	r.hold(&out, m.Roster, m.by.ID)
	for _, one := range slices.Concat([]Role{m.role}, theirs, given) {
		r.change(&out, one, Suspended, t.Now)
	}
	if m.role.Kind == bot.Organiser {
		out.Events = append(out.Events, bot.OrganiserSuspended{Organisation: m.Organisation.ID, Member: m.role.Holder})
	}
	p := r.Language.For(t.Locale)
	out.Notice = p.Text("notice.saved")
	var k message.Keyboard
	k.Add(p.Text("people.back"), verbList, string(m.Organisation.ID), "")
	choices, err := k.Choices()
	if err != nil {
		return bot.Outcome{}, err
	}
	with := slices.Concat(theirs, given)
	said := append(m.off(p, "suspend.done", "suspend.with", with), choices)
	out.Replies = append(out.Replies, bot.Reply{Message: p.Message(said...), Edit: t.Update.Message})

	p = r.Language.For(m.role.Locale)
	out.Replies = append(out.Replies, bot.Reply{To: m.role.Holder, Message: p.Message(m.off(p, "suspend.you", "suspend.with-you", theirs)...)})
	for _, one := range given {
		if err := r.tell(&out, m.Organisation, one, []Role{one}, "suspend.given", nil); err != nil {
			return bot.Outcome{}, err
		}
	}
	for _, one := range m.organisers(m.by.Holder, m.role.Holder) {
		p := r.Language.For(one.Locale)
		out.Replies = append(out.Replies, bot.Reply{
			To: one.Holder, Message: p.Message(m.off(p, "suspend.others", "suspend.with", with, number(m.by))...),
		})
	}
	return out, r.void(&out, m.Roster, m.role)
}

// off says that a role is switched off, and which others are with it.
func (m matter) off(p language.Printer, key, withKey string, with []Role, values ...language.Value) []message.Block {
	blocks := []message.Block{heading(p, m.role), of(p, m.Organisation), p.Paragraph(key, values...)}
	if len(with) == 0 {
		return blocks
	}
	var items [][]message.Span
	for _, one := range with {
		items = append(items, heading(p, one).Spans)
	}
	return append(blocks, p.Paragraph(withKey), message.List{Items: items})
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

// resign gives up a role of one's own, of any kind, in a paused organisation too. It
// asks once.
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
