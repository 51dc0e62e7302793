package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"ella/bot"
	"ella/bot/action"
)

// Actions keeps what people turn up to, who said what, and which organisations
// take part.
type Actions struct {
	db *DB
	steady
}

var _ action.Store = Actions{}

// Actions gives the store of the action room.
func (db *DB) Actions() Actions { return Actions{db, steady{db}} }

// storedTitles is what an action is called, as it is kept, sealed.
type storedTitles struct {
	Version  int               `json:"v"`
	Titles   map[string]string `json:"titles"`
	Original string            `json:"original"`
}

const selectAction = `SELECT id, organisation_id, alert_id, title_sealed, state,
	NOT EXISTS (SELECT 1 FROM organisations o WHERE o.id = actions.organisation_id AND o.state = 'active') FROM actions `

func (s Actions) scan(r interface{ Scan(dest ...any) error }) (action.Action, error) {
	var a action.Action
	var title []byte
	var state string
	if err := r.Scan(&a.ID, &a.Organisation, &a.Alert, &title, &state, &a.Paused); err != nil {
		return a, err
	}
	a.Over = state == "over"
	text, err := s.db.open("actions", "title_sealed", string(a.ID), title)
	if err != nil {
		return a, err
	}
	var stored storedTitles
	if err := json.Unmarshal(text, &stored); err != nil {
		return a, fmt.Errorf("read action: %w", err)
	}
	if stored.Version != 1 {
		return a, fmt.Errorf("read action: version %d is not known", stored.Version)
	}
	a.Titles, a.Original = stored.Titles, stored.Original
	return a, nil
}

// Action implements action.Store.
func (s Actions) Action(ctx context.Context, id bot.ActionID) (action.Action, error) {
	return s.scan(s.db.read().queryRow(ctx, selectAction+`WHERE id = $1`, string(id)))
}

// AskedBy implements action.Store. Who has a copy under way is asked too: they may
// press before the platform has told us that it arrived.
func (s Actions) AskedBy(ctx context.Context, id bot.ActionID, member bot.MemberID) (bot.OrganisationID, error) {
	var by bot.OrganisationID
	err := s.db.read().queryRow(ctx, `
		SELECT a.organisation_id FROM alerts a JOIN deliveries d ON d.alert_id = a.id
		WHERE a.action_id = $1 AND d.member_id = $2 AND d.state IN ('sent', 'attempting', 'unknown', 'planned')
		ORDER BY a.submitted_at, a.id LIMIT 1`, string(id), string(member)).Scan(&by)
	return by, err
}

// RSVP implements action.Store.
func (s Actions) RSVP(ctx context.Context, id bot.ActionID, member bot.MemberID) (action.RSVP, error) {
	var r action.RSVP
	err := s.db.read().queryRow(ctx, `SELECT answer, plus FROM rsvps WHERE action_id = $1 AND member_id = $2`, string(id), string(member)).
		Scan(&r.Answer, &r.Plus)
	return r, err
}

// Counts implements action.Store. An answer that names no organisation was given
// before actions could be shared: the action's own had asked.
func (s Actions) Counts(ctx context.Context, a action.Action, organisation bot.OrganisationID) (action.Counts, error) {
	var c action.Counts
	err := s.db.view(ctx, func(from source) error {
		_, err := collect(func(r *rows) (struct{}, error) {
			var answer action.Answer
			var n, plus int
			err := r.Scan(&answer, &n, &plus)
			switch answer {
			case action.Yes:
				c.Yes, c.Plus = n, plus
			case action.Maybe:
				c.Maybe = n
			case action.No:
				c.No = n
			}
			return struct{}{}, err
		})(from.query(ctx, `
			SELECT r.answer, CAST(sum(r.people) AS BIGINT), CAST(sum(r.plus) AS BIGINT) FROM (
				SELECT action_id, organisation_id, answer, 1 AS people, plus FROM rsvps WHERE action_id = $1
				UNION ALL SELECT action_id, organisation_id, answer, people, plus FROM rsvp_counts WHERE action_id = $1) r JOIN actions a ON a.id = r.action_id
			WHERE r.action_id = $1 AND (r.organisation_id = $2 OR r.organisation_id = '' AND a.organisation_id = $2)
			GROUP BY r.answer`, string(a.ID), string(organisation)))
		if err != nil {
			return err
		}
		// How many of a list of people were asked is said nowhere (see bot/alert).
		// Of those who are only counted it is not known who was asked twice.
		return from.queryRow(ctx, `
			SELECT count(DISTINCT d.member_id) + COALESCE((
				SELECT max(k.people) FROM alerts a JOIN delivery_counts k ON k.alert_id = a.id
				WHERE a.action_id = $1 AND a.organisation_id = $2 AND k.state = 'sent' AND a.roster_sealed IS NULL), 0)
			FROM alerts a JOIN deliveries d ON d.alert_id = a.id
			WHERE a.action_id = $1 AND a.organisation_id = $2 AND d.state = 'sent' AND NOT d.chat AND a.roster_sealed IS NULL`, string(a.ID), string(organisation)).Scan(&c.Asked)
	})
	return c, err
}

// Open implements action.Store.
func (s Actions) Open(ctx context.Context, member bot.MemberID, limit int) ([]action.Action, error) {
	return collect(func(r *rows) (action.Action, error) { return s.scan(r) })(s.db.read().query(ctx, selectAction+`
		WHERE state = 'open' AND id IN (
			SELECT a.action_id FROM deliveries d JOIN alerts a ON a.id = d.alert_id
			WHERE d.member_id = $1 AND d.state IN ('sent', 'unknown') AND a.action_id <> ''
			UNION SELECT action_id FROM rsvps WHERE member_id = $1)
		ORDER BY id DESC LIMIT $2`, string(member), limit))
}

// wroteFor is whether an organisation has asked its people to come to an action.
const wroteFor = `EXISTS (SELECT 1 FROM alerts w WHERE w.action_id = actions.id AND w.organisation_id = $1 AND w.state <> 'draft')`

// Called implements action.Store.
func (s Actions) Called(ctx context.Context, organisation bot.OrganisationID, limit int) ([]action.Action, error) {
	return collect(func(r *rows) (action.Action, error) { return s.scan(r) })(s.db.read().query(ctx, selectAction+`
		WHERE organisation_id = $1 OR id IN (
			SELECT p.action_id FROM action_shares p JOIN actions ON actions.id = p.action_id
			WHERE p.organisation_id = $1 AND (p.state = 'accepted' OR `+wroteFor+`))
		ORDER BY id DESC LIMIT $2`, string(organisation), limit))
}

// Organisation implements action.Store.
func (s Actions) Organisation(ctx context.Context, id bot.OrganisationID) (bot.Organisation, error) {
	return s.db.organisation(ctx, id)
}

// Partners implements action.Store.
func (s Actions) Partners(ctx context.Context, a action.Action) ([]action.Partner, error) {
	return collect(func(r *rows) (p action.Partner, err error) {
		return p, r.Scan(&p.ID, &p.Name, &p.Zone, &p.Sample, &p.Sharing, &p.Wrote)
	})(s.db.read().query(ctx, `
		SELECT o.id, o.name, o.zone, o.sample, COALESCE(p.state, ''),
		       p.state IS NOT NULL AND EXISTS (SELECT 1 FROM alerts w WHERE w.action_id = $1 AND w.organisation_id = o.id AND w.state <> 'draft')
		FROM organisations o LEFT JOIN action_shares p ON p.organisation_id = o.id AND p.action_id = $1
		WHERE o.state = 'active' AND o.id <> $2 ORDER BY o.name, o.id`, string(a.ID), string(a.Organisation)))
}

// Organisers implements action.Store.
func (s Actions) Organisers(ctx context.Context, organisation bot.OrganisationID) ([]bot.Member, error) {
	return collect(func(r *rows) (m bot.Member, err error) {
		return m, r.Scan(&m.ID, &m.Locale, &m.Speaks, &m.State)
	})(s.db.read().query(ctx, `
		SELECT m.id, m.locale, m.speaks, m.state FROM members m
		WHERE m.state = 'active' AND m.id IN (
			SELECT r.member_id FROM roles r JOIN organisations o ON o.id = r.organisation_id
			WHERE r.organisation_id = $1 AND r.kind = 'organiser' AND r.state = 'on' AND o.state = 'active')
		ORDER BY m.id`, string(organisation)))
}

// Create implements action.Store.
func (s Actions) Create(ctx context.Context, tx bot.Tx, a action.Action, now time.Time) error {
	titles, err := json.Marshal(storedTitles{Version: 1, Titles: a.Titles, Original: a.Original})
	if err != nil {
		return fmt.Errorf("write action: %w", err)
	}
	title, err := s.db.seal("actions", "title_sealed", string(a.ID), titles)
	if err != nil {
		return err
	}
	_, err = own(tx).exec(ctx, `
		INSERT INTO actions (id, organisation_id, alert_id, title_sealed, state, created_at) VALUES ($1, $2, $3, $4, 'open', $5)`,
		string(a.ID), string(a.Organisation), string(a.Alert), title, now.UnixMilli())
	return err
}

// SetOver implements action.Store.
func (s Actions) SetOver(ctx context.Context, tx bot.Tx, id bot.ActionID, over bool) error {
	state, since := "open", int64(0)
	if over {
		state, since = "over", s.db.now()
	}
	_, err := own(tx).exec(ctx, `UPDATE actions SET state = $2, over_at = $3 WHERE id = $1 AND state <> $2`, string(id), state, since)
	return err
}

// Reply implements action.Store.
func (s Actions) Reply(ctx context.Context, tx bot.Tx, id bot.ActionID, member bot.MemberID, by bot.OrganisationID, r action.RSVP, now time.Time) error {
	_, err := own(tx).exec(ctx, `
		INSERT INTO rsvps (action_id, member_id, organisation_id, answer, plus, updated_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (action_id, member_id) DO UPDATE SET answer = $4, plus = $5, updated_at = $6`,
		string(id), string(member), string(by), string(r.Answer), r.Plus, now.UnixMilli())
	return err
}

// Share implements action.Store.
func (s Actions) Share(ctx context.Context, tx bot.Tx, id bot.ActionID, organisation bot.OrganisationID, from, to action.Sharing, now time.Time) error {
	if from == action.Unasked {
		return conflictUnless(own(tx).exec(ctx, `
			INSERT INTO action_shares (action_id, organisation_id, state, created_at, changed_at) VALUES ($1, $2, $3, $4, $4)
			ON CONFLICT (action_id, organisation_id) DO NOTHING`, string(id), string(organisation), string(to), now.UnixMilli()))
	}
	return conflictUnless(own(tx).exec(ctx, `
		UPDATE action_shares SET state = $4, changed_at = $5 WHERE action_id = $1 AND organisation_id = $2 AND state = $3`,
		string(id), string(organisation), string(from), string(to), now.UnixMilli()))
}
