package storage

import (
	"context"
	"errors"
	"strings"
	"time"

	"ella/bot"
	"ella/bot/delivery"
)

// Running implements delivery.Store.
func (s Delivery) Running(ctx context.Context) ([]delivery.Running, error) {
	return collect(func(r *rows) (delivery.Running, error) {
		var a delivery.Running
		var expires int64
		err := r.Scan(&a.ID, &expires, &a.Cancelled)
		a.Expires = time.UnixMilli(expires)
		return a, err
	})(s.db.read().query(ctx, `
		SELECT id, expires_at, state = 'cancelled' OR EXISTS (SELECT 1 FROM actions c WHERE c.id = alerts.action_id AND c.state = 'over') FROM alerts
		WHERE (state = 'sending' OR state = 'cancelled') AND done_at IS NULL ORDER BY id`))
}

// Recover implements delivery.Store. Attempts are counted before a copy is
// written, so a copy that was begun twice is not begun again, however often the
// process dies.
func (s Delivery) Recover(ctx context.Context, owner string, held func(key string) bool, now time.Time) (again, unknown int, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		t := own(tx)
		if err := disownCopies(ctx, t, owner, held, now.Add(-strandedAfter)); err != nil {
			return err
		}
		gone := ` WHERE state = 'attempting' AND ` + running + ` AND owner <> $1` + s.onlyGone("deliveries.owner", "$2")
		n, err := t.exec(ctx, `UPDATE deliveries SET state = 'unknown', reason = 'interrupted', updated_at = $2`+gone+` AND (attempts >= $3 OR had)`,
			owner, now.UnixMilli(), bot.MaxAttempts)
		if err != nil {
			return err
		}
		m, err := t.exec(ctx, `UPDATE deliveries SET state = 'planned', held_until = 0, updated_at = $2`+gone, owner, now.UnixMilli())
		if err != nil {
			return err
		}
		again, unknown = int(m), int(n)
		// Their leases end; what waits because its platform said so has no owner.
		_, err = t.exec(ctx, `UPDATE deliveries SET held_until = 0 WHERE state = 'planned' AND `+running+` AND held_until > $2 AND owner <> $1 AND owner <> ''`+
			s.onlyGone("deliveries.owner", "$2"), owner, now.UnixMilli())
		return err
	})
	return again, unknown, err
}

// running finds copies by their alerts, of which few are running, while the
// ledger has a row for every copy ever sent.
const running = `alert_id IN (SELECT id FROM alerts WHERE state IN ('sending', 'cancelled') AND done_at IS NULL)`

// disownCopies takes the owner's name off those copies that it has had since
// before and does not hold, so that they count as begun by an owner that is gone.
func disownCopies(ctx context.Context, t *Tx, owner string, held func(key string) bool, before time.Time) error {
	copies, err := collect(func(r *rows) (c delivery.Copy, err error) {
		return c, r.Scan(&c.Alert, &c.Member)
	})(t.query(ctx, `
		SELECT alert_id, CASE WHEN begun_as <> '' THEN begun_as ELSE member_id END FROM deliveries
		WHERE state = 'attempting' AND `+running+` AND updated_at <= $2 AND owner = $1`, owner, before.UnixMilli()))
	if err != nil {
		return err
	}
	for _, c := range copies {
		if held(c.Key()) {
			continue
		}
		if _, err := t.exec(ctx, `UPDATE deliveries SET owner = '' WHERE alert_id = $1 AND (member_id = $2 OR begun_as = $2)`, string(c.Alert), string(c.Member)); err != nil {
			return err
		}
	}
	return nil
}

// Lease implements delivery.Store. A leased copy is a planned one that is held
// back from everybody else. PostgreSQL may run a subquery once for each row, and
// then skips what it has locked itself: written as one it would take them all.
func (s Delivery) Lease(ctx context.Context, alert bot.AlertID, owner string, now, until time.Time, n int) ([]delivery.Copy, error) {
	var copies []delivery.Copy
	err := s.db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		t := own(tx)
		var err error
		copies, err = collect(func(r *rows) (delivery.Copy, error) {
			c := delivery.Copy{Alert: alert}
			return c, r.Scan(&c.Member, &c.Chat)
		})(t.query(ctx, `
			WITH due AS MATERIALIZED (
				SELECT member_id FROM deliveries WHERE alert_id = $1 AND state = 'planned' AND held_until <= $3
				ORDER BY held_until, member_id LIMIT $5 `+s.db.skipLocked+`)
			UPDATE deliveries SET owner = $2, held_until = $4
			WHERE alert_id = $1 AND member_id IN (SELECT member_id FROM due)
			RETURNING member_id, chat`, string(alert), owner, now.UnixMilli(), until.UnixMilli(), n))
		if err != nil {
			return err
		}
		for i := range copies {
			if copies[i].Chat {
				if err := s.lookAtChat(ctx, t, &copies[i]); err != nil {
					return err
				}
				continue
			}
			address, err := s.db.addressOf(ctx, t, copies[i].Member)
			if ignoreMissing(err) != nil {
				return err
			}
			copies[i].Address = address
		}
		return nil
	})
	return copies, err
}

// Begin implements delivery.Store.
func (s Delivery) Begin(ctx context.Context, owner string, now time.Time, copies []delivery.Copy) ([]delivery.Copy, error) {
	var begun []delivery.Copy
	err := s.db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		t := own(tx)
		begun = nil // a unit may run again
		for _, c := range copies {
			err := t.queryRow(ctx, `
				UPDATE deliveries SET state = 'attempting', attempts = attempts + 1, held_until = 0, updated_at = $4
				WHERE alert_id = $1 AND member_id = $2 AND state = 'planned' AND owner = $3
				RETURNING attempts, chat`, string(c.Alert), string(c.Member), owner, now.UnixMilli()).Scan(&c.Attempts, &c.Chat)
			if err != nil {
				if ignoreMissing(err) == nil {
					continue // somebody else's by now
				}
				return err
			}
			look := s.look
			if c.Chat {
				look = s.lookAtChat
			}
			if err := look(ctx, t, &c); err != nil {
				return err
			}
			begun = append(begun, c)
		}
		return nil
	})
	return begun, err
}

// look reads what is looked at once more before a copy is written.
func (s Delivery) look(ctx context.Context, t *Tx, c *delivery.Copy) error {
	var member, alert string
	var belongs bool
	err := t.queryRow(ctx, `
		SELECT m.locale, m.speaks, m.zone, m.discreet, m.state, a.state, EXISTS (
			SELECT 1 FROM memberships b JOIN organisations o ON o.id = b.organisation_id
			WHERE b.member_id = m.id AND b.organisation_id = a.organisation_id AND b.state = 'on' AND o.state = 'active'), EXISTS (
			SELECT 1 FROM actions c WHERE c.id = a.action_id AND c.state = 'over')
		FROM members m, alerts a WHERE m.id = $1 AND a.id = $2`, string(c.Member), string(c.Alert)).
		Scan(&c.Locale, &c.Speaks, &c.Zone, &c.Discreet, &member, &alert, &belongs, &c.Over)
	if err != nil {
		c.Stopped = true // forgotten meanwhile
		return ignoreMissing(err)
	}
	c.Stopped = member != string(bot.Active) || !belongs
	c.Cancelled = alert == "cancelled"
	c.Address, err = s.db.addressOf(ctx, t, c.Member)
	if errors.Is(err, bot.ErrNotFound) {
		c.Address = bot.Address{}
		return nil
	}
	return err
}

// lookAtChat does the same for a copy to a group chat. One that is off has no address.
func (s Delivery) lookAtChat(ctx context.Context, t *Tx, c *delivery.Copy) error {
	var alert, locales string
	var on, heard bool
	address := bot.Address{ID: bot.AddressID(c.Member), Member: c.Member}
	c.Address = bot.Address{}
	err := t.queryRow(ctx, `
		SELECT k.account_id, k.locales, k.state = 'on', g.organisation_id = a.organisation_id AND g.state = 'open' AND o.state = 'active', a.state, EXISTS (
			SELECT 1 FROM actions c WHERE c.id = a.action_id AND c.state = 'over')
		FROM group_chats k, groups g, organisations o, alerts a
		WHERE k.id = $1 AND a.id = $2 AND g.id = k.group_id AND o.id = g.organisation_id`, string(c.Member), string(c.Alert)).
		Scan(&address.Account, &locales, &on, &heard, &alert, &c.Over)
	if err != nil {
		c.Stopped = true // disconnected meanwhile
		return ignoreMissing(err)
	}
	c.Stopped, c.Cancelled = !heard, alert == "cancelled"
	if c.Locales, err = readLocales(locales); err != nil || !on {
		return err
	}
	address.Chat, err = s.db.groupChatName(ctx, t, string(c.Member))
	c.Address = address
	return err
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
	n, err := own(tx).exec(ctx, `
		UPDATE deliveries SET state = CASE WHEN $3 = 'planned' AND had THEN 'unknown' ELSE $3 END, reason = $4, locale = $5, address_id = $6, ref_sealed = $7, updated_at = $8
		WHERE alert_id = $1 AND member_id = $2 AND state = 'attempting' AND attempts = $9 AND owner = $10`,
		string(c.Alert), string(c.Member), string(end.State), clip(end.Reason), end.Locale, string(end.Address), ref, now.UnixMilli(), c.Attempts, s.owner)
	if err == nil && n == 0 && !c.Chat {
		// Its reader's chats may have been joined meanwhile: it is that of who stays.
		stays, berr := s.begunAs(ctx, own(tx), c.Alert, c.Member)
		if berr == nil && stays != c.Member {
			c.Member = stays
			return s.Ended(ctx, tx, c, end, now)
		}
		err = ignoreMissing(berr)
	}
	if err != nil || !c.Stopped || c.Chat {
		return err
	}
	// Planned by somebody who had read the audience before its reader was forgotten:
	// of such a copy only the number stays.
	_, err = foldCopies(ctx, own(tx), `
		DELETE FROM deliveries WHERE alert_id = $1 AND member_id = $2 AND NOT EXISTS (SELECT 1 FROM members m WHERE m.id = $2)
		RETURNING alert_id, state`, string(c.Alert), string(c.Member))
	return err
}

// Unsent implements delivery.Store.
func (s Delivery) Unsent(ctx context.Context, tx bot.Tx, c delivery.Copy, until, now time.Time) error {
	_, err := own(tx).exec(ctx, `
		UPDATE deliveries SET state = CASE WHEN had THEN 'unknown' ELSE 'planned' END, attempts = attempts - 1, owner = '', held_until = $3, updated_at = $4
		WHERE alert_id = $1 AND (member_id = $2 OR begun_as = $2) AND state = 'attempting' AND attempts = $5 AND owner = $6`,
		string(c.Alert), string(c.Member), until.UnixMilli(), now.UnixMilli(), c.Attempts, s.owner)
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

// clip bounds a closed reason to what its column is meant for.
func clip(reason string) string { return strings.ToValidUTF8(reason[:min(len(reason), 40)], "") }
