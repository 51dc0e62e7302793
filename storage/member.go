package storage

import (
	"context"
	"time"

	"ella/bot"
	"ella/bot/member"
)

// Members keeps what is a person's own, organisations, roles and their codes.
type Members struct{ db *DB }

var _ member.Store = Members{}

// Members gives the store of the member room.
func (db *DB) Members() Members { return Members{db} }

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

// SetLanguage implements member.Store.
func (s Members) SetLanguage(ctx context.Context, tx bot.Tx, id bot.MemberID, locale, speaks string) error {
	_, err := own(tx).exec(ctx, `UPDATE members SET locale = $2, speaks = $3 WHERE id = $1`, string(id), locale, speaks)
	return err
}

// Consent implements member.Store.
func (s Members) Consent(ctx context.Context, tx bot.Tx, id bot.MemberID, version int, locale string, now time.Time) error {
	_, err := own(tx).exec(ctx, `UPDATE members SET consent = $2, consent_locale = $3, consent_at = $4 WHERE id = $1`,
		string(id), version, locale, day(now.UnixMilli()))
	return err
}

// Mute implements member.Store.
func (s Members) Mute(ctx context.Context, tx bot.Tx, id bot.MemberID, organisation bot.OrganisationID, mute bool) error {
	state := "on"
	if mute {
		state = "stopped"
	}
	_, err := own(tx).exec(ctx, `UPDATE memberships SET state = $3 WHERE member_id = $1 AND organisation_id = $2`,
		string(id), string(organisation), state)
	return err
}

// SetState implements member.Store.
func (s Members) SetState(ctx context.Context, tx bot.Tx, id bot.MemberID, state bot.MemberState) error {
	_, err := own(tx).exec(ctx, `UPDATE members SET state = $2 WHERE id = $1`, string(id), string(state))
	return err
}

// Agree implements member.Store. A membership that a yes to a group began is now
// the member's own, and outlasts the group.
func (s Members) Agree(ctx context.Context, tx bot.Tx, id bot.MemberID, organisation bot.OrganisationID, now time.Time) error {
	_, err := own(tx).exec(ctx, `
		UPDATE group_members SET joined = FALSE
		WHERE member_id = $1 AND joined AND group_id IN (SELECT id FROM groups WHERE organisation_id = $2)`, string(id), string(organisation))
	if err != nil {
		return err
	}
	return s.db.agree(ctx, tx, id, organisation, now)
}

func (db *DB) agree(ctx context.Context, tx bot.Tx, id bot.MemberID, organisation bot.OrganisationID, now time.Time) error {
	_, err := own(tx).exec(ctx, `
		INSERT INTO memberships (member_id, organisation_id, since, state) VALUES ($1, $2, $3, 'on')
		ON CONFLICT (member_id, organisation_id) DO UPDATE SET state = 'on'`, string(id), string(organisation), now.UnixMilli())
	return err
}

// Leave implements member.Store.
func (s Members) Leave(ctx context.Context, tx bot.Tx, id bot.MemberID, organisation bot.OrganisationID) error {
	_, err := own(tx).exec(ctx, `DELETE FROM memberships WHERE member_id = $1 AND organisation_id = $2`, string(id), string(organisation))
	return err
}

// codeIndex is all that is kept of an invitation's code.
func (db *DB) codeIndex(code string) []byte { return db.index("invites.code_index", code) }

// Invite implements member.Store.
func (s Members) Invite(ctx context.Context, code string, now time.Time) (member.Invite, error) {
	var v member.Invite
	err := s.db.read().queryRow(ctx, `
		SELECT o.id, o.name, o.zone, o.sample, i.kind, COALESCE(g.name, '')
		FROM invites i JOIN organisations o ON o.id = i.organisation_id LEFT JOIN groups g ON g.id = i.group_id
		WHERE i.code_index = $1 AND i.used_at IS NULL AND i.expires_at > $2 AND o.state = 'active'`,
		s.db.codeIndex(code), now.UnixMilli()).
		Scan(&v.Organisation.ID, &v.Organisation.Name, &v.Organisation.Zone, &v.Organisation.Sample, &v.Kind, &v.GroupName)
	return v, err
}

// AddInvite writes an invitation. group is empty for organisers.
func (s Members) AddInvite(ctx context.Context, tx bot.Tx, code string, role bot.Role, now, expires time.Time) error {
	var group any
	if role.Group != "" {
		group = string(role.Group)
	}
	_, err := own(tx).exec(ctx, `
		INSERT INTO invites (id, code_index, organisation_id, kind, group_id, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		s.db.ids.New(), s.db.codeIndex(code), string(role.Organisation), string(role.Kind), group, now.UnixMilli(), expires.UnixMilli())
	return err
}

// Redeem implements member.Store. The code is used up in one statement, so of a
// hundred who try it at once one succeeds.
func (s Members) Redeem(ctx context.Context, tx bot.Tx, code string, id bot.MemberID, now time.Time) error {
	t := own(tx)
	var role bot.Role
	var group *string
	err := t.queryRow(ctx, `
		UPDATE invites SET used_at = $2, used_by = $3
		WHERE code_index = $1 AND used_at IS NULL AND expires_at > $2
		RETURNING organisation_id, kind, group_id`, s.db.codeIndex(code), now.UnixMilli(), string(id)).
		Scan(&role.Organisation, &role.Kind, &group)
	if err != nil {
		if ignoreMissing(err) == nil {
			return bot.ErrConflict
		}
		return err
	}
	if group != nil {
		role.Group = bot.GroupID(*group)
	}
	return s.Grant(ctx, tx, id, role, now)
}

// Grant gives a member a role; having it already changes nothing.
func (s Members) Grant(ctx context.Context, tx bot.Tx, id bot.MemberID, role bot.Role, now time.Time) error {
	t := own(tx)
	var group any
	if role.Group != "" {
		group = string(role.Group)
	}
	_, err := t.exec(ctx, `
		INSERT INTO roles (id, member_id, organisation_id, kind, group_id, state, granted_at, changed_at, number)
		SELECT $1, $2, $3, $4, $5, 'on', CAST($6 AS BIGINT), CAST($6 AS BIGINT), COALESCE((
			SELECT max(number) FROM roles WHERE organisation_id = $3 AND kind = $4), 0) + 1
		WHERE NOT EXISTS (
			SELECT 1 FROM roles WHERE member_id = $2 AND organisation_id = $3 AND kind = $4 AND state = 'on'
			AND COALESCE(group_id, '') = COALESCE($5, ''))`,
		s.db.ids.New(), string(id), string(role.Organisation), string(role.Kind), group, now.UnixMilli())
	return err
}

// SpeakersWithoutCatalogue counts members by the language that they asked for
// and we do not have.
func (s Members) SpeakersWithoutCatalogue(ctx context.Context) (map[string]int, error) {
	counts := map[string]int{}
	_, err := collect(func(r *rows) (struct{}, error) {
		var tag string
		var n int
		err := r.Scan(&tag, &n)
		counts[tag] = n
		return struct{}{}, err
	})(s.db.read().query(ctx, `SELECT speaks, count(*) FROM members WHERE speaks <> '' GROUP BY speaks`))
	return counts, err
}
