package storage

import (
	"context"

	"ella/bot"
	"ella/bot/privacy"
)

// Bereft implements privacy.Store.
func (s Privacy) Bereft(ctx context.Context, id bot.MemberID) ([]privacy.Bereft, error) {
	return collect(func(r *rows) (b privacy.Bereft, err error) {
		return b, r.Scan(&b.Member, &b.Locale, &b.Kind, &b.Number, &b.Organisation, &b.Own)
	})(s.db.read().query(ctx, `
		SELECT m.id, m.locale, r.kind, r.number, o.name, r.member_id <> $1 FROM roles r JOIN organisations o ON o.id = r.organisation_id
		JOIN roles x ON (x.id = r.id AND r.state = 'asked') OR
			(x.organisation_id = r.organisation_id AND x.kind = 'organiser' AND x.state = 'on' AND r.state = 'on' AND r.kind IN ('organiser', 'guardian'))
		JOIN members m ON m.id = x.member_id
		WHERE o.state = 'active' AND m.id <> $1 AND ((r.member_id = $1 AND r.state = 'on') OR (r.state = 'asked' AND r.invited_by IN `+theirs+`))
		ORDER BY m.id, r.id`, string(id)))
}
