package storage

import (
	"context"
	"time"

	"ella/bot"
	"ella/bot/alert"
)

// unsettled is what makes a card one that its reader may have answered in vain: it is
// about an action that is open, and no answer of theirs has come since the outage
// began. $1 is the account, $2 when the outage began, $3 since when cards count, $4
// when it ended.
const unsettled = ` m.state = 'active' AND ad.account_id = $1 AND ad.state = 'on' AND c.state = 'open' AND NOT EXISTS (
	SELECT 1 FROM rsvps r WHERE r.action_id = c.id AND r.member_id = m.id AND r.updated_at >= $2)`

const selectDoubt = `SELECT c.id, m.id, m.locale, m.speaks, m.zone, m.discreet, ad.id, ad.account_id, ad.chat_sealed, `

// DoubtfulCards implements alert.Store. Of an action's own cards the newest in a chat
// is the one that counts, and the outbox keeps no other. SQLite goes by the addresses,
// as it is told to: there are far more replies to everybody than to each.
func (s Alerts) DoubtfulCards(ctx context.Context, o alert.Outage, since time.Time, limit int) ([]alert.Doubt, error) {
	return collect(func(r *rows) (alert.Doubt, error) {
		return s.doubt(r, "outbox", func(d *alert.Doubt) any { return &d.Card }, func(d alert.Doubt) string { return d.Card })
	})(s.db.read().query(ctx, selectDoubt+`o.ref_sealed, o.id
		FROM addresses ad CROSS JOIN outbox o JOIN members m ON m.id = ad.member_id JOIN actions c ON c.id = substr(o.topic, 6)
		WHERE`+unsettled+` AND o.address_id = ad.id AND o.topic LIKE 'rsvp:%' AND o.ref_sealed IS NOT NULL
		AND o.created_at >= $3 AND o.created_at <= $4 AND o.away_at <> $4 ORDER BY o.id LIMIT $5`,
		string(o.Account), o.From.UnixMilli(), since.UnixMilli(), o.To.UnixMilli(), limit))
}

// DoubtfulCopies implements alert.Store. A copy above a card of the action's own, or
// above a later copy, is not the one that somebody answers.
func (s Alerts) DoubtfulCopies(ctx context.Context, o alert.Outage, since time.Time, limit int) ([]alert.Doubt, error) {
	return collect(func(r *rows) (alert.Doubt, error) {
		return s.doubt(r, "deliveries", func(d *alert.Doubt) any { return &d.Alert }, func(d alert.Doubt) string { return rowKey(string(d.Alert), string(d.Member)) })
	})(s.db.read().query(ctx, selectDoubt+`d.ref_sealed, d.alert_id
		FROM deliveries d JOIN alerts a ON a.id = d.alert_id JOIN actions c ON c.id = a.action_id
		JOIN addresses ad ON ad.id = d.address_id JOIN members m ON m.id = d.member_id
		WHERE`+unsettled+` AND d.alert_id IN (SELECT w.id FROM alerts w JOIN actions q ON q.id = w.action_id WHERE q.state = 'open')
		AND d.state = 'sent' AND d.ref_sealed IS NOT NULL AND d.updated_at >= $3 AND d.updated_at <= $4 AND d.away_at <> $4
		AND NOT EXISTS (
			SELECT 1 FROM outbox o WHERE o.address_id = ad.id AND o.topic = 'rsvp:' || c.id AND o.state = 'sent' AND o.ref_sealed IS NOT NULL)
		AND NOT EXISTS (
			SELECT 1 FROM deliveries e JOIN alerts b ON b.id = e.alert_id
			WHERE e.member_id = d.member_id AND b.action_id = a.action_id AND e.state = 'sent' AND e.ref_sealed IS NOT NULL
			AND (e.updated_at > d.updated_at OR e.updated_at = d.updated_at AND e.alert_id > d.alert_id))
		ORDER BY d.alert_id, d.member_id LIMIT $5`,
		string(o.Account), o.From.UnixMilli(), since.UnixMilli(), o.To.UnixMilli(), limit))
}

// doubt reads one row, whose last column is which card it is about.
func (s Alerts) doubt(r *rows, table string, which func(*alert.Doubt) any, row func(alert.Doubt) string) (alert.Doubt, error) {
	var d alert.Doubt
	var address string
	var chat, ref []byte
	if err := r.Scan(&d.Action, &d.Member, &d.Reader.Locale, &d.Reader.Speaks, &d.Zone, &d.Discreet, &address, &d.Account, &chat, &ref, which(&d)); err != nil {
		return d, err
	}
	opened, err := s.db.open("addresses", "chat_sealed", address, chat)
	if err != nil {
		return d, err
	}
	d.Chat = string(opened)
	opened, err = s.db.open(table, "ref_sealed", row(d), ref)
	d.Ref = bot.Ref(opened)
	return d, err
}

// Settled implements alert.Store.
func (s Alerts) Settled(ctx context.Context, d alert.Doubt, since time.Time) (bool, error) {
	var settled bool
	err := s.db.read().queryRow(ctx, `
		SELECT EXISTS (SELECT 1 FROM rsvps WHERE action_id = $1 AND member_id = $2 AND updated_at >= $3)
		OR NOT EXISTS (SELECT 1 FROM actions WHERE id = $1 AND state = 'open')
		OR NOT EXISTS (SELECT 1 FROM members WHERE id = $2 AND state = 'active')`,
		string(d.Action), string(d.Member), since.UnixMilli()).Scan(&settled)
	return settled, err
}

// MarkAway implements alert.Store.
func (s Alerts) MarkAway(ctx context.Context, tx bot.Tx, d alert.Doubt, until time.Time, said bool) error {
	at := until.UnixMilli()
	switch {
	case until.IsZero():
		at = 0
	case !said:
		at = -at
	}
	table, row := "deliveries", rowKey(string(d.Alert), string(d.Member))
	if d.Card != "" {
		table, row = "outbox", d.Card
	}
	ref, err := s.db.seal(table, "ref_sealed", row, []byte(d.Ref))
	if err != nil {
		return err
	}
	if d.Card != "" {
		_, err := own(tx).exec(ctx, `UPDATE outbox SET away_at = $2, ref_sealed = $3 WHERE id = $1 AND ref_sealed IS NOT NULL`, d.Card, at, ref)
		return err
	}
	_, err = own(tx).exec(ctx, `UPDATE deliveries SET away_at = $3, ref_sealed = $4 WHERE alert_id = $1 AND member_id = $2 AND ref_sealed IS NOT NULL`,
		string(d.Alert), string(d.Member), at, ref)
	return err
}

// Away implements alert.Store.
func (s Alerts) Away(ctx context.Context, id bot.ActionID, member bot.MemberID) ([]alert.Doubt, error) {
	return collect(func(r *rows) (alert.Doubt, error) {
		d := alert.Doubt{Action: id, Member: member}
		var sealed []byte
		if err := r.Scan(&d.Alert, &sealed); err != nil {
			return d, err
		}
		ref, err := s.db.open("deliveries", "ref_sealed", rowKey(string(d.Alert), string(member)), sealed)
		d.Ref = bot.Ref(ref)
		return d, err
	})(s.db.read().query(ctx, `
		SELECT d.alert_id, d.ref_sealed FROM deliveries d JOIN alerts a ON a.id = d.alert_id
		WHERE d.member_id = $1 AND a.action_id = $2 AND d.away_at <> 0 AND d.ref_sealed IS NOT NULL ORDER BY d.alert_id`, string(member), string(id)))
}
