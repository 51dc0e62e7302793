package storage

import (
	"context"
	"time"

	"ella/bot"
	"ella/bot/role"
)

// Roles keeps roles, the invitations to them, and what it takes two organisers for.
type Roles struct {
	db *DB
	steady
}

var _ role.Store = Roles{}

// Roles gives the store of the role room.
func (db *DB) Roles() Roles { return Roles{db, steady{db}} }

// Roster implements role.Store.
func (s Roles) Roster(ctx context.Context, id bot.OrganisationID, now time.Time) (role.Roster, error) {
	var o role.Roster
	err := s.db.view(ctx, func(from source) error {
		err := from.queryRow(ctx, `
			SELECT id, name, zone, sample, state = 'paused', roles_version FROM organisations WHERE id = $1 AND state IN ('active', 'paused')`, string(id)).
			Scan(&o.Organisation.ID, &o.Organisation.Name, &o.Organisation.Zone, &o.Organisation.Sample, &o.Paused, &o.Version)
		if err != nil {
			return err
		}
		o.Roles, err = collect(s.scan)(from.query(ctx, `
			SELECT r.id, r.kind, r.number, r.organisation_id, COALESCE(r.group_id, ''), r.state, r.member_id, m.locale, m.seen_at,
			       r.granted_at, r.changed_at, COALESCE(g.name, ''), COALESCE(g.state, 'open') <> 'open', r.invited_by, r.check_sealed, r.wrong
			FROM roles r JOIN members m ON m.id = r.member_id LEFT JOIN groups g ON g.id = r.group_id
			WHERE r.organisation_id = $1 AND NOT (r.state = 'asked' AND r.changed_at <= $2)
			ORDER BY CASE r.kind WHEN 'organiser' THEN 1 WHEN 'guardian' THEN 2 ELSE 3 END, r.number, r.id`,
			string(id), now.Add(-role.AskLife).UnixMilli()))
		if err != nil {
			return err
		}
		return s.approvals(ctx, from, &o)
	})
	return o, err
}

func (s Roles) scan(r *rows) (role.Role, error) {
	var one role.Role
	var seen, granted, changed int64
	var check []byte
	err := r.Scan(&one.ID, &one.Kind, &one.Number, &one.Organisation, &one.Group, &one.State, &one.Holder, &one.Locale, &seen,
		&granted, &changed, &one.GroupName, &one.GroupClosed, &one.InvitedBy, &check, &one.Wrong)
	if err != nil {
		return one, err
	}
	one.Seen, one.Granted, one.Changed = time.UnixMilli(seen), time.UnixMilli(granted), time.UnixMilli(changed)
	if check != nil {
		number, err := s.db.open("roles", "check_sealed", string(one.ID), check)
		if err != nil {
			return one, err
		}
		one.Check = string(number)
	}
	return one, nil
}

// approvals adds who said yes to giving which role back.
func (Roles) approvals(ctx context.Context, from source, o *role.Roster) error {
	type yes struct{ subject, by bot.RoleID }
	given, err := collect(func(r *rows) (y yes, err error) { return y, r.Scan(&y.subject, &y.by) })(from.query(ctx, `
		SELECT subject_id, role_id FROM approvals WHERE organisation_id = $1 AND subject = $2 ORDER BY id`,
		string(o.Organisation.ID), restore))
	for _, y := range given {
		for i := range o.Roles {
			if o.Roles[i].ID == y.subject {
				o.Roles[i].Approved = append(o.Roles[i].Approved, y.by)
			}
		}
	}
	return err
}

// restore is what approvals are about so far.
const restore = "role.restore"

// Where implements role.Store.
func (s Roles) Where(ctx context.Context, id bot.RoleID) (where bot.OrganisationID, err error) {
	err = s.db.read().queryRow(ctx, `SELECT organisation_id FROM roles WHERE id = $1`, string(id)).Scan(&where)
	return where, err
}

// People implements role.Store.
func (s Roles) People(ctx context.Context, id bot.OrganisationID) (n int, err error) {
	err = s.db.read().queryRow(ctx, `
		SELECT count(*) FROM memberships b JOIN members m ON m.id = b.member_id
		WHERE b.organisation_id = $1 AND b.state = 'on' AND m.state = 'active'`, string(id)).Scan(&n)
	return n, err
}

// Groups implements role.Store.
func (s Roles) Groups(ctx context.Context, id bot.OrganisationID) ([]role.Group, error) {
	return collect(func(r *rows) (g role.Group, err error) { return g, r.Scan(&g.ID, &g.Organisation, &g.Name) })(s.db.read().query(ctx, `
		SELECT id, organisation_id, name FROM groups WHERE organisation_id = $1 AND state = 'open' ORDER BY name, id`, string(id)))
}

// Group implements role.Store.
func (s Roles) Group(ctx context.Context, id bot.GroupID) (g role.Group, err error) {
	err = s.db.read().queryRow(ctx, `SELECT id, organisation_id, name FROM groups WHERE id = $1 AND state = 'open'`, string(id)).
		Scan(&g.ID, &g.Organisation, &g.Name)
	return g, err
}

// Due implements role.Store.
func (s Roles) Due(ctx context.Context, silent, asked time.Time, after bot.RoleID, limit int) ([]role.Due, error) {
	return collect(func(r *rows) (d role.Due, err error) { return d, r.Scan(&d.Role, &d.Organisation) })(s.db.read().query(ctx, `
		SELECT r.id, r.organisation_id
		FROM roles r JOIN members m ON m.id = r.member_id JOIN organisations o ON o.id = r.organisation_id
		WHERE r.id > $1 AND o.state = 'active'
		AND (r.state = 'on' AND m.seen_at <= $2 AND r.changed_at <= $2 OR r.state = 'asked' AND r.changed_at <= $3)
		ORDER BY r.id LIMIT $4`, string(after), silent.UnixMilli(), asked.UnixMilli(), limit))
}

// Runs implements role.Store, by what the forgetting of the silent goes by.
func (s Roles) Runs(ctx context.Context) (last, pardoned time.Time, err error) {
	return Privacy{s.db}.Runs(ctx)
}

// Hold implements role.Store. The row of the organisation is written first, and
// on PostgreSQL locked with that: what is looked at after it is as it will stay.
func (s Roles) Hold(ctx context.Context, tx bot.Tx, o role.Roster, by bot.RoleID) error {
	t := own(tx)
	state := "active"
	if o.Paused {
		state = "paused"
	}
	n, err := t.exec(ctx, `
		UPDATE organisations SET roles_version = roles_version + 1 WHERE id = $1 AND roles_version = $2 AND state = $3`,
		string(o.Organisation.ID), o.Version, state)
	if err != nil {
		return err
	}
	if n == 0 {
		return bot.ErrConflict
	}
	if by == "" {
		return nil
	}
	return expect(t.queryRow(ctx, `SELECT 1 FROM roles WHERE id = $1 AND organisation_id = $2 AND state = 'on'`, string(by), string(o.Organisation.ID)))
}

// expect is bot.ErrConflict when there is no such row.
func expect(r row) error {
	var one int
	err := r.Scan(&one)
	if err != nil && ignoreMissing(err) == nil {
		return bot.ErrConflict
	}
	return err
}

// Change implements role.Store.
func (s Roles) Change(ctx context.Context, tx bot.Tx, r role.Role, to role.State, now time.Time) error {
	t := own(tx)
	err := conflictUnless(t.exec(ctx, `
		UPDATE roles SET state = $3, changed_at = $4, check_sealed = NULL, wrong = 0 WHERE id = $1 AND state = $2`,
		string(r.ID), string(r.State), string(to), now.UnixMilli()))
	if err != nil {
		return err
	}
	if _, err := t.exec(ctx, `DELETE FROM approvals WHERE subject = $2 AND subject_id = $1`, string(r.ID), restore); err != nil {
		return err
	}
	if to != role.On {
		return s.db.voidRole(ctx, tx, r.ID)
	}
	r.State = role.On
	return s.alone(ctx, tx, r)
}

// voidRole takes back what a role began that is not on any more, or about to go:
// its approvals, its open invitations, and the roles that were asked for with them.
func (db *DB) voidRole(ctx context.Context, tx bot.Tx, id bot.RoleID) error {
	t := own(tx)
	for _, statement := range []string{
		`DELETE FROM approvals WHERE role_id = $1`,
		`DELETE FROM invites WHERE invited_by = $1 AND used_at IS NULL`,
		`DELETE FROM roles WHERE invited_by = $1 AND state = 'asked'`,
	} {
		if _, err := t.exec(ctx, statement, string(id)); err != nil {
			return err
		}
	}
	return nil
}

// alone deletes what a role replaces: whatever else its holder asked for of the
// same kind and group and, when it is on, had before. So nobody holds one twice.
func (s Roles) alone(ctx context.Context, tx bot.Tx, r role.Role) error {
	t := own(tx)
	replaced, err := collect(func(r *rows) (id bot.RoleID, err error) { return id, r.Scan(&id) })(t.query(ctx, `
		SELECT id FROM roles
		WHERE member_id = $1 AND organisation_id = $2 AND kind = $3 AND COALESCE(group_id, '') = $4 AND id <> $5 AND (state = 'asked' OR $6)
		ORDER BY id`,
		string(r.Holder), string(r.Organisation), string(r.Kind), string(r.Group), string(r.ID), r.State == role.On))
	if err != nil {
		return err
	}
	for _, id := range replaced {
		if err := s.db.voidRole(ctx, tx, id); err != nil {
			return err
		}
		if _, err := t.exec(ctx, `DELETE FROM approvals WHERE subject = $2 AND subject_id = $1`, string(id), restore); err != nil {
			return err
		}
		if _, err := t.exec(ctx, `DELETE FROM roles WHERE id = $1`, string(id)); err != nil {
			return err
		}
	}
	return nil
}

// Drop implements role.Store.
func (s Roles) Drop(ctx context.Context, tx bot.Tx, id bot.RoleID) error {
	return conflictUnless(own(tx).exec(ctx, `DELETE FROM roles WHERE id = $1 AND state = 'asked'`, string(id)))
}

// Miss implements role.Store.
func (s Roles) Miss(ctx context.Context, tx bot.Tx, id bot.RoleID) error {
	return conflictUnless(own(tx).exec(ctx, `UPDATE roles SET wrong = wrong + 1 WHERE id = $1 AND state = 'asked'`, string(id)))
}

// Approve implements role.Store.
func (s Roles) Approve(ctx context.Context, tx bot.Tx, about role.Role, by bot.RoleID, now time.Time) error {
	_, err := own(tx).exec(ctx, `
		INSERT INTO approvals (id, organisation_id, subject, subject_id, role_id, created_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (subject, subject_id, role_id) DO NOTHING`,
		s.db.ids.New(), string(about.Organisation), restore, string(about.ID), string(by), now.UnixMilli())
	return err
}

// write adds a role, in the place of what its holder has of the same.
func (s Roles) write(ctx context.Context, tx bot.Tx, r role.Role, now time.Time) error {
	var check []byte
	if r.Check != "" {
		var err error
		if check, err = s.db.seal("roles", "check_sealed", string(r.ID), []byte(r.Check)); err != nil {
			return err
		}
	}
	_, err := own(tx).exec(ctx, `
		INSERT INTO roles (id, member_id, organisation_id, kind, group_id, state, granted_at, changed_at, number, check_sealed, wrong, invited_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11)`,
		string(r.ID), string(r.Holder), string(r.Organisation), string(r.Kind), groupOrNull(r.Group), string(r.State),
		now.UnixMilli(), now.UnixMilli(), r.Number, check, string(r.InvitedBy))
	if err != nil {
		return err
	}
	return s.alone(ctx, tx, r)
}

func groupOrNull(id bot.GroupID) any {
	if id == "" {
		return nil
	}
	return string(id)
}

// Grant gives a member a role, whatever became of it before; having it already
// changes nothing. It asks nobody: it is for whoever runs Ella, and for try-outs.
func (s Roles) Grant(ctx context.Context, tx bot.Tx, id bot.MemberID, given bot.Role, now time.Time) error {
	t := own(tx)
	if _, err := t.exec(ctx, `UPDATE organisations SET roles_version = roles_version + 1 WHERE id = $1`, string(given.Organisation)); err != nil {
		return err
	}
	r := role.Role{Role: given, Holder: id, State: role.On}
	r.ID = bot.RoleID(s.db.ids.New())
	var has bool
	err := t.queryRow(ctx, `
		SELECT COALESCE(min(CASE WHEN same THEN number END), COALESCE(max(number), 0) + 1), COALESCE(max(CASE WHEN same AND state = 'on' THEN 1 ELSE 0 END), 0) = 1
		FROM (SELECT number, state, member_id = $1 AND COALESCE(group_id, '') = $4 AS same FROM roles WHERE organisation_id = $2 AND kind = $3) AS r`,
		string(id), string(given.Organisation), string(given.Kind), string(given.Group)).Scan(&r.Number, &has)
	if err != nil || has {
		return err
	}
	return s.write(ctx, tx, r, now)
}
