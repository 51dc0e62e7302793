package storage

import (
	"cmp"
	"context"
	"time"

	"ella/bot"
	"ella/bot/address"
)

// Join implements address.Store. Everything is done in one unit, with both members held:
// whoever writes in a turn of either waits, and then finds one member.
func (s Links) Join(ctx context.Context, tx bot.Tx, l address.Link, now time.Time) error {
	t := own(tx)
	if err := s.hold(ctx, t, l.Maker, l.Other, 2); err != nil {
		return err
	}
	err := conflictUnless(t.exec(ctx, `DELETE FROM links WHERE id = $1 AND state = 'asked' AND member_id = $2 AND other_id = $3 AND expires_at > $4`,
		l.ID, string(l.Maker), string(l.Other), now.UnixMilli()))
	if err != nil {
		return err
	}
	if answers, err := s.answers(ctx, t, l.Other); err != nil || answers {
		return cmp.Or(err, bot.ErrConflict)
	}
	if err := s.settled(ctx, t, l.Maker, l.Other); err != nil {
		return err
	}
	for _, part := range []func(ctx context.Context, t *Tx, stays, goes bot.MemberID) error{
		s.joinPerson, s.joinRoles, s.joinBelonging, s.joinAnswers, s.joinCopies, s.joinAddresses, s.hadBefore,
	} {
		if err := part(ctx, t, l.Maker, l.Other); err != nil {
			return err
		}
	}
	// Until they say otherwise messages come to where the last yes was said.
	return s.Prefer(ctx, tx, l.Maker, l.MadeAt, now)
}

// forBoth runs statements whose $1 is who stays and $2 who goes.
func forBoth(ctx context.Context, t *Tx, stays, goes bot.MemberID, statements ...string) error {
	for _, statement := range statements {
		if _, err := t.exec(ctx, statement, string(stays), string(goes)); err != nil {
			return err
		}
	}
	return nil
}

// joinPerson joins what is known of the person: of two yeses the elder and lower one,
// and of two wishes to be left alone either.
func (s Links) joinPerson(ctx context.Context, t *Tx, stays, goes bot.MemberID) error {
	one, err := s.db.memberByID(ctx, t, stays)
	if err != nil {
		return err
	}
	other, err := s.db.memberByID(ctx, t, goes)
	if err != nil {
		return err
	}
	if one.Outcode == "" && other.Outcode != "" {
		var sector []byte
		if other.Sector != "" {
			if sector, err = s.db.seal("members", "sector_sealed", string(stays), []byte(other.Sector)); err != nil {
				return err
			}
		}
		if _, err := t.exec(ctx, `UPDATE members SET outcode = $2, sector_sealed = $3 WHERE id = $1`, string(stays), other.Outcode, sector); err != nil {
			return err
		}
	}
	return forBoth(ctx, t, stays, goes,
		`UPDATE members SET
			state = CASE WHEN members.state = 'stopped' OR o.state = 'stopped' THEN 'stopped' ELSE members.state END,
			discreet = members.discreet OR o.discreet,
			created_at = CASE WHEN o.created_at < members.created_at THEN o.created_at ELSE members.created_at END,
			seen_at = CASE WHEN o.seen_at > members.seen_at THEN o.seen_at ELSE members.seen_at END,
			asked_at = 0
		FROM members o WHERE members.id = $1 AND o.id = $2`,
		`UPDATE members SET consent_locale = o.consent_locale, consent_at = o.consent_at FROM members o
		WHERE members.id = $1 AND o.id = $2 AND o.consent > 0 AND (members.consent = 0 OR o.consent_at < members.consent_at)`,
		`UPDATE members SET consent = o.consent FROM members o
		WHERE members.id = $1 AND o.id = $2 AND o.consent > 0 AND (members.consent = 0 OR o.consent < members.consent)`,
	)
}

// joinRoles leaves the roles of who stays as they are: who goes has none. What was begun
// or used by who goes is theirs then.
func (s Links) joinRoles(ctx context.Context, t *Tx, stays, goes bot.MemberID) error {
	return forBoth(ctx, t, stays, goes,
		`UPDATE invites SET used_by = $1 WHERE used_by = $2`,
		`UPDATE alerts SET author_id = $1 WHERE author_id = $2`,
	)
}

// joinBelonging unites organisations and groups. Stopped by either is stopped. A
// membership that either said yes to by itself outlasts the groups.
func (s Links) joinBelonging(ctx context.Context, t *Tx, stays, goes bot.MemberID) error {
	return forBoth(ctx, t, stays, goes,
		`UPDATE group_members SET joined = FALSE WHERE member_id IN ($1, $2) AND group_id IN (
			SELECT g.id FROM groups g JOIN memberships b ON b.organisation_id = g.organisation_id WHERE b.member_id IN ($1, $2) AND NOT EXISTS (
				SELECT 1 FROM group_members w JOIN groups h ON h.id = w.group_id
				WHERE w.member_id = b.member_id AND w.joined AND h.organisation_id = b.organisation_id))`,
		`INSERT INTO memberships (member_id, organisation_id, since, state)
			SELECT $1, organisation_id, since, state FROM memberships WHERE member_id = $2
		ON CONFLICT (member_id, organisation_id) DO UPDATE SET
			state = CASE WHEN excluded.state = 'stopped' THEN 'stopped' ELSE memberships.state END,
			since = CASE WHEN excluded.since < memberships.since THEN excluded.since ELSE memberships.since END`,
		`INSERT INTO opt_ins (chat_id, member_id, since) SELECT chat_id, $1, since FROM opt_ins WHERE member_id = $2
		ON CONFLICT (chat_id, member_id) DO NOTHING`,
		`DELETE FROM opt_ins WHERE member_id = $2 AND member_id <> $1`,
		`INSERT INTO group_members (group_id, member_id, since, joined)
			SELECT group_id, $1, since, joined FROM group_members WHERE member_id = $2
		ON CONFLICT (group_id, member_id) DO UPDATE SET joined = group_members.joined AND excluded.joined,
			since = CASE WHEN excluded.since < group_members.since THEN excluded.since ELSE group_members.since END`,
		`DELETE FROM group_members WHERE member_id = $2 AND member_id <> $1`,
		`DELETE FROM memberships WHERE member_id = $2 AND member_id <> $1`,
	)
}

// joinAnswers keeps the newer answer to each action, and all letters.
func (s Links) joinAnswers(ctx context.Context, t *Tx, stays, goes bot.MemberID) error {
	return forBoth(ctx, t, stays, goes,
		`INSERT INTO rsvps (action_id, member_id, organisation_id, answer, plus, updated_at)
			SELECT action_id, $1, organisation_id, answer, plus, updated_at FROM rsvps WHERE member_id = $2
		ON CONFLICT (action_id, member_id) DO UPDATE SET
			organisation_id = excluded.organisation_id, answer = excluded.answer, plus = excluded.plus, updated_at = excluded.updated_at
			WHERE excluded.updated_at > rsvps.updated_at`,
		`DELETE FROM rsvps WHERE member_id = $2 AND member_id <> $1`,
		`UPDATE letters SET member_id = $1 WHERE member_id = $2`,
	)
}

// joinAddresses gives the chats to who stays, and ends who goes. The conversation that
// goes on is that of who stays.
func (s Links) joinAddresses(ctx context.Context, t *Tx, stays, goes bot.MemberID) error {
	return forBoth(ctx, t, stays, goes,
		`UPDATE addresses SET member_id = $1, preferred_at = 0 WHERE member_id = $2`,
		`DELETE FROM links WHERE member_id IN ($1, $2) OR other_id IN ($1, $2)`,
		`DELETE FROM conversations WHERE member_id = $2 AND member_id <> $1`,
		`DELETE FROM group_chat_codes WHERE member_id = $2 AND member_id <> $1`,
		`DELETE FROM members WHERE id = $2 AND id <> $1`,
	)
}
