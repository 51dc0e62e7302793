package storage

import (
	"context"

	"ella/bot"
)

// An action that an organisation has called, and others take part in, outlasts it:
// the others' people have answered to it.

// unclaimed deletes those answers to an organisation's actions that name no
// organisation. They are its own, and would not be known as such any more once an
// action is another's.
func unclaimed(ctx context.Context, t *Tx, id bot.OrganisationID) (bool, error) {
	const its = `organisation_id = '' AND action_id IN (SELECT id FROM actions WHERE organisation_id = $1)`
	return deleteSome(ctx, t, id, []holding{
		{"rsvps", []string{"action_id", "member_id"}, its},
		{"rsvp_counts", []string{"action_id", "organisation_id", "answer"}, its},
	})
}

// heirs are the organisations that may take over an action: those that take part,
// and those that once did and have asked their people to come.
const heirs = `
	FROM action_shares p JOIN organisations o ON o.id = p.organisation_id
	WHERE o.state <> 'removed' AND (p.state = 'accepted' OR EXISTS (
		SELECT 1 FROM alerts w WHERE w.action_id = p.action_id AND w.organisation_id = p.organisation_id AND w.state <> 'draft'))`

// heir is who takes over an action, $1: of those who take part, whoever was the
// first to say so, and is not paused.
const heir = `SELECT p.organisation_id` + heirs + ` AND p.action_id = $1
	ORDER BY CASE WHEN p.state = 'accepted' THEN 0 ELSE 1 END, CASE WHEN o.state = 'active' THEN 0 ELSE 1 END, p.changed_at, p.organisation_id
	LIMIT 1`

// bequeathedAtOnce is how many actions one unit of work hands over.
const bequeathedAtOnce = 50

// bequeath gives actions of an organisation to those who take part in them, and
// reports whether more may be left. What the action began with was the
// organisation's own, and goes: the heir's own first alert stands in for it.
func bequeath(ctx context.Context, t *Tx, id bot.OrganisationID) (bool, error) {
	actions, err := collect(scanString)(t.query(ctx, `
		SELECT id FROM actions WHERE organisation_id = $1 AND id IN (SELECT p.action_id`+heirs+`) ORDER BY id LIMIT $2`, string(id), bequeathedAtOnce))
	if err != nil {
		return false, err
	}
	for _, action := range actions {
		var to string
		if err := t.queryRow(ctx, heir, action).Scan(&to); err != nil {
			return false, err
		}
		if _, err := t.exec(ctx, `
			UPDATE actions SET organisation_id = $2, alert_id = COALESCE((
				SELECT w.id FROM alerts w WHERE w.action_id = actions.id AND w.organisation_id = $2 AND w.state <> 'draft'
				ORDER BY w.submitted_at, w.id LIMIT 1), '')
			WHERE id = $1`, action, to); err != nil {
			return false, err
		}
		if _, err := t.exec(ctx, `DELETE FROM action_shares WHERE action_id = $1 AND organisation_id = $2`, action, to); err != nil {
			return false, err
		}
	}
	return len(actions) == bequeathedAtOnce, nil
}
