package storage

import (
	"context"
	"time"

	"ella/bot"
	"ella/bot/privacy"
)

// mostStanding bounds how many messages of one chat are taken away.
const mostStanding = 1000

// standing is what stands in the chats of a member who is forgotten and was sent
// since then: replies, but for those that say goodbye, and copies of alerts. A list of
// commands stands there until another is shown.
func (s Privacy) standing(ctx context.Context, id string, since time.Time) ([]privacy.Standing, error) {
	addresses, err := collect(func(r *rows) (a bot.Address, err error) {
		var sealed []byte
		if err = r.Scan(&a.ID, &a.Account, &sealed, &a.Menu); err == nil {
			a.Chat, err = s.db.openChat(a.ID, sealed)
		}
		return a, err
	})(s.db.read().query(ctx, `SELECT id, account_id, chat_sealed, menu FROM addresses WHERE member_id = $1 ORDER BY id`, id))
	if err != nil {
		return nil, err
	}
	var all []privacy.Standing
	for _, a := range addresses {
		refs, err := s.refs(ctx, a.ID, id, since)
		if err != nil {
			return nil, err
		}
		if len(refs) > 0 || a.Menu != "" {
			all = append(all, privacy.Standing{Address: a, Refs: refs})
		}
	}
	return all, nil
}

func (s Privacy) refs(ctx context.Context, address bot.AddressID, member string, since time.Time) ([]bot.Ref, error) {
	seen := map[bot.Ref]bool{}
	var refs []bot.Ref
	for _, from := range []struct{ table, query string }{
		{"outbox", `SELECT o.id, '', o.ref_sealed FROM outbox o JOIN members m ON m.id = $2
			WHERE o.address_id = $1 AND o.ref_sealed IS NOT NULL AND o.due_at >= $3 AND o.id < m.goodbye_from ORDER BY o.id DESC LIMIT $4`},
		{"deliveries", `SELECT d.alert_id, d.member_id, d.ref_sealed FROM deliveries d
			WHERE d.member_id = $2 AND d.address_id = $1 AND d.state = 'sent' AND d.ref_sealed IS NOT NULL AND d.updated_at >= $3 ORDER BY d.alert_id DESC LIMIT $4`},
	} {
		type mark struct {
			row, of string
			sealed  []byte
		}
		marks, err := collect(func(r *rows) (m mark, err error) { return m, r.Scan(&m.row, &m.of, &m.sealed) })(
			s.db.read().query(ctx, from.query, string(address), member, since.UnixMilli(), mostStanding))
		if err != nil {
			return nil, err
		}
		for _, m := range marks {
			row := m.row
			if m.of != "" {
				row = rowKey(m.row, m.of)
			}
			ref, err := s.db.open(from.table, "ref_sealed", row, m.sealed)
			if err != nil || seen[bot.Ref(ref)] {
				continue // damaged, or changed in place since
			}
			seen[bot.Ref(ref)] = true
			refs = append(refs, bot.Ref(ref))
		}
	}
	return refs, nil
}

// SetDiscreet implements privacy.Store.
func (s Privacy) SetDiscreet(ctx context.Context, tx bot.Tx, id bot.MemberID, discreet bool) error {
	return conflictUnless(own(tx).exec(ctx, `UPDATE members SET discreet = $2 WHERE id = $1 AND forgotten_at = 0`, string(id), discreet))
}
