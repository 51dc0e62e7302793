package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"ella/bot"
	"ella/bot/action"
)

// Actions keeps what people turn up to, and who said what.
type Actions struct{ db *DB }

var _ action.Store = Actions{}

// Actions gives the store of the action room.
func (db *DB) Actions() Actions { return Actions{db} }

// storedTitles is what an action is called, as it is kept, sealed.
type storedTitles struct {
	Version  int               `json:"v"`
	Titles   map[string]string `json:"titles"`
	Original string            `json:"original"`
}

const selectAction = `SELECT id, organisation_id, alert_id, title_sealed, state FROM actions `

func (s Actions) scan(r interface{ Scan(dest ...any) error }) (action.Action, error) {
	var a action.Action
	var title []byte
	var state string
	if err := r.Scan(&a.ID, &a.Organisation, &a.Alert, &title, &state); err != nil {
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

// Invited implements action.Store. Who has a copy under way is invited too: they
// may press before the platform has told us that it arrived.
func (s Actions) Invited(ctx context.Context, a action.Action, id bot.MemberID) (bool, error) {
	var yes bool
	err := s.db.read().queryRow(ctx, `
		SELECT EXISTS (SELECT 1 FROM deliveries WHERE alert_id = $1 AND member_id = $2 AND state IN ('sent', 'attempting', 'unknown', 'planned'))`,
		string(a.Alert), string(id)).Scan(&yes)
	return yes, err
}

// RSVP implements action.Store.
func (s Actions) RSVP(ctx context.Context, id bot.ActionID, member bot.MemberID) (action.RSVP, error) {
	var r action.RSVP
	err := s.db.read().queryRow(ctx, `SELECT answer, plus FROM rsvps WHERE action_id = $1 AND member_id = $2`, string(id), string(member)).
		Scan(&r.Answer, &r.Plus)
	return r, err
}

// Counts implements action.Store.
func (s Actions) Counts(ctx context.Context, a action.Action) (action.Counts, error) {
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
		})(from.query(ctx, `SELECT answer, count(*), CAST(sum(plus) AS BIGINT) FROM rsvps WHERE action_id = $1 GROUP BY answer`, string(a.ID)))
		if err != nil {
			return err
		}
		return from.queryRow(ctx, `SELECT count(*) FROM deliveries WHERE alert_id = $1 AND state = 'sent'`, string(a.Alert)).Scan(&c.Asked)
	})
	return c, err
}

// Open implements action.Store.
func (s Actions) Open(ctx context.Context, member bot.MemberID, limit int) ([]action.Action, error) {
	return collect(func(r *rows) (action.Action, error) { return s.scan(r) })(s.db.read().query(ctx, selectAction+`
		WHERE state = 'open' AND alert_id IN (SELECT alert_id FROM deliveries WHERE member_id = $1 AND state IN ('sent', 'unknown'))
		ORDER BY id DESC LIMIT $2`, string(member), limit))
}

// Called implements action.Store.
func (s Actions) Called(ctx context.Context, organisation bot.OrganisationID, limit int) ([]action.Action, error) {
	return collect(func(r *rows) (action.Action, error) { return s.scan(r) })(s.db.read().query(ctx, selectAction+`
		WHERE organisation_id = $1 ORDER BY id DESC LIMIT $2`, string(organisation), limit))
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
	state := "open"
	if over {
		state = "over"
	}
	_, err := own(tx).exec(ctx, `UPDATE actions SET state = $2 WHERE id = $1`, string(id), state)
	return err
}

// Reply implements action.Store.
func (s Actions) Reply(ctx context.Context, tx bot.Tx, id bot.ActionID, member bot.MemberID, r action.RSVP, now time.Time) error {
	_, err := own(tx).exec(ctx, `
		INSERT INTO rsvps (action_id, member_id, answer, plus, updated_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (action_id, member_id) DO UPDATE SET answer = $3, plus = $4, updated_at = $5`,
		string(id), string(member), string(r.Answer), r.Plus, now.UnixMilli())
	return err
}
