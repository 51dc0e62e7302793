package storage

import (
	"context"
	"time"

	"ella/bot"
	"ella/bot/member"
)

// Members keeps what is a person's own, and organisations. What would give somebody
// who is forgotten anything again is refused.
type Members struct{ db *DB }

var _ member.Store = Members{}

// Members gives the store of the member room.
func (db *DB) Members() Members { return Members{db} }

// SetLanguage implements member.Store.
func (s Members) SetLanguage(ctx context.Context, tx bot.Tx, id bot.MemberID, locale, speaks string) error {
	return conflictUnless(own(tx).exec(ctx, `UPDATE members SET locale = $2, speaks = $3 WHERE id = $1 AND forgotten_at = 0`,
		string(id), locale, speaks))
}

// Consent implements member.Store.
func (s Members) Consent(ctx context.Context, tx bot.Tx, id bot.MemberID, version int, locale string, now time.Time) error {
	return conflictUnless(own(tx).exec(ctx, `UPDATE members SET consent = $2, consent_locale = $3, consent_at = $4 WHERE id = $1 AND forgotten_at = 0`,
		string(id), version, locale, day(now.UnixMilli())))
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
	return conflictUnless(own(tx).exec(ctx, `UPDATE members SET state = $2 WHERE id = $1 AND forgotten_at = 0`, string(id), string(state)))
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
	return conflictUnless(own(tx).exec(ctx, `
		INSERT INTO memberships (member_id, organisation_id, since, state)
		SELECT id, CAST($2 AS TEXT), CAST($3 AS BIGINT), 'on' FROM members WHERE id = $1 AND forgotten_at = 0
		ON CONFLICT (member_id, organisation_id) DO UPDATE SET state = 'on'`, string(id), string(organisation), now.UnixMilli()))
}

// Leave implements member.Store. With an organisation go its groups, and from which of
// its chats the member opted in.
func (s Members) Leave(ctx context.Context, tx bot.Tx, id bot.MemberID, organisation bot.OrganisationID) error {
	t := own(tx)
	_, err := t.exec(ctx, `DELETE FROM group_members WHERE member_id = $1 AND group_id IN (SELECT id FROM groups WHERE organisation_id = $2)`,
		string(id), string(organisation))
	if err != nil {
		return err
	}
	if err := s.db.optOut(ctx, tx, id, organisation); err != nil {
		return err
	}
	_, err = t.exec(ctx, `DELETE FROM memberships WHERE member_id = $1 AND organisation_id = $2`, string(id), string(organisation))
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
