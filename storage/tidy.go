package storage

import (
	"context"
	"time"

	"ella/bot"
	"ella/bot/privacy"
)

// tidyAtOnce is how many rows go in one unit of work, so that nobody waits.
const tidyAtOnce = 500

// counterTidied is when Tidy last ran, and leap the longest time since then that a
// clock is believed at once.
const (
	counterTidied = "storage.tidied"
	leap          = 3 * 24 * time.Hour
)

// tidying is one rule of what people are told about how long things are kept, as
// it is carried out.
type tidying struct {
	rule privacy.Kept
	// statement deletes at most $2 rows that are older than $1.
	statement string
	// byID: the rows' ids tell the age, so $1 is an id instead of milliseconds.
	byID bool
	// fold, where it is set, takes what the statement returns into the counts that
	// are all that stays.
	fold func(ctx context.Context, t *Tx, statement string, args ...any) (int64, error)
}

// tidyings are what Tidy does. The members who are forgotten for their silence
// are the privacy room's; roles lapse in the role room's job.
func tidyings() []tidying {
	return []tidying{
		{rule: privacy.Updates, byID: true, statement: `
			DELETE FROM inbox WHERE id IN (SELECT id FROM inbox WHERE id < $1 AND state = 'done' ORDER BY id LIMIT $2)`},
		{rule: privacy.Parked, byID: true, statement: `
			DELETE FROM inbox WHERE id IN (SELECT id FROM inbox WHERE id < $1 AND state = 'parked' ORDER BY id LIMIT $2)`},
		{rule: privacy.Replies, byID: true, statement: `
			DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE id < $1 AND state IN ('sent', 'unknown', 'refused') ORDER BY id LIMIT $2)`},
		// What has a ref was sent: asked for by its state, SQLite would look at all of them.
		{rule: privacy.Standings, byID: true, statement: `
			DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE id < $1 AND ref_sealed IS NOT NULL AND topic = '' ORDER BY id LIMIT $2)`},
		{rule: privacy.Invitations, statement: `
			DELETE FROM invites WHERE id IN (SELECT id FROM invites WHERE expires_at < $1 LIMIT $2)`},
		{rule: privacy.Invitations, statement: `
			DELETE FROM group_chat_codes WHERE member_id IN (SELECT member_id FROM group_chat_codes WHERE expires_at < $1 LIMIT $2)`},
		{rule: privacy.Invitations, statement: `
			DELETE FROM installs WHERE id IN (SELECT id FROM installs WHERE expires_at < $1 LIMIT $2)`},
		{rule: privacy.Invitations, statement: `
			DELETE FROM links WHERE id IN (SELECT id FROM links WHERE expires_at < $1 LIMIT $2)`},
		{rule: privacy.GroupChats, statement: `
			DELETE FROM opt_ins WHERE (chat_id, member_id) IN (
				SELECT i.chat_id, i.member_id FROM opt_ins i WHERE i.chat_id IN (` + oldChats + `) LIMIT $2)`},
		{rule: privacy.GroupChats, statement: `
			DELETE FROM group_chats WHERE id IN (` + oldChats + ` LIMIT $2)`},
		{rule: privacy.Letters, statement: `
			DELETE FROM letters WHERE id IN (SELECT id FROM letters WHERE state <> 'open' AND changed_at < $1 LIMIT $2)`},
		{rule: privacy.OldLetters, statement: `
			DELETE FROM letters WHERE id IN (SELECT id FROM letters WHERE created_at < $1 LIMIT $2)`},
		// Somebody who has not answered for half a year in which nobody said that it
		// is over does not come any more: the action is over with its answers.
		{rule: privacy.OldAnswers, statement: `
			UPDATE actions SET state = 'over', over_at = created_at WHERE id IN (
				SELECT id FROM actions WHERE state <> 'over' AND created_at < $1 LIMIT $2)`},
		{rule: privacy.OldAnswers, fold: foldAnswers, statement: oldAnswers(`c.created_at < $1`)},
		{rule: privacy.Answers, fold: foldAnswers, statement: oldAnswers(`c.state = 'over' AND c.over_at > 0 AND c.over_at < $1`)},
		// A copy of an invitation is what lets its reader answer, so it stays until
		// that is over.
		{rule: privacy.Copies, statement: `
			DELETE FROM deliveries WHERE (alert_id, member_id) IN (
				SELECT d.alert_id, d.member_id FROM alerts a JOIN deliveries d ON d.alert_id = a.id AND d.chat
				WHERE a.done_at < $1 AND NOT EXISTS (SELECT 1 FROM actions c WHERE c.id = a.action_id AND c.state = 'open') LIMIT $2)`},
		{rule: privacy.Copies, fold: foldCopies, statement: `
			WITH chunk AS MATERIALIZED (
				SELECT d.alert_id, d.member_id FROM alerts a JOIN deliveries d ON d.alert_id = a.id AND NOT d.chat
				WHERE a.done_at < $1 AND NOT EXISTS (SELECT 1 FROM actions c WHERE c.id = a.action_id AND c.state = 'open') LIMIT $2)
			DELETE FROM deliveries WHERE (alert_id, member_id) IN (SELECT alert_id, member_id FROM chunk) RETURNING alert_id, state`},
		{rule: privacy.Drafts, statement: `
			DELETE FROM alert_variants WHERE alert_id IN (` + oldDrafts + `)`},
		{rule: privacy.Drafts, statement: `
			DELETE FROM alerts WHERE state = 'draft' AND created_at < $1 AND id IN (
				SELECT id FROM alerts WHERE state = 'draft' AND created_at < $1
				AND NOT EXISTS (SELECT 1 FROM alert_variants v WHERE v.alert_id = alerts.id) LIMIT $2)`},
	}
}

// oldChats are those that Ella was taken out of, and those of closed groups.
const oldChats = `SELECT k.id FROM group_chats k JOIN groups g ON g.id = k.group_id
	WHERE k.state = 'off' AND k.changed_at < $1 OR g.state = 'closed' AND g.updated_at < $1`

func oldAnswers(which string) string {
	return `
		WITH chunk AS MATERIALIZED (
			SELECT r.action_id, r.member_id FROM actions c JOIN rsvps r ON r.action_id = c.id WHERE ` + which + ` LIMIT $2)
		DELETE FROM rsvps WHERE (action_id, member_id) IN (SELECT action_id, member_id FROM chunk) RETURNING action_id, organisation_id, answer, plus`
}

// oldDrafts are those of which no text was touched since.
const oldDrafts = `SELECT id FROM alerts WHERE state = 'draft' AND created_at < $1 AND NOT EXISTS (
	SELECT 1 FROM alert_variants v WHERE v.alert_id = alerts.id AND v.updated_at >= $1) ORDER BY id LIMIT $2`

// foldAnswers runs a statement that deletes answers, and adds them to what is only
// counted.
func foldAnswers(ctx context.Context, t *Tx, statement string, args ...any) (int64, error) {
	type kind struct{ action, organisation, answer string }
	type sum struct{ people, plus int }
	counts := map[kind]sum{}
	var n int64
	_, err := collect(func(r *rows) (struct{}, error) {
		var k kind
		var plus int
		err := r.Scan(&k.action, &k.organisation, &k.answer, &plus)
		c := counts[k]
		counts[k] = sum{c.people + 1, c.plus + plus}
		n++
		return struct{}{}, err
	})(t.query(ctx, statement, args...))
	if err != nil {
		return 0, err
	}
	for k, c := range counts {
		_, err := t.exec(ctx, `
			INSERT INTO rsvp_counts (action_id, organisation_id, answer, people, plus) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (action_id, organisation_id, answer) DO UPDATE SET people = rsvp_counts.people + $4, plus = rsvp_counts.plus + $5`,
			k.action, k.organisation, k.answer, c.people, c.plus)
		if err != nil {
			return 0, err
		}
	}
	return n, nil
}

// Tidy deletes what has served its time, a little in each unit of work so that
// nobody waits, and makes it unreadable in the files. What was counted when a
// number of people was shown stays: forgotten, it would let the number move by one
// person.
//
// When days have passed since the last time it deletes nothing, and only the next
// time: a computer's clock may be far ahead for a moment.
func (db *DB) Tidy(ctx context.Context) error {
	now := db.clock.Now()
	last, err := db.counter(ctx, counterTidied)
	if err != nil {
		return err
	}
	if err := db.Write(ctx, func(ctx context.Context, tx bot.Tx) error { return setCounter(ctx, own(tx), counterTidied, now) }); err != nil {
		return err
	}
	if gap := now.Sub(last); !last.IsZero() && gap > leap {
		db.log.Warn("days have passed since anything was deleted, or the clock was wrong: nothing is deleted until the next time", "took", gap)
		return nil
	}
	for _, d := range tidyings() {
		if err := db.tidy(ctx, d, now.Add(-privacy.Keep(d.rule))); err != nil {
			return err
		}
	}
	if err := db.Scrub(ctx); err != nil && KindOf(err) != Busy {
		return err
	}
	return nil // where somebody was reading, the next time does it
}

func (db *DB) tidy(ctx context.Context, d tidying, before time.Time) error {
	var than any = before.UnixMilli()
	if d.byID {
		than = bot.FirstID(before)
	}
	for n := int64(tidyAtOnce); n >= tidyAtOnce; {
		err := db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
			run := d.fold
			if run == nil {
				run = func(ctx context.Context, t *Tx, statement string, args ...any) (int64, error) {
					return t.exec(ctx, statement, args...)
				}
			}
			var err error
			n, err = run(ctx, own(tx), d.statement, than, tidyAtOnce)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
