package role

import (
	"ella/bot"
	"ella/bot/message"
)

// card shows one role to an organiser, with what they can do about it.
func (r *Room) card(t bot.Turn, m matter) (bot.Outcome, error) {
	p := r.Language.For(t.Locale)
	blocks := []message.Block{heading(p, m.role), of(p, m.Organisation)}
	if m.own() {
		blocks = append(blocks, p.Paragraph("role.yours"))
	}
	blocks = append(blocks, message.List{Items: standing(p, t.Now, m.Organisation, m.role, m.by)})
	var k message.Keyboard
	switch m.role.State {
	case Asked:
		blocks = append(blocks, p.Paragraph("role.about.asked"))
		if m.second() {
			confirmButtons(p, &k, m.role)
		} else {
			refuseButton(p, &k, m.role)
		}
	case On:
		if m.own() {
			k.AddStyled(message.Danger, p.Text("role.resign"), verbResign, string(m.role.ID), "")
		} else {
			blocks = append(blocks, p.Paragraph("role.about.on"))
			k.AddStyled(message.Danger, p.Text("role.suspend"), verbSuspend, string(m.role.ID), "")
		}
	case Suspended, Lapsed:
		blocks = append(blocks, p.Paragraph("role.about.off"))
		if len(m.approvals(m.role)) > 0 {
			blocks = append(blocks, p.Paragraph("restore.one-yes"))
		}
		if !m.own() {
			k.Add(p.Text("role.restore"), verbRestore, string(m.role.ID), "")
		}
	}
	k.Break().Add(p.Text("people.back"), verbList, string(m.Organisation.ID), "")
	choices, err := k.Choices()
	var out bot.Outcome
	out.Replies = append(out.Replies, bot.Reply{Message: p.Message(append(blocks, choices)...), Edit: t.Update.Message})
	return out, err
}
