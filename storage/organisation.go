package storage

import (
	"context"
	"strings"

	"ella/bot"
)

// Organisations implements member.Store.
func (s Members) Organisations(ctx context.Context) ([]bot.Organisation, error) {
	return collect(scanOrganisation)(s.db.read().query(ctx, `
		SELECT id, name, zone, sample FROM organisations WHERE state = 'active' ORDER BY created_at, id`))
}

func scanOrganisation(r *rows) (o bot.Organisation, err error) {
	return o, r.Scan(&o.ID, &o.Name, &o.Zone, &o.Sample)
}

// organisation reads one. bot.ErrNotFound.
func (db *DB) organisation(ctx context.Context, id bot.OrganisationID) (bot.Organisation, error) {
	o := bot.Organisation{ID: id}
	err := db.read().queryRow(ctx, `SELECT name, zone, sample FROM organisations WHERE id = $1`, string(id)).Scan(&o.Name, &o.Zone, &o.Sample)
	return o, err
}

// AddOrganisation writes an organisation.
func (s Members) AddOrganisation(ctx context.Context, tx bot.Tx, o bot.Organisation) error {
	_, err := own(tx).exec(ctx, `
		INSERT INTO organisations (id, name, zone, sample, state, created_at) VALUES ($1, $2, $3, $4, 'active', $5)`,
		string(o.ID), o.Name, o.Zone, o.Sample, s.db.now())
	return err
}

// Standing is an organisation with how it stands.
type Standing struct {
	bot.Organisation
	State string // active | paused | removed: on its way out, and to be removed again
}

// Standings are all organisations, paused ones too, oldest first.
func (s Members) Standings(ctx context.Context) ([]Standing, error) {
	return collect(func(r *rows) (o Standing, err error) {
		return o, r.Scan(&o.ID, &o.Name, &o.Zone, &o.Sample, &o.State)
	})(s.db.read().query(ctx, `SELECT id, name, zone, sample, state FROM organisations ORDER BY created_at, id`))
}

// Pause takes an organisation out of everything, or lets it back in: nobody can
// write for it, nothing more of it goes out, newcomers are not asked about it, and
// its groups are not shown. Its alerts under way end with what is out; everything
// else stays as it is.
func (s Members) Pause(ctx context.Context, id bot.OrganisationID, pause bool) error {
	state := "active"
	if pause {
		state = "paused"
	}
	return s.db.Write(ctx, func(ctx context.Context, tx bot.Tx) error { return s.stand(ctx, own(tx), id, state) })
}

func (s Members) stand(ctx context.Context, t *Tx, id bot.OrganisationID, state string) error {
	n, err := t.exec(ctx, `UPDATE organisations SET state = $2 WHERE id = $1 AND state <> 'removed'`, string(id), state)
	switch {
	case err != nil:
		return err
	case n == 0:
		return bot.ErrNotFound
	}
	return raise(ctx, t, directoryCounter)
}

// RemoveOrganisation removes one with everything it holds: its groups, roles,
// alerts with their copies, actions with their answers, letters, and who belonged
// to it. Members stay, they may belong to others, and an action that another
// organisation takes part in becomes that one's. A little goes in each unit of
// work so that nobody waits; interrupted, it is finished by calling it again. Call
// DB.Scrub afterwards.
func (s Members) RemoveOrganisation(ctx context.Context, id bot.OrganisationID) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		t := own(tx)
		if _, err := t.exec(ctx, `UPDATE organisations SET state = 'removed' WHERE id = $1`, string(id)); err != nil {
			return err
		}
		return raise(ctx, t, directoryCounter)
	})
	if err != nil {
		return err
	}
	for _, piece := range []func(context.Context, *Tx, bot.OrganisationID) (more bool, err error){unclaimed, bequeath, deletePiece} {
		for left := true; left && err == nil; {
			err = s.db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
				var err error
				left, err = piece(ctx, own(tx), id)
				return err
			})
		}
	}
	return err
}

// deletePiece deletes as much of an organisation as fits one unit of work, and
// reports whether more may be left.
func deletePiece(ctx context.Context, t *Tx, id bot.OrganisationID) (bool, error) {
	return deleteSome(ctx, t, id, holdings())
}

func deleteSome(ctx context.Context, t *Tx, id bot.OrganisationID, holdings []holding) (bool, error) {
	room := int64(tidyAtOnce)
	for _, h := range holdings {
		n, err := t.exec(ctx, h.statement(), string(id), room)
		if err != nil {
			return false, err
		}
		if room -= n; room <= 0 {
			return true, nil
		}
	}
	return false, nil
}

// holding is a table in which something of an organisation is, those first that
// refer to others.
type holding struct {
	table string
	// key tells its rows apart. Both engines delete a piece at a time by it.
	key []string
	// where finds the organisation's rows, with its id as $1.
	where string
}

// statement deletes a piece of it.
func (h holding) statement() string {
	key := strings.Join(h.key, ", ")
	return `DELETE FROM ` + h.table + ` WHERE (` + key + `) IN (SELECT ` + key + ` FROM ` + h.table + ` WHERE ` + h.where + ` LIMIT $2)`
}

func holdings() []holding {
	const (
		alerts  = `alert_id IN (SELECT id FROM alerts WHERE organisation_id = $1)`
		actions = `action_id IN (SELECT id FROM actions WHERE organisation_id = $1)`
		groups  = `group_id IN (SELECT id FROM groups WHERE organisation_id = $1)`
		its     = `organisation_id = $1`
	)
	return []holding{
		{"approvals", []string{"id"}, its},
		{"letters", []string{"id"}, its},
		{"invites", []string{"id"}, its},
		{"roles", []string{"id"}, its},
		{"action_shares", []string{"action_id", "organisation_id"}, its + ` OR ` + actions},
		{"rsvps", []string{"action_id", "member_id"}, its + ` OR ` + actions},
		{"rsvp_counts", []string{"action_id", "organisation_id", "answer"}, its + ` OR ` + actions},
		{"actions", []string{"id"}, its},
		{"deliveries", []string{"alert_id", "member_id"}, alerts},
		{"delivery_counts", []string{"alert_id", "state"}, alerts},
		{"alert_variants", []string{"alert_id", "locale"}, alerts},
		{"alerts", []string{"id"}, its},
		{"group_members", []string{"group_id", "member_id"}, groups},
		{"group_chat_codes", []string{"member_id"}, groups},
		{"opt_ins", []string{"chat_id", "member_id"}, `chat_id IN (SELECT id FROM group_chats WHERE ` + groups + `)`},
		{"group_chats", []string{"id"}, groups},
		{"groups", []string{"id"}, its},
		{"memberships", []string{"member_id", "organisation_id"}, its},
		{"cohorts", []string{"organisation_id"}, its},
		{"organisations", []string{"id"}, `id = $1`},
	}
}

// raise raises a counter, so that other processes notice.
func raise(ctx context.Context, t *Tx, counter string) error {
	_, err := t.exec(ctx, `
		INSERT INTO counters (name, value) VALUES ($1, 1)
		ON CONFLICT (name) DO UPDATE SET value = counters.value + 1`, counter)
	return err
}
