package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"ella/bot"
	"ella/bot/alert"
)

// storedCohort is a cohort as it is kept, sealed.
type storedCohort struct {
	Version int                               `json:"v"`
	Places  map[string]alert.Readers          `json:"places"`
	Groups  map[bot.GroupID]alert.Readers     `json:"groups"`
	Chats   map[bot.GroupChatID]alert.Readers `json:"chats,omitempty"` // later than the others
}

// Cohort implements alert.Store.
func (s Alerts) Cohort(ctx context.Context, organisation bot.OrganisationID) (alert.Cohort, error) {
	var c alert.Cohort
	var sealed []byte
	err := s.db.read().queryRow(ctx, `SELECT people_sealed, version FROM cohorts WHERE organisation_id = $1`, string(organisation)).
		Scan(&sealed, &c.Version)
	if errors.Is(err, bot.ErrNotFound) {
		return c, nil
	}
	if err != nil {
		return c, err
	}
	text, err := s.db.open("cohorts", "people_sealed", string(organisation), sealed)
	if err != nil {
		return c, err
	}
	var stored storedCohort
	if err := json.Unmarshal(text, &stored); err != nil {
		return c, fmt.Errorf("read cohort: %w", err)
	}
	if stored.Version != 1 {
		return c, fmt.Errorf("read cohort: version %d is not known", stored.Version)
	}
	c.Places, c.Groups, c.Chats = stored.Places, stored.Groups, stored.Chats
	return c, nil
}

// KeepCohort implements alert.Store.
func (s Alerts) KeepCohort(ctx context.Context, tx bot.Tx, organisation bot.OrganisationID, c alert.Cohort, now time.Time) error {
	text, err := json.Marshal(storedCohort{Version: 1, Places: c.Places, Groups: c.Groups, Chats: c.Chats})
	if err != nil {
		return fmt.Errorf("write cohort: %w", err)
	}
	sealed, err := s.db.seal("cohorts", "people_sealed", string(organisation), text)
	if err != nil {
		return err
	}
	if c.Version == 0 {
		return conflictUnless(own(tx).exec(ctx, `
			INSERT INTO cohorts (organisation_id, people_sealed, version, counted_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (organisation_id) DO NOTHING`, string(organisation), sealed, now.UnixMilli(), now.UnixMilli()))
	}
	return conflictUnless(own(tx).exec(ctx, `
		UPDATE cohorts SET people_sealed = $2, version = version + 1, counted_at = $4 WHERE organisation_id = $1 AND version = $3`,
		string(organisation), sealed, c.Version, now.UnixMilli()))
}

// GroupReaders implements alert.Store.
func (s Alerts) GroupReaders(ctx context.Context, organisation bot.OrganisationID) (map[bot.GroupID]alert.Readers, error) {
	all := map[bot.GroupID]alert.Readers{}
	_, err := collect(func(r *rows) (struct{}, error) {
		var group bot.GroupID
		var c alert.Candidate
		var n int
		err := r.Scan(&group, &c.Locale, &c.Speaks, &n)
		if all[group] == nil {
			all[group] = alert.Readers{}
		}
		all[group][c.Reads()] += n
		return struct{}{}, err
	})(s.db.read().query(ctx, `
		SELECT x.group_id, x.locale, x.speaks, count(*) FROM (
			SELECT g.group_id, t.locale, t.speaks FROM group_members g JOIN (
				SELECT m.id, m.locale, m.speaks `+hears+`) t ON t.id = g.member_id
			WHERE g.group_id IN (SELECT id FROM groups WHERE organisation_id = $1)) x
		GROUP BY x.group_id, x.locale, x.speaks`, string(organisation)))
	return all, err
}
