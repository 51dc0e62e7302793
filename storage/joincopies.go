package storage

import (
	"context"
	"errors"

	"ella/bot"
)

// copyOf is a copy of an alert to one of two members who become one.
type copyOf struct {
	alert, state, owner string
	attempts, held      int64
	ref                 []byte
}

// joinCopies makes one copy of two. What either has had, or may have had, the person has
// had: no other copy goes out. What is not kept stays in the numbers, as it ended; a
// planned one is skipped.
func (s Links) joinCopies(ctx context.Context, t *Tx, stays, goes bot.MemberID) error {
	of := func(id bot.MemberID) ([]copyOf, error) {
		return collect(func(r *rows) (c copyOf, err error) {
			return c, r.Scan(&c.alert, &c.state, &c.owner, &c.attempts, &c.held, &c.ref)
		})(t.query(ctx, `
			SELECT alert_id, state, owner, attempts, held_until, ref_sealed FROM deliveries WHERE member_id = $1 ORDER BY alert_id `+s.db.locked, string(id)))
	}
	kept, err := of(stays)
	if err != nil {
		return err
	}
	mine := map[string]copyOf{}
	for _, c := range kept {
		mine[c.alert] = c
	}
	moving, err := of(goes)
	if err != nil {
		return err
	}
	for _, c := range moving {
		own, both := mine[c.alert]
		if !both {
			if err := s.moveCopy(ctx, t, c, stays, goes); err != nil {
				return err
			}
			continue
		}
		if err := s.oneCopy(ctx, t, own, c, stays, goes); err != nil {
			return err
		}
	}
	return nil
}

// oneCopy keeps the heavier of two copies of one alert.
func (s Links) oneCopy(ctx context.Context, t *Tx, own, c copyOf, stays, goes bot.MemberID) error {
	keep, other, drop := own, c, goes
	if weight(c) > weight(own) {
		keep, other, drop = c, own, stays
	}
	_, err := foldCopies(ctx, t, `DELETE FROM deliveries WHERE alert_id = $1 AND member_id = $2 RETURNING alert_id, state`, c.alert, string(drop))
	if err == nil && drop == stays {
		err = s.moveCopy(ctx, t, c, stays, goes)
	}
	if err != nil || !mayHave(other) {
		return err
	}
	// Both were begun, so this one is not begun again.
	_, err = t.exec(ctx, `
		UPDATE deliveries SET had = TRUE, state = CASE WHEN state IN ('planned', 'held') THEN 'unknown' ELSE state END
		WHERE alert_id = $1 AND member_id = $2`, keep.alert, string(stays))
	return err
}

// hadBefore sets aside what arrived in one of the chats already while that was another
// member's: somebody joined and taken out of there has left the copy behind.
func (s Links) hadBefore(ctx context.Context, t *Tx, stays, _ bot.MemberID) error {
	_, err := t.exec(ctx, `
		UPDATE deliveries SET state = 'skipped', reason = $2, held_until = 0 WHERE member_id = $1 AND state IN ('planned', 'held') AND attempts = 0 AND EXISTS (
			SELECT 1 FROM deliveries d JOIN addresses a ON a.id = d.address_id
			WHERE d.alert_id = deliveries.alert_id AND d.member_id <> $1 AND a.member_id = $1 AND d.state IN ('sent', 'unknown'))`, string(stays), skipHad)
	return err
}

// skipHad is why a copy is set aside that its reader has had in another chat.
const skipHad = "had"

// weight orders two copies of one alert: the heavier stays. One that has arrived goes
// before one that is being written, since that may come back as not sent.
func weight(c copyOf) int {
	switch {
	case c.state == "sent":
		return 5
	case c.state == "attempting":
		return 4
	case c.state == "unknown":
		return 3
	case mayHave(c):
		return 2 // planned again after an attempt of which nothing is known
	case c.state == "planned" || c.state == "held":
		return 1
	}
	return 0 // refused, skipped, cancelled: what the other's is decides
}

// mayHave reports whether its reader has had a copy, or may have.
func mayHave(c copyOf) bool {
	switch c.state {
	case "sent", "attempting", "unknown":
		return true
	case "planned", "held":
		return c.attempts > 0
	}
	return false
}

// moveCopy gives a copy to who stays. A leased one is free again, for whoever leases it
// next reads the address anew; of one that is being written it is noted who began it.
func (s Links) moveCopy(ctx context.Context, t *Tx, c copyOf, stays, goes bot.MemberID) error {
	begun := ""
	switch {
	case c.state == "attempting":
		begun = string(goes)
	case c.state == "planned" && c.owner != "":
		c.owner, c.held = "", 0
	}
	ref := c.ref
	if ref != nil {
		opened, err := s.db.open("deliveries", "ref_sealed", rowKey(c.alert, string(goes)), ref)
		switch {
		case errors.Is(err, errSeal):
			ref = nil // damaged: nobody can change or take away that message any more
		case err != nil:
			return err
		default:
			if ref, err = s.db.seal("deliveries", "ref_sealed", rowKey(c.alert, string(stays)), opened); err != nil {
				return err
			}
		}
	}
	_, err := t.exec(ctx, `
		UPDATE deliveries SET member_id = $3, owner = $4, held_until = $5, ref_sealed = $6, begun_as = CASE WHEN $7 <> '' AND begun_as = '' THEN $7 ELSE begun_as END
		WHERE alert_id = $1 AND member_id = $2`, c.alert, string(goes), string(stays), c.owner, c.held, ref, begun)
	return err
}

// begunAs finds a copy by who it was begun for, where they are no more since: it is that
// of who stays. bot.ErrNotFound.
func (s Delivery) begunAs(ctx context.Context, t *Tx, alert bot.AlertID, member bot.MemberID) (stays bot.MemberID, err error) {
	err = t.queryRow(ctx, `SELECT member_id FROM deliveries WHERE alert_id = $1 AND begun_as = $2 AND state = 'attempting'`,
		string(alert), string(member)).Scan(&stays)
	return stays, err
}
