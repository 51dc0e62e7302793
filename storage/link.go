package storage

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"ella/bot"
	"ella/bot/address"
)

// Links keeps where members are reached, and what joins two members into one.
type Links struct {
	db *DB
	steady
}

var _ address.Store = Links{}

// Links gives the store of the room for addresses.
func (db *DB) Links() Links { return Links{db, steady{db}} }

// Chats implements address.Store. The preferred one is what addressOf finds.
func (s Links) Chats(ctx context.Context, id bot.MemberID) ([]address.Chat, error) {
	return s.db.chatsOf(ctx, s.db.read(), id)
}

func (db *DB) chatsOf(ctx context.Context, from source, id bot.MemberID) ([]address.Chat, error) {
	return collect(func(r *rows) (c address.Chat, err error) { return c, r.Scan(&c.ID, &c.Account, &c.Off, &c.Preferred) })(from.query(ctx, `
		SELECT a.id, a.account_id, a.state <> 'on', a.id = COALESCE((SELECT b.id FROM addresses b WHERE b.member_id = $1 `+bestAddress+`), '')
		FROM addresses a WHERE a.member_id = $1 ORDER BY a.created_at, a.id`, string(id)))
}

// bestAddress picks one of a member's addresses: of those that are on the one they said
// last, else the newest.
const bestAddress = `AND state = 'on' ORDER BY preferred_at DESC, created_at DESC, id DESC LIMIT 1`

const selectLink = `
	SELECT l.id, l.member_id, l.address_id, COALESCE(l.other_id, ''), l.other_address_id, l.state = 'asked', l.expires_at,
	       m.locale, m.zone, COALESCE(o.locale, ''), EXISTS (SELECT 1 FROM roles r WHERE r.member_id = l.other_id),
	       m.state = 'stopped' OR COALESCE(o.state, '') = 'stopped' OR EXISTS (
		SELECT 1 FROM memberships b WHERE b.member_id IN (l.member_id, l.other_id) AND b.state = 'stopped')
	FROM links l JOIN members m ON m.id = l.member_id LEFT JOIN members o ON o.id = l.other_id
	WHERE m.forgotten_at = 0 AND COALESCE(o.forgotten_at, 0) = 0 AND `

func (s Links) link(r row) (address.Link, error) {
	var l address.Link
	var expires int64
	err := r.Scan(&l.ID, &l.Maker, &l.MadeAt, &l.Other, &l.TypedAt, &l.Asked, &expires, &l.MakerLocale, &l.MakerZone, &l.OtherLocale, &l.Answers, &l.Stopped)
	l.Expires = time.UnixMilli(expires)
	return l, err
}

// Link implements address.Store.
func (s Links) Link(ctx context.Context, id string, now time.Time) (address.Link, error) {
	return s.link(s.db.read().queryRow(ctx, selectLink+`l.id = $1 AND l.state <> 'open' AND l.expires_at > $2`, id, now.UnixMilli()))
}

// Typed implements address.Store.
func (s Links) Typed(ctx context.Context, code string, now time.Time) (address.Link, error) {
	return s.link(s.db.read().queryRow(ctx, selectLink+`l.code_index = $1 AND l.state = 'open' AND l.expires_at > $2`, s.codeOf(code), now.UnixMilli()))
}

// Waiting implements address.Store.
func (s Links) Waiting(ctx context.Context, other bot.MemberID, now time.Time) (address.Link, error) {
	return s.link(s.db.read().queryRow(ctx, selectLink+`l.other_id = $1 AND l.state = 'typed' AND l.expires_at > $2 ORDER BY l.id DESC LIMIT 1`,
		string(other), now.UnixMilli()))
}

// Answers implements address.Store.
func (s Links) Answers(ctx context.Context, id bot.MemberID) (bool, error) {
	return s.answers(ctx, s.db.read(), id)
}

// answers finds roles in every state, of paused organisations too: one that is switched
// off can be given back, and would then be whose chat it is in.
func (Links) answers(ctx context.Context, from source, id bot.MemberID) (is bool, err error) {
	err = from.queryRow(ctx, `SELECT EXISTS (SELECT 1 FROM roles WHERE member_id = $1)`, string(id)).Scan(&is)
	return is, err
}

// codeOf is all that is kept of a code.
func (s Links) codeOf(code string) []byte { return s.db.index("links.code_index", code) }

// concerned are the alerts whose audience is still to be found out, or is just being, of
// the organisations that two members hear from.
const concerned = ` FROM alerts WHERE state IN ('draft', 'freezing')
	AND organisation_id IN (SELECT b.organisation_id FROM memberships b WHERE b.member_id IN ($1, $2)) `

// Freezing implements address.Store.
func (s Links) Freezing(ctx context.Context, one, other bot.MemberID) (bool, error) {
	var n int
	err := s.db.read().queryRow(ctx, `SELECT count(*)`+concerned+`AND state = 'freezing'`, string(one), string(other)).Scan(&n)
	if err != nil || n > 0 || one != other {
		return n > 0, err
	}
	return s.writing(ctx, s.db.read(), one)
}

// writing reports whether a copy to a member is being written. Whoever becomes two then
// could get it once more: in which of the chats it arrives is known when it has ended.
func (s Links) writing(ctx context.Context, from source, id bot.MemberID) (bool, error) {
	var n int
	err := from.queryRow(ctx, `SELECT count(*) FROM deliveries WHERE member_id = $1 AND state = 'attempting'`, string(id)).Scan(&n)
	return n > 0, err
}

// settled holds the drafts, so that none is submitted before the unit ends, and refuses
// while an audience is being found out: it goes through the members by their ids, and
// would miss who becomes one, or count twice who becomes two.
func (s Links) settled(ctx context.Context, t *Tx, one, other bot.MemberID) error {
	states, err := collect(scanString)(t.query(ctx, `SELECT state`+concerned+`ORDER BY id `+s.db.locked, string(one), string(other)))
	if err == nil && slices.Contains(states, "freezing") {
		err = bot.ErrConflict
	}
	return err
}

// hold locks members in the order of their ids, and refuses where one is no more.
func (s Links) hold(ctx context.Context, t *Tx, one, other bot.MemberID, want int) error {
	found, err := collect(scanString)(t.query(ctx, `SELECT id FROM members WHERE id IN ($1, $2) AND forgotten_at = 0 ORDER BY id `+s.db.locked,
		string(one), string(other)))
	if err == nil && len(found) != want {
		err = bot.ErrConflict
	}
	return err
}

// lane notes in which lane the updates of an address are.
func (s Links) lane(ctx context.Context, t *Tx, id bot.AddressID, sender string) error {
	var account string
	if err := t.queryRow(ctx, `SELECT account_id FROM addresses WHERE id = $1`, string(id)).Scan(&account); err != nil {
		if errors.Is(err, bot.ErrNotFound) {
			return bot.ErrConflict
		}
		return err
	}
	_, err := t.exec(ctx, `UPDATE addresses SET lane_index = $2 WHERE id = $1`, string(id), s.db.index("inbox.lane", account, sender))
	return err
}

// Offer implements address.Store.
func (s Links) Offer(ctx context.Context, tx bot.Tx, code string, l address.Link, sender string, now time.Time) error {
	t := own(tx)
	if err := s.lane(ctx, t, l.MadeAt, sender); err != nil {
		return err
	}
	_, err := t.exec(ctx, `
		INSERT INTO links (id, member_id, address_id, code_index, state, other_id, other_address_id, created_at, expires_at)
		VALUES ($1, $2, $3, $4, 'open', NULL, '', $5, $6)
		ON CONFLICT (member_id) DO UPDATE SET id = $1, address_id = $3, code_index = $4, state = 'open', other_id = NULL, other_address_id = '',
			created_at = $5, expires_at = $6`,
		l.ID, string(l.Maker), string(l.MadeAt), s.codeOf(code), now.UnixMilli(), l.Expires.UnixMilli())
	return err
}

// Type implements address.Store. What they had typed before is void.
func (s Links) Type(ctx context.Context, tx bot.Tx, l address.Link, sender string, now time.Time) error {
	t := own(tx)
	if _, err := t.exec(ctx, `DELETE FROM links WHERE other_id = $1 AND id <> $2`, string(l.Other), l.ID); err != nil {
		return err
	}
	if err := s.lane(ctx, t, l.TypedAt, sender); err != nil {
		return err
	}
	return conflictUnless(t.exec(ctx, `
		UPDATE links SET state = 'typed', other_id = $2, other_address_id = $3, expires_at = $4 WHERE id = $1 AND state = 'open' AND expires_at > $5`,
		l.ID, string(l.Other), string(l.TypedAt), l.Expires.UnixMilli(), now.UnixMilli()))
}

// Ask implements address.Store.
func (s Links) Ask(ctx context.Context, tx bot.Tx, l address.Link, now time.Time) error {
	return conflictUnless(own(tx).exec(ctx, `UPDATE links SET state = 'asked' WHERE id = $1 AND state = 'typed' AND other_id = $2 AND expires_at > $3`,
		l.ID, string(l.Other), now.UnixMilli()))
}

// Drop implements address.Store.
func (s Links) Drop(ctx context.Context, tx bot.Tx, id string) error {
	_, err := own(tx).exec(ctx, `DELETE FROM links WHERE id = $1`, id)
	return err
}

// Prefer implements address.Store. A clock that was wrong once decides nothing: it is
// always later than what they said before.
func (s Links) Prefer(ctx context.Context, tx bot.Tx, id bot.MemberID, chat bot.AddressID, now time.Time) error {
	return conflictUnless(own(tx).exec(ctx, `
		UPDATE addresses SET preferred_at = 1 + (SELECT max(CASE WHEN b.preferred_at > $3 THEN b.preferred_at ELSE $3 END) FROM addresses b WHERE b.member_id = $2)
		WHERE id = $1 AND member_id = $2`, string(chat), string(id), now.UnixMilli()))
}

// Part implements address.Store. What was sent to the chat and what was answered there
// stays with the member that it leaves.
func (s Links) Part(ctx context.Context, tx bot.Tx, id bot.MemberID, chat bot.AddressID, as bot.MemberID) error {
	t := own(tx)
	if err := s.hold(ctx, t, id, id, 1); err != nil {
		return err
	}
	if err := s.settled(ctx, t, id, id); err != nil {
		return err
	}
	if writing, err := s.writing(ctx, t, id); err != nil || writing {
		return cmp.Or(err, bot.ErrConflict)
	}
	m, err := s.db.memberByID(ctx, t, id)
	if err != nil {
		return err
	}
	var sector []byte
	if m.Sector != "" {
		if sector, err = s.db.seal("members", "sector_sealed", string(as), []byte(m.Sector)); err != nil {
			return err
		}
	}
	_, err = t.exec(ctx, `
		INSERT INTO members (id, locale, speaks, state, outcode, sector_sealed, zone, consent, consent_locale, consent_at, discreet, created_at, seen_at)
		SELECT $2, locale, speaks, state, outcode, $3, zone, consent, consent_locale, consent_at, discreet, created_at, seen_at FROM members WHERE id = $1`,
		string(id), string(as), sector)
	if err != nil {
		return err
	}
	err = conflictUnless(t.exec(ctx, `
		UPDATE addresses SET member_id = $3, preferred_at = 0 WHERE id = $1 AND member_id = $2 AND EXISTS (
			SELECT 1 FROM addresses b WHERE b.member_id = $2 AND b.id <> $1)`, string(chat), string(id), string(as)))
	if err != nil {
		return err
	}
	// Where they opted in from goes with the last chat that they have there.
	_, err = t.exec(ctx, `
		UPDATE opt_ins SET member_id = $2 WHERE member_id = $1 AND chat_id IN (
			SELECT k.id FROM group_chats k JOIN addresses a ON a.account_id = k.account_id WHERE a.id = $3
			AND NOT EXISTS (SELECT 1 FROM addresses b WHERE b.member_id = $1 AND b.account_id = k.account_id))`, string(id), string(as), string(chat))
	if err != nil {
		return err
	}
	for _, statement := range []string{
		`INSERT INTO memberships (member_id, organisation_id, since, state) SELECT $2, organisation_id, since, state FROM memberships WHERE member_id = $1`,
		`INSERT INTO group_members (group_id, member_id, since, joined) SELECT group_id, $2, since, joined FROM group_members WHERE member_id = $1`,
		`INSERT INTO opt_ins (chat_id, member_id, since) SELECT chat_id, $2, since FROM opt_ins WHERE member_id = $1`,
		`DELETE FROM links WHERE member_id IN ($1, $2) OR other_id IN ($1, $2)`,
	} {
		if _, err := t.exec(ctx, statement, string(id), string(as)); err != nil {
			return err
		}
	}
	return nil
}
