package storage

import (
	"context"
	"time"

	"ella/bot"
	"ella/bot/role"
)

// codeIndex is all that is kept of an invitation's code.
func (db *DB) codeIndex(code string) []byte { return db.index("invites.code_index", code) }

// usable is an invitation that a yes can follow: in time, of an active
// organisation, to a group that is there, from somebody whose role is on.
const usable = `
	SELECT i.id, o.id, o.name, o.zone, o.sample, i.kind, COALESCE(g.id, ''), COALESCE(g.name, ''), i.invited_by, COALESCE(r.member_id, '')
	FROM invites i JOIN organisations o ON o.id = i.organisation_id LEFT JOIN groups g ON g.id = i.group_id LEFT JOIN roles r ON r.id = i.invited_by
	WHERE i.used_at IS NULL AND i.expires_at > $2 AND o.state = 'active' AND (i.group_id IS NULL OR g.state = 'open')
	AND (i.invited_by = '' OR r.state = 'on')`

// Invitation implements role.Store.
func (s Roles) Invitation(ctx context.Context, code string, now time.Time) (role.Invitation, error) {
	return invitation(s.db.read().queryRow(ctx, usable+` AND i.code_index = $1`, s.db.codeIndex(code), now.UnixMilli()))
}

// InvitationByID implements role.Store.
func (s Roles) InvitationByID(ctx context.Context, id string, now time.Time) (role.Invitation, error) {
	return invitation(s.db.read().queryRow(ctx, usable+` AND i.id = $1`, id, now.UnixMilli()))
}

func invitation(r row) (i role.Invitation, err error) {
	err = r.Scan(&i.ID, &i.Organisation.ID, &i.Organisation.Name, &i.Organisation.Zone, &i.Organisation.Sample, &i.Kind, &i.Group, &i.GroupName, &i.By, &i.Inviter)
	return i, err
}

// Invitations implements role.Store.
func (s Roles) Invitations(ctx context.Context, by bot.RoleID, now time.Time) (n int, err error) {
	err = s.db.read().queryRow(ctx, `SELECT count(*) FROM invites WHERE invited_by = $1 AND used_at IS NULL AND expires_at > $2`,
		string(by), now.UnixMilli()).Scan(&n)
	return n, err
}

// AddInvite implements role.Store.
func (s Roles) AddInvite(ctx context.Context, tx bot.Tx, code string, to bot.Role, by bot.RoleID, now, expires time.Time) error {
	_, err := own(tx).exec(ctx, `
		INSERT INTO invites (id, code_index, organisation_id, kind, group_id, created_at, expires_at, invited_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		s.db.ids.New(), s.db.codeIndex(code), string(to.Organisation), string(to.Kind), groupOrNull(to.Group),
		now.UnixMilli(), expires.UnixMilli(), string(by))
	return err
}

// Accept implements role.Store. The invitation is used up in one statement, so of
// a hundred who say yes at once one succeeds.
func (s Roles) Accept(ctx context.Context, tx bot.Tx, invitation string, given role.Role, now time.Time) error {
	err := conflictUnless(own(tx).exec(ctx, `
		UPDATE invites SET used_at = $2, used_by = $3
		WHERE id = $1 AND used_at IS NULL AND expires_at > $2 AND organisation_id = $4 AND kind = $5 AND COALESCE(group_id, '') = $6
		AND (group_id IS NULL OR EXISTS (SELECT 1 FROM groups g WHERE g.id = group_id AND g.state = 'open'))`,
		invitation, now.UnixMilli(), string(given.Holder), string(given.Organisation), string(given.Kind), string(given.Group)))
	if err != nil {
		return err
	}
	if err := s.write(ctx, tx, given, now); err != nil {
		return err
	}
	return Members{s.db}.Agree(ctx, tx, given.Holder, given.Organisation, now)
}
