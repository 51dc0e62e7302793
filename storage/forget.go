package storage

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"ella/bot"
	"ella/bot/privacy"
)

// Privacy shows what is stored of a person, and forgets it.
type Privacy struct{ db *DB }

var _ privacy.Store = Privacy{}

// Privacy gives the store of the privacy room.
func (db *DB) Privacy() Privacy { return Privacy{db} }

// Write implements privacy.Store.
func (s Privacy) Write(ctx context.Context, unit bot.Change) error { return s.db.Write(ctx, unit) }

// Scrub implements privacy.Store.
func (s Privacy) Scrub(ctx context.Context) (bool, error) {
	err := s.db.Scrub(ctx)
	if KindOf(err) == Busy {
		return false, nil
	}
	return err == nil, err
}

// Forget implements privacy.Store.
func (s Privacy) Forget(ctx context.Context, tx bot.Tx, id bot.MemberID, account bot.AccountID, sender string) error {
	t := own(tx)
	if _, err := t.exec(ctx, forgetMember, string(id), s.db.now(), s.db.ids.New()); err != nil {
		return err
	}
	return s.forget(ctx, t, id, s.db.index("inbox.lane", string(account), sender))
}

// forgetMember leaves a row that says nothing but that it goes. Its key stays for
// as long as the goodbye is on its way.
const forgetMember = `
	UPDATE members SET state = 'forgotten', forgotten_at = $2, locale = '', speaks = '', outcode = '', sector_sealed = NULL, zone = '',
		consent = 0, consent_locale = '', consent_at = 0, asked_at = 0, seen_at = 0, created_at = 0, discreet = FALSE, goodbye_from = $3
	WHERE id = $1 AND forgotten_at = 0`

// forget takes away all by which a member is found, counted, or may do anything.
func (s Privacy) forget(ctx context.Context, t *Tx, id bot.MemberID, lane []byte) error {
	for _, statement := range leave() {
		if _, err := t.exec(ctx, statement, string(id)); err != nil {
			return err
		}
	}
	// What they have sent and nobody has read yet goes unread.
	for _, unread := range []struct {
		where string
		of    any
	}{
		{`lane = $1`, lane},
		{`lane IN (SELECT lane_index FROM addresses WHERE member_id = $1)`, string(id)},
	} {
		if _, err := t.exec(ctx, `DELETE FROM inbox WHERE `+unread.where+` AND state IN ('waiting', 'parked')`, unread.of); err != nil {
			return err
		}
	}
	addresses, err := collect(scanString)(t.query(ctx, `SELECT id FROM addresses WHERE member_id = $1 ORDER BY id`, string(id)))
	if err != nil {
		return err
	}
	for _, address := range addresses {
		// Whoever writes from there again is somebody new.
		nobody := make([]byte, indexSize)
		_, _ = rand.Read(nobody) // it never fails
		if _, err := t.exec(ctx, `UPDATE addresses SET sender_index = $2, lane_index = NULL WHERE id = $1`, address, nobody); err != nil {
			return err
		}
	}
	return nil
}

// theirs are the roles of a member.
const theirs = `(SELECT id FROM roles WHERE member_id = $1)`

// leave are the statements that end what a member belongs to and may do. What
// they began as an organiser, and nobody has finished, ends with it: invitations,
// roles that wait for a second yes, approvals. What was finished stays, without
// saying by whom.
func leave() []string {
	return []string{
		// Whoever changes roles at this moment must look again: a yes of theirs is void.
		`UPDATE organisations SET roles_version = roles_version + 1 WHERE id IN (SELECT organisation_id FROM roles WHERE member_id = $1)`,
		`DELETE FROM approvals WHERE role_id IN ` + theirs + ` OR subject_id IN ` + theirs,
		`DELETE FROM approvals WHERE subject_id IN (SELECT id FROM roles WHERE state = 'asked' AND invited_by IN ` + theirs + `)`,
		`DELETE FROM roles WHERE state = 'asked' AND invited_by IN ` + theirs,
		`DELETE FROM invites WHERE used_at IS NULL AND invited_by IN ` + theirs,
		`UPDATE invites SET invited_by = '' WHERE invited_by IN ` + theirs,
		`UPDATE invites SET used_by = NULL WHERE used_by = $1`,
		`UPDATE roles SET invited_by = '' WHERE invited_by IN ` + theirs,
		`UPDATE group_chats SET linked_by = '' WHERE linked_by IN ` + theirs,
		`DELETE FROM group_chat_codes WHERE member_id = $1`,
		`DELETE FROM links WHERE member_id = $1 OR other_id = $1`,
		`DELETE FROM roles WHERE member_id = $1`,
		`DELETE FROM opt_ins WHERE member_id = $1`,
		`DELETE FROM group_members WHERE member_id = $1`,
		`DELETE FROM memberships WHERE member_id = $1`,
		`DELETE FROM conversations WHERE member_id = $1`,
	}
}

const (
	// goodbye is how long the last reply to somebody may take. After it they are
	// erased in any case.
	goodbye = 30 * time.Second
	// erasedAtOnce is how many rows of somebody's history go in one unit of work: few
	// enough that nobody else waits for it on SQLite, where one writes at a time.
	// PostgreSQL has more to do with each unit, and nobody waits there.
	erasedAtOnce         = 200
	erasedAtOncePostgres = 1000
	// forgottenAtOnce is how many members one call of Erase looks at.
	forgottenAtOnce = 200
)

// forgotten finds them by when they were: whatever else is written of them, that
// stays.
const forgotten = ` FROM members m WHERE m.forgotten_at > 0`

// Erase implements privacy.Store.
func (s Privacy) Erase(ctx context.Context, since time.Time, takeBack func(ctx context.Context, all []privacy.Standing)) (erased, left int, err error) {
	ready, err := collect(scanString)(s.db.read().query(ctx, `SELECT m.id`+forgotten+` AND (m.forgotten_at <= $1 OR NOT EXISTS (
		SELECT 1 FROM addresses a JOIN outbox o ON o.address_id = a.id WHERE a.member_id = m.id AND o.state IN ('sending', 'waiting')))
		ORDER BY m.id LIMIT $2`, s.db.clock.Now().Add(-goodbye).UnixMilli(), forgottenAtOnce))
	if err != nil {
		return 0, 0, err
	}
	var stand []privacy.Standing
	for _, id := range ready {
		// What can't be read is left standing: nobody stays here for it.
		if theirs, err := s.standing(ctx, id, since); err == nil {
			stand = append(stand, theirs...)
		}
	}
	if len(stand) > 0 {
		takeBack(ctx, stand)
	}
	var failed error
	for _, id := range ready {
		// One who can't be erased keeps nobody else here.
		if err := s.erase(ctx, id); err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		erased++
	}
	err = s.db.read().queryRow(ctx, `SELECT count(*)`+forgotten).Scan(&left)
	return erased, left, errors.Join(failed, err)
}

// erase deletes what is left of one member.
func (s Privacy) erase(ctx context.Context, id string) error {
	most := int64(erasedAtOnce)
	if s.db.engine == postgres {
		most = erasedAtOncePostgres
	}
	for more := true; more; {
		err := s.db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
			n, err := s.eraseHistory(ctx, own(tx), id, most)
			more = n >= most
			return err
		})
		if err != nil {
			return err
		}
	}
	return s.db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		t := own(tx)
		// Once more, without a bound: whatever was under way when they went may have
		// written since.
		if _, err := s.eraseHistory(ctx, t, id, 1<<30); err != nil {
			return err
		}
		for _, statement := range append(leave(),
			`DELETE FROM alert_variants WHERE alert_id IN (SELECT id FROM alerts WHERE author_id = $1 AND state = 'draft')`,
			`DELETE FROM alerts WHERE author_id = $1 AND state = 'draft'`,
			`UPDATE alerts SET author_id = '' WHERE author_id = $1`,
			// One that is being frozen begins anew: rows that are there stay as they are.
			`UPDATE alerts SET frozen_to = '' WHERE frozen_to = $1 AND frozen_to <> ''`,
			`DELETE FROM addresses WHERE member_id = $1`,
			`DELETE FROM members WHERE id = $1`,
		) {
			if _, err := t.exec(ctx, statement, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// eraseHistory deletes at most so many rows of what a member got, said and was
// told, and returns how many. Of copies it stays known how many there were and
// what became of them, so that an alert's numbers still add up. Answers are not
// counted any more: they no longer come.
func (s Privacy) eraseHistory(ctx context.Context, t *Tx, id string, most int64) (int64, error) {
	n, err := foldCopies(ctx, t, `
		WITH chunk AS MATERIALIZED (SELECT alert_id FROM deliveries WHERE member_id = $1 LIMIT $2)
		DELETE FROM deliveries WHERE member_id = $1 AND alert_id IN (SELECT alert_id FROM chunk) RETURNING alert_id, state`, id, most)
	if err != nil {
		return n, err
	}
	for _, statement := range []string{
		`WITH chunk AS MATERIALIZED (SELECT action_id FROM rsvps WHERE member_id = $1 LIMIT $2)
		DELETE FROM rsvps WHERE member_id = $1 AND action_id IN (SELECT action_id FROM chunk)`,
		`DELETE FROM letters WHERE id IN (SELECT id FROM letters WHERE member_id = $1 LIMIT $2)`,
		`DELETE FROM outbox WHERE id IN (
			SELECT o.id FROM outbox o JOIN addresses a ON a.id = o.address_id WHERE a.member_id = $1 LIMIT $2)`,
	} {
		gone, err := t.exec(ctx, statement, id, most-n)
		if n += gone; err != nil {
			return n, err
		}
	}
	return n, nil
}

// foldCopies runs a statement that deletes copies and returns the alert and the
// state of each, and adds them to what is only counted. One that was being sent
// may have arrived, one that was planned never will.
func foldCopies(ctx context.Context, t *Tx, statement string, args ...any) (int64, error) {
	type end struct{ alert, state string }
	gone, err := collect(func(r *rows) (e end, err error) { return e, r.Scan(&e.alert, &e.state) })(t.query(ctx, statement, args...))
	if err != nil {
		return 0, err
	}
	counts := map[end]int{}
	for _, e := range gone {
		switch e.state {
		case "sent", "refused", "unknown", "skipped", "cancelled":
		case "attempting":
			e.state = "unknown"
		default:
			e.state = "skipped"
		}
		counts[e]++
	}
	all := make([]end, 0, len(counts))
	for e := range counts {
		all = append(all, e)
	}
	// In one order, so that two processes don't wait for each other's rows.
	slices.SortFunc(all, func(a, b end) int { return strings.Compare(a.alert+a.state, b.alert+b.state) })
	for len(all) > 0 {
		n := 1
		if len(all) >= countedAtOnce {
			n = countedAtOnce
		}
		var values []any
		for _, e := range all[:n] {
			values = append(values, e.alert, e.state, counts[e])
		}
		if _, err := t.exec(ctx, countCopies(n), values...); err != nil {
			return 0, err
		}
		all = all[n:]
	}
	return int64(len(gone)), nil
}

// countedAtOnce is how many counts one statement raises.
const countedAtOnce = 50

// countCopies is the statement that raises n counts. There are two of them, so
// they are prepared once like every other.
func countCopies(n int) string {
	var b strings.Builder
	b.WriteString(`INSERT INTO delivery_counts (alert_id, state, people) VALUES `)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `($%d, $%d, CAST($%d AS BIGINT))`, 3*i+1, 3*i+2, 3*i+3)
	}
	b.WriteString(` ON CONFLICT (alert_id, state) DO UPDATE SET people = delivery_counts.people + excluded.people`)
	return b.String()
}
