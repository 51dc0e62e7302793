package storage

import (
	"context"
	"time"

	"ella/bot"
	"ella/bot/delivery"
)

// Running implements delivery.Store.
func (s Delivery) Running(ctx context.Context) ([]delivery.Running, error) {
	return collect(func(r *rows) (delivery.Running, error) {
		var a delivery.Running
		var expires int64
		var state string
		err := r.Scan(&a.ID, &expires, &state)
		a.Expires, a.Cancelled = time.UnixMilli(expires), state == "cancelled"
		return a, err
	})(s.db.read().query(ctx, `
		SELECT id, expires_at, state FROM alerts
		WHERE (state = 'sending' OR state = 'cancelled') AND done_at IS NULL ORDER BY id`))
}

// Recover implements delivery.Store. Attempts are counted before a copy is
// written, so a copy that was begun twice is not begun again, however often the
// process dies.
func (s Delivery) Recover(ctx context.Context, owner string, now time.Time) (again, unknown int, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		t := own(tx)
		gone := ` WHERE state = 'attempting' AND owner <> $1` + s.onlyGone("deliveries.owner", "$2")
		n, err := t.exec(ctx, `UPDATE deliveries SET state = 'unknown', reason = 'interrupted', updated_at = $2`+gone+` AND attempts >= $3`,
			owner, now.UnixMilli(), bot.MaxAttempts)
		if err != nil {
			return err
		}
		m, err := t.exec(ctx, `UPDATE deliveries SET state = 'planned', held_until = 0, updated_at = $2`+gone, owner, now.UnixMilli())
		again, unknown = int(m), int(n)
		return err
	})
	return again, unknown, err
}

// Begin implements delivery.Store.
func (s Delivery) Begin(ctx context.Context, alert bot.AlertID, owner string, now time.Time, n int) ([]delivery.Copy, error) {
	var copies []delivery.Copy
	at := now.UnixMilli()
	err := s.db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		t := own(tx)
		begun, err := collect(func(r *rows) (c delivery.Copy, err error) {
			c.Alert = alert
			return c, r.Scan(&c.Member, &c.Attempts)
		})(t.query(ctx, `
			UPDATE deliveries SET state = 'attempting', attempts = attempts + 1, owner = $2, updated_at = $3
			WHERE alert_id = $1 AND state = 'planned' AND member_id IN (
				SELECT member_id FROM deliveries WHERE alert_id = $1 AND state = 'planned' AND held_until <= $3
				ORDER BY held_until, member_id LIMIT $4 `+s.db.skipLocked+`)
			RETURNING member_id, attempts`, string(alert), owner, at, n))
		if err != nil {
			return err
		}
		copies = begun
		for i := range copies {
			if err := s.look(ctx, t, &copies[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return copies, err
}

// look reads what is looked at once more before a copy is written.
func (s Delivery) look(ctx context.Context, t *Tx, c *delivery.Copy) error {
	var state string
	var belongs bool
	err := t.queryRow(ctx, `
		SELECT m.locale, m.speaks, m.zone, m.state, EXISTS (
			SELECT 1 FROM memberships b JOIN alerts a ON a.organisation_id = b.organisation_id
			WHERE b.member_id = m.id AND a.id = $2)
		FROM members m WHERE m.id = $1`, string(c.Member), string(c.Alert)).
		Scan(&c.Locale, &c.Speaks, &c.Zone, &state, &belongs)
	if err != nil {
		c.Stopped = true // forgotten meanwhile
		return ignoreMissing(err)
	}
	c.Stopped = state != string(bot.Active) || !belongs
	address, err := s.db.addressOf(ctx, t, c.Member)
	if err == nil {
		c.Address = address
	}
	return ignoreMissing(err)
}

// Ended implements delivery.Store.
func (s Delivery) Ended(ctx context.Context, tx bot.Tx, c delivery.Copy, end delivery.End, now time.Time) error {
	var ref []byte
	if end.Ref != "" {
		var err error
		if ref, err = s.db.seal("deliveries", "ref_sealed", rowKey(string(c.Alert), string(c.Member)), []byte(end.Ref)); err != nil {
			return err
		}
	}
	_, err := own(tx).exec(ctx, `
		UPDATE deliveries SET state = $3, reason = $4, locale = $5, address_id = $6, ref_sealed = $7, updated_at = $8
		WHERE alert_id = $1 AND member_id = $2 AND state = 'attempting' AND attempts = $9`,
		string(c.Alert), string(c.Member), string(end.State), clip(end.Reason), end.Locale, string(end.Address), ref, now.UnixMilli(), c.Attempts)
	return err
}

// Unsent implements delivery.Store.
func (s Delivery) Unsent(ctx context.Context, tx bot.Tx, c delivery.Copy, until, now time.Time) error {
	_, err := own(tx).exec(ctx, `
		UPDATE deliveries SET state = 'planned', attempts = attempts - 1, held_until = $3, updated_at = $4
		WHERE alert_id = $1 AND member_id = $2 AND state = 'attempting' AND attempts = $5`,
		string(c.Alert), string(c.Member), until.UnixMilli(), now.UnixMilli(), c.Attempts)
	return err
}

// Close implements delivery.Store.
func (s Delivery) Close(ctx context.Context, alert bot.AlertID, now time.Time) (bool, error) {
	closed := false
	err := s.db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		n, err := own(tx).exec(ctx, `
			UPDATE alerts SET done_at = $2, state = CASE WHEN state = 'sending' THEN 'done' ELSE state END
			WHERE id = $1 AND done_at IS NULL AND (state = 'sending' OR state = 'cancelled') AND NOT EXISTS (
				SELECT 1 FROM deliveries d WHERE d.alert_id = $1 AND (d.state = 'planned' OR d.state = 'attempting' OR d.state = 'held'))`,
			string(alert), now.UnixMilli())
		closed = n == 1
		return err
	})
	return closed && err == nil, err
}
