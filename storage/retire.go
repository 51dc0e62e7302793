package storage

import (
	"context"
	"encoding/json"
	"time"

	"ella/bot"
	"ella/bot/privacy"
)

// The counters that the forgetting of the silent goes by.
const (
	counterRun      = "privacy.retire"
	counterPardoned = "privacy.pardoned"
)

// Runs implements privacy.Watch.
func (s Privacy) Runs(ctx context.Context) (last, pardoned time.Time, err error) {
	for _, c := range []struct {
		name string
		into *time.Time
	}{{counterRun, &last}, {counterPardoned, &pardoned}} {
		if *c.into, err = s.db.counter(ctx, c.name); err != nil {
			return last, pardoned, err
		}
	}
	return last, pardoned, nil
}

// counter reads an instant that was noted; none is zero.
func (db *DB) counter(ctx context.Context, name string) (time.Time, error) {
	var at int64
	err := db.read().queryRow(ctx, `SELECT value FROM counters WHERE name = $1`, name).Scan(&at)
	return instant(at), ignoreMissing(err)
}

// setCounter notes an instant. A column of milliseconds has 0 for none.
func setCounter(ctx context.Context, t *Tx, name string, at time.Time) error {
	var millis int64
	if !at.IsZero() {
		millis = at.UnixMilli()
	}
	_, err := t.exec(ctx, `INSERT INTO counters (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2`, name, millis)
	return err
}

// instant reads what a column of milliseconds holds, in which 0 is no time at all.
func instant(millis int64) time.Time {
	if millis == 0 {
		return time.Time{}
	}
	return time.UnixMilli(millis)
}

// NoteRun implements privacy.Watch.
func (s Privacy) NoteRun(ctx context.Context, tx bot.Tx, last, pardoned time.Time) error {
	t := own(tx)
	for name, at := range map[string]time.Time{counterRun: last, counterPardoned: pardoned} {
		if err := setCounter(ctx, t, name, at); err != nil {
			return err
		}
	}
	if last.IsZero() {
		return nil
	}
	// An address that went off before it was kept since when has its time from now on.
	_, err := t.exec(ctx, `UPDATE addresses SET off_at = $1 WHERE state <> 'on' AND off_at = 0`, day(last.UnixMilli()))
	return err
}

// reached says that a member can be reached.
const reached = `EXISTS (SELECT 1 FROM addresses a WHERE a.member_id = m.id AND a.state = 'on')`

// Unasked implements privacy.Watch.
func (s Privacy) Unasked(ctx context.Context, since time.Time, limit int) ([]privacy.Quiet, error) {
	return collect(scanQuiet)(s.db.read().query(ctx, silent+`m.state = 'active' AND m.asked_at = 0 AND `+reached+` ORDER BY m.seen_at, m.id LIMIT $2`,
		since.UnixMilli(), limit))
}

// silent begins every look for people who have not written since.
const silent = `SELECT m.id, m.locale, m.zone, m.seen_at FROM members m WHERE m.seen_at < $1 AND m.forgotten_at = 0 AND `

func scanQuiet(r *rows) (privacy.Quiet, error) {
	var q privacy.Quiet
	var seen int64
	err := r.Scan(&q.Member, &q.Locale, &q.Zone, &seen)
	q.Seen = time.UnixMilli(seen)
	return q, err
}

// Asked implements privacy.Watch.
func (s Privacy) Asked(ctx context.Context, tx bot.Tx, q privacy.Quiet, now time.Time) error {
	_, err := own(tx).exec(ctx, `UPDATE members SET asked_at = $3 WHERE id = $1 AND seen_at = $2`,
		string(q.Member), q.Seen.UnixMilli(), day(now.UnixMilli()))
	return err
}

// Due implements privacy.Watch. Whoever belongs somewhere or has a role has said
// yes to something, before there was a yes to what is stored: no newcomer.
func (s Privacy) Due(ctx context.Context, rule privacy.Kept, since, asked time.Time, limit int) ([]privacy.Quiet, error) {
	const end = ` ORDER BY m.seen_at, m.id LIMIT $2`
	switch rule {
	case privacy.Newcomers:
		return collect(scanQuiet)(s.db.read().query(ctx, silent+`m.consent = 0
			AND NOT EXISTS (SELECT 1 FROM roles r WHERE r.member_id = m.id)
			AND NOT EXISTS (SELECT 1 FROM memberships b WHERE b.member_id = m.id)`+end, since.UnixMilli(), limit))
	case privacy.Unreachable:
		return collect(scanQuiet)(s.db.read().query(ctx, silent+`NOT EXISTS (
			SELECT 1 FROM addresses a WHERE a.member_id = m.id AND (a.state = 'on' OR a.off_at = 0 OR a.off_at >= $1))`+end, since.UnixMilli(), limit))
	}
	return collect(scanQuiet)(s.db.read().query(ctx, silent+`(
		m.state = 'stopped' OR (m.asked_at > 0 AND m.asked_at < $3) OR NOT `+reached+`)`+end, since.UnixMilli(), limit, asked.UnixMilli()))
}

// ForgetQuiet implements privacy.Watch. They have not written, so who they are on
// the platform is not known; what of theirs was set aside is found by opening it.
func (s Privacy) ForgetQuiet(ctx context.Context, tx bot.Tx, q privacy.Quiet) error {
	t := own(tx)
	err := conflictUnless(t.exec(ctx, forgetMember+` AND seen_at = $4`, string(q.Member), s.db.now(), s.db.ids.New(), q.Seen.UnixMilli()))
	if err != nil {
		return err
	}
	lane, err := s.laneOf(ctx, t, q.Member)
	if err != nil {
		return err
	}
	return s.forget(ctx, t, q.Member, lane)
}

// laneOf is the lane of a member whose updates were set aside, or none. There are
// never many: each is looked at by a human, or goes after a month.
func (s Privacy) laneOf(ctx context.Context, from source, id bot.MemberID) ([]byte, error) {
	type update struct {
		id, account  string
		lane, sealed []byte
	}
	parked, err := collect(func(r *rows) (u update, err error) { return u, r.Scan(&u.id, &u.account, &u.lane, &u.sealed) })(
		from.query(ctx, `SELECT id, account_id, lane, raw_sealed FROM inbox WHERE state = 'parked' AND raw_sealed IS NOT NULL`))
	if err != nil {
		return nil, err
	}
	for _, u := range parked {
		body, err := s.db.open("inbox", "raw_sealed", u.id, u.sealed)
		var raw storedRaw
		if err != nil || json.Unmarshal(body, &raw) != nil {
			continue // damaged: nobody can tell whose it was
		}
		var one int
		err = from.queryRow(ctx, `SELECT 1 FROM addresses WHERE member_id = $1 AND sender_index = $2`,
			string(id), s.db.senderIndex(bot.AccountID(u.account), raw.Sender)).Scan(&one)
		if err == nil {
			return u.lane, nil
		}
		if ignoreMissing(err) != nil {
			return nil, err
		}
	}
	return nil, nil
}
