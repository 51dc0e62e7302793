package storage

import (
	"context"
	"time"

	"ella/bot"
	"ella/bot/relay"
)

// Letters keeps what members wrote to those who answer for something.
type Letters struct{ db *DB }

var _ relay.Store = Letters{}

// Letters gives the store of the relay.
func (db *DB) Letters() Letters { return Letters{db} }

// Organisations implements relay.Store.
func (s Letters) Organisations(ctx context.Context) ([]bot.Organisation, error) {
	return s.db.Members().Organisations(ctx)
}

// Recipients implements relay.Store.
func (s Letters) Recipients(ctx context.Context, organisation bot.OrganisationID, but bot.MemberID) ([]relay.Recipient, error) {
	return collect(func(r *rows) (to relay.Recipient, err error) { return to, r.Scan(&to.Member, &to.Locale) })(s.db.read().query(ctx, `
		SELECT DISTINCT m.id, m.locale FROM roles r JOIN members m ON m.id = r.member_id
		WHERE r.organisation_id = $1 AND r.state = 'on' AND m.state = 'active' AND m.id <> $2
		AND EXISTS (SELECT 1 FROM addresses a WHERE a.member_id = m.id AND a.state = 'on')
		AND r.kind = CASE WHEN EXISTS (
			SELECT 1 FROM roles g JOIN members w ON w.id = g.member_id JOIN addresses a ON a.member_id = w.id
			WHERE g.organisation_id = $1 AND g.state = 'on' AND g.kind = 'guardian' AND w.state = 'active' AND a.state = 'on' AND w.id <> $2) THEN 'guardian' ELSE 'organiser' END
		ORDER BY m.id`, string(organisation), string(but)))
}

const selectLetter = `
	SELECT l.id, l.kind, o.id, o.name, o.zone, o.sample, l.member_id, l.locale, l.speaks, l.text_sealed, l.state
	FROM letters l JOIN organisations o ON o.id = l.organisation_id JOIN members m ON m.id = l.member_id
	WHERE o.state = 'active' AND m.state <> 'forgotten' AND `

func (s Letters) scan(r interface{ Scan(dest ...any) error }) (relay.Letter, error) {
	var l relay.Letter
	var sealed []byte
	err := r.Scan(&l.ID, &l.Kind, &l.Organisation.ID, &l.Organisation.Name, &l.Organisation.Zone, &l.Organisation.Sample, &l.From, &l.Locale, &l.Speaks, &sealed, &l.State)
	if err != nil || sealed == nil {
		return l, err
	}
	text, err := s.db.open("letters", "text_sealed", string(l.ID), sealed)
	l.Text = string(text)
	return l, err
}

// Unanswered implements relay.Store.
func (s Letters) Unanswered(ctx context.Context, organisation bot.OrganisationID, limit int) ([]relay.Letter, error) {
	return collect(func(r *rows) (relay.Letter, error) { return s.scan(r) })(s.db.read().query(ctx, selectLetter+`
		l.organisation_id = $1 AND l.state IN ('open', 'read') ORDER BY l.id LIMIT $2`, string(organisation), limit))
}

// Letter implements relay.Store.
func (s Letters) Letter(ctx context.Context, id bot.LetterID) (relay.Letter, error) {
	return s.scan(s.db.read().queryRow(ctx, selectLetter+`l.id = $1`, string(id)))
}

// Waiting implements relay.Store.
func (s Letters) Waiting(ctx context.Context, organisation bot.OrganisationID, from bot.MemberID) (int, error) {
	var n int
	err := s.db.read().queryRow(ctx, `SELECT count(*) FROM letters WHERE ($1 = '' OR organisation_id = $1) AND member_id = $2 AND state IN ('open', 'read')`,
		string(organisation), string(from)).Scan(&n)
	return n, err
}

// Write implements relay.Store.
func (s Letters) Write(ctx context.Context, tx bot.Tx, l relay.Letter, now time.Time) error {
	var sealed []byte
	if l.Text != "" {
		var err error
		if sealed, err = s.db.seal("letters", "text_sealed", string(l.ID), []byte(l.Text)); err != nil {
			return err
		}
	}
	_, err := own(tx).exec(ctx, `
		INSERT INTO letters (id, kind, organisation_id, member_id, locale, speaks, text_sealed, state, created_at, changed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', $8, $8)`,
		string(l.ID), string(l.Kind), string(l.Organisation.ID), string(l.From), l.Locale, l.Speaks, sealed, now.UnixMilli())
	return err
}

// Mark implements relay.Store.
func (s Letters) Mark(ctx context.Context, tx bot.Tx, id bot.LetterID, state relay.State, now time.Time) error {
	return conflictUnless(own(tx).exec(ctx, `
		UPDATE letters SET state = CASE WHEN state = 'answered' THEN state ELSE $2 END, changed_at = $3 WHERE id = $1 AND state <> 'closed'`,
		string(id), string(state), now.UnixMilli()))
}

// CloseAll implements relay.Store.
func (s Letters) CloseAll(ctx context.Context, tx bot.Tx, from bot.MemberID, organisation bot.OrganisationID, now time.Time) error {
	_, err := own(tx).exec(ctx, `UPDATE letters SET state = 'closed', changed_at = $3 WHERE member_id = $1 AND ($2 = '' OR organisation_id = $2) AND state <> 'closed'`,
		string(from), string(organisation), now.UnixMilli())
	return err
}
