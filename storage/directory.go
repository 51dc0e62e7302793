package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"ella/bot"
	directory "ella/bot/group"
	"ella/bot/place"
)

// Groups keeps the directory.
type Groups struct {
	db *DB
	steady
}

var _ directory.Store = Groups{}

// Groups gives the store of the directory.
func (db *DB) Groups() Groups { return Groups{db, steady{db}} }

// directoryCounter is raised by every change of the directory.
const directoryCounter = "directory"

// Revision implements group.Store.
func (s Groups) Revision(ctx context.Context) (int64, error) {
	var n int64
	err := s.db.read().queryRow(ctx, `SELECT value FROM counters WHERE name = $1`, directoryCounter).Scan(&n)
	return n, ignoreMissing(err)
}

// All implements group.Store.
func (s Groups) All(ctx context.Context) ([]directory.Group, error) {
	return collect(scanGroup)(s.db.read().query(ctx, `
		SELECT id, organisation_id, source, foreign_id, name, about, languages, town, place, COALESCE(lat, 0), COALESCE(lng, 0),
		       nationwide, meets, joining, url, sample, state, needs
		FROM groups WHERE organisation_id IN (SELECT id FROM organisations WHERE state = 'active') ORDER BY id`))
}

func scanGroup(r *rows) (directory.Group, error) {
	var g directory.Group
	var about, languages, meets, joining, state, needs string
	err := r.Scan(&g.ID, &g.Organisation, &g.Source, &g.ForeignID, &g.Name, &about, &languages, &g.Town, &g.Place, &g.Point.Lat, &g.Point.Lng,
		&g.Nationwide, &meets, &joining, &g.URL, &g.Sample, &state, &needs)
	if err != nil {
		return g, err
	}
	g.Closed = state == "closed"
	for _, field := range []struct {
		text string
		into any
	}{{about, &g.About}, {languages, &g.Languages}, {meets, &g.Meets}, {joining, &g.Joining}, {needs, &g.Needs}} {
		if err := json.Unmarshal([]byte(field.text), field.into); err != nil {
			return g, fmt.Errorf("read group: %w", err)
		}
	}
	return g, nil
}

// Write runs a unit of work.
func (s Groups) Write(ctx context.Context, unit bot.Change) error { return s.db.Write(ctx, unit) }

// Save implements group.Store.
func (s Groups) Save(ctx context.Context, tx bot.Tx, groups []directory.Group, now time.Time) error {
	t := own(tx)
	for _, g := range groups {
		if err := s.save(ctx, t, g, now); err != nil {
			return err
		}
	}
	return raise(ctx, t, directoryCounter)
}

func (s Groups) save(ctx context.Context, t *Tx, g directory.Group, now time.Time) error {
	var encoded [5]string
	for i, v := range []any{orEmpty(g.About), g.Languages, orEmpty(g.Meets), orEmpty(g.Joining), g.Needs} {
		body, err := json.Marshal(v)
		if err != nil {
			return fmt.Errorf("write group: %w", err)
		}
		encoded[i] = string(body)
	}
	var lat, lng any
	if g.Place != "" && g.Point != (place.Point{}) {
		lat, lng = g.Point.Lat, g.Point.Lng
	}
	state := "open"
	if g.Closed {
		state = "closed"
	}
	_, err := t.exec(ctx, `
		INSERT INTO groups (id, organisation_id, source, foreign_id, name, about, languages, town, place, lat, lng,
		                    nationwide, meets, joining, url, sample, state, version, updated_at, needs)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 1, $18, $19)
		ON CONFLICT (source, foreign_id) DO UPDATE SET
			name = $5, about = $6, languages = $7, town = $8, place = $9, lat = $10, lng = $11, nationwide = $12, meets = $13,
			joining = $14, url = $15, state = $17, version = groups.version + 1, updated_at = $18, needs = $19`,
		string(g.ID), string(g.Organisation), g.Source, g.ForeignID, g.Name, encoded[0], encoded[1], g.Town, g.Place, lat, lng,
		g.Nationwide, encoded[2], encoded[3], g.URL, g.Sample, state, now.UnixMilli(), encoded[4])
	return err
}

func orEmpty(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}

// Organisation implements group.Store.
func (s Groups) Organisation(ctx context.Context, id bot.OrganisationID) (bot.Organisation, error) {
	return s.db.organisation(ctx, id)
}

// MemberCount implements group.Store.
func (s Groups) MemberCount(ctx context.Context, id bot.GroupID) (int, error) {
	var n int
	err := s.db.read().queryRow(ctx, `SELECT count(*) FROM group_members WHERE group_id = $1`, string(id)).Scan(&n)
	return n, err
}

// GroupsOf implements group.Store.
func (s Groups) GroupsOf(ctx context.Context, id bot.MemberID, limit int) ([]bot.GroupID, error) {
	return collect(func(r *rows) (g bot.GroupID, err error) { return g, r.Scan(&g) })(s.db.read().query(ctx, `
		SELECT g.id FROM group_members w JOIN groups g ON g.id = w.group_id
		WHERE w.member_id = $1 AND g.state = 'open' ORDER BY w.since, g.id LIMIT $2`, string(id), limit))
}

// Settle implements group.Store.
func (s Groups) Settle(ctx context.Context, tx bot.Tx, id bot.MemberID, sector, outcode string) error {
	var sealed []byte
	if sector != "" {
		var err error
		if sealed, err = s.db.seal("members", "sector_sealed", string(id), []byte(sector)); err != nil {
			return err
		}
	}
	_, err := own(tx).exec(ctx, `UPDATE members SET outcode = $2, sector_sealed = $3 WHERE id = $1`, string(id), outcode, sealed)
	return err
}

// With implements group.Store.
func (s Groups) With(ctx context.Context, tx bot.Tx, id bot.MemberID, g directory.Group, now time.Time) error {
	_, err := own(tx).exec(ctx, `
		INSERT INTO group_members (group_id, member_id, since, joined) VALUES ($1, $2, $3,
			NOT EXISTS (SELECT 1 FROM memberships WHERE member_id = $2 AND organisation_id = $4) OR
			EXISTS (SELECT 1 FROM group_members w JOIN groups g ON g.id = w.group_id WHERE w.member_id = $2 AND g.organisation_id = $4 AND w.joined))
		ON CONFLICT (group_id, member_id) DO NOTHING`, string(g.ID), string(id), now.UnixMilli(), string(g.Organisation))
	if err != nil {
		return err
	}
	return s.db.agree(ctx, tx, id, g.Organisation, now)
}

// Without implements group.Store. With the last of an organisation's groups goes
// the membership, if it began with one of them.
func (s Groups) Without(ctx context.Context, tx bot.Tx, id bot.MemberID, g directory.Group) error {
	t := own(tx)
	_, err := t.exec(ctx, `
		DELETE FROM memberships WHERE member_id = $2 AND organisation_id = $3
		AND EXISTS (SELECT 1 FROM group_members WHERE group_id = $1 AND member_id = $2 AND joined)
		AND NOT EXISTS (SELECT 1 FROM group_members w JOIN groups g ON g.id = w.group_id
		                WHERE w.member_id = $2 AND w.group_id <> $1 AND g.organisation_id = $3)`,
		string(g.ID), string(id), string(g.Organisation))
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `DELETE FROM group_members WHERE group_id = $1 AND member_id = $2`, string(g.ID), string(id))
	return err
}
