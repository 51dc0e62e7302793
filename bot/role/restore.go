package role

import (
	"context"

	"ella/bot"
	"ella/bot/language"
	"ella/bot/message"
)

// restore gives a role back with the second organiser's press; the first one's is
// kept until then.
func (r *Room) restore(t bot.Turn, m matter) (bot.Outcome, error) {
	if m.role.State != Suspended && m.role.State != Lapsed {
		return r.card(t, m)
	}
	if m.own() {
		return bot.Outcome{}, bot.ErrNotFound // their other role does not give this one back
	}
	var out bot.Outcome
	others := m.organisers(m.by.Holder, m.role.Holder)
	earlier := false
	for _, yes := range m.approvals(m.role) {
		if yes.Holder == m.by.Holder {
			return out, r.say(&out, t, m, "restore.waits")
		}
		earlier = true
	}
	if len(others) == 0 {
		return out, r.say(&out, t, m, "restore.no-second", language.Command("Command", "ella invite organiser"))
	}
	r.hold(&out, m.Roster, m.by.ID)
	if !earlier {
		out.Do(func(ctx context.Context, tx bot.Tx) error { return r.Store.Approve(ctx, tx, m.role, m.by.ID, t.Now) })
		if err := r.say(&out, t, m, "restore.asked"); err != nil {
			return bot.Outcome{}, err
		}
		return out, r.tell(&out, m.Organisation, m.role, others, "restore.others", func(p language.Printer, k *message.Keyboard) {
			k.Add(p.Text("role.restore"), verbRestore, string(m.role.ID), "")
		}, number(m.by))
	}
	r.change(&out, m.role, On, t.Now)
	if err := r.say(&out, t, m, "restore.done"); err != nil {
		return bot.Outcome{}, err
	}
	if err := r.tell(&out, m.Organisation, m.role, []Role{m.role}, "restore.you", nil); err != nil {
		return bot.Outcome{}, err
	}
	return out, r.tell(&out, m.Organisation, m.role, others, "restore.done", nil)
}
