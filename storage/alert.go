package storage

import (
	"context"
	"fmt"
	"strings"
	"time"

	"ella/bot"
	"ella/bot/alert"
)

// Alerts keeps alerts, their texts and their audiences.
type Alerts struct {
	db *DB
	steady
}

var _ alert.Store = Alerts{}

// Alerts gives the store of the alert room.
func (db *DB) Alerts() Alerts { return Alerts{db, steady{db}} }

// Write implements alert.Store.
func (s Alerts) Write(ctx context.Context, unit bot.Change) error { return s.db.Write(ctx, unit) }

// Organisation implements alert.Store.
func (s Alerts) Organisation(ctx context.Context, id bot.OrganisationID) (bot.Organisation, error) {
	return s.db.organisation(ctx, id)
}

// Author implements alert.Store.
func (s Alerts) Author(ctx context.Context, a alert.Alert) (bot.Member, error) {
	var still bool
	err := s.db.read().queryRow(ctx, `
		SELECT EXISTS (SELECT 1 FROM roles r JOIN members m ON m.id = r.member_id
		WHERE r.member_id = $1 AND r.organisation_id = $2 AND r.kind = 'organiser' AND r.state = 'on' AND m.state = 'active')`,
		string(a.Author), string(a.Organisation)).Scan(&still)
	if err != nil {
		return bot.Member{}, err
	}
	if !still {
		return bot.Member{}, bot.ErrNotFound
	}
	return s.db.memberByID(ctx, s.db.read(), a.Author)
}

// Alert implements alert.Store.
func (s Alerts) Alert(ctx context.Context, id bot.AlertID) (alert.Alert, error) {
	var a alert.Alert
	err := s.db.view(ctx, func(from source) error {
		var original, rule string
		var expires int64
		var roster []byte
		a = alert.Alert{ID: id}
		err := from.queryRow(ctx, `
			SELECT a.organisation_id, o.name, a.author_id, a.action_id, a.locale, a.audience, a.state, a.expires_at, a.version, a.hash, a.chats, a.roster_sealed
			FROM alerts a JOIN organisations o ON o.id = a.organisation_id WHERE a.id = $1`, string(id)).
			Scan(&a.Organisation, &a.From, &a.Author, &a.Action, &original, &rule, &a.State, &expires, &a.Version, &a.Hash, &a.InChats, &roster)
		if err != nil {
			return err
		}
		a.Expires = time.UnixMilli(expires)
		if a.Audience, err = s.readAudience(id, rule, roster); err != nil {
			return err
		}
		if a.Chats, err = chatsOf(ctx, from, a.Audience.Group); err != nil {
			return err
		}
		a.Variants, err = s.variants(ctx, from, id, original)
		return err
	})
	return a, err
}

func (s Alerts) variants(ctx context.Context, from source, id bot.AlertID, original string) ([]alert.Variant, error) {
	return collect(func(r *rows) (alert.Variant, error) {
		var v alert.Variant
		var sealed []byte
		if err := r.Scan(&v.Locale, &sealed); err != nil {
			return v, err
		}
		text, err := s.db.open("alert_variants", "text_sealed", rowKey(string(id), v.Locale), sealed)
		v.Text = string(text)
		return v, err
	})(from.query(ctx, `
		SELECT locale, text_sealed FROM alert_variants WHERE alert_id = $1
		ORDER BY CASE WHEN locale = $2 THEN 0 ELSE 1 END, locale`, string(id), original))
}

// Recent implements alert.Store.
func (s Alerts) Recent(ctx context.Context, organisation bot.OrganisationID, limit int) ([]alert.Alert, error) {
	ids, err := collect(scanString)(s.db.read().query(ctx, `
		SELECT id FROM alerts WHERE organisation_id = $1
		ORDER BY CASE WHEN state IN ('freezing', 'sending') THEN 0 ELSE 1 END, id DESC LIMIT $2`, string(organisation), limit))
	if err != nil {
		return nil, err
	}
	var all []alert.Alert
	for _, id := range ids {
		a, err := s.Alert(ctx, bot.AlertID(id))
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, nil
}

// Create implements alert.Store.
func (s Alerts) Create(ctx context.Context, tx bot.Tx, a alert.Alert, now time.Time) error {
	rule, roster, err := s.writeAudience(a.ID, a.Audience)
	if err != nil {
		return err
	}
	_, err = own(tx).exec(ctx, `
		INSERT INTO alerts (id, organisation_id, author_id, action_id, locale, audience, state, frozen_to, expires_at, version, created_at, chats, roster_sealed)
		VALUES ($1, $2, $3, $4, $5, $6, 'draft', '', $7, 0, $8, $9, $10)`,
		string(a.ID), string(a.Organisation), string(a.Author), string(a.Action), a.Variants[0].Locale, rule, a.Expires.UnixMilli(), now.UnixMilli(), a.InChats, roster)
	if err != nil {
		return err
	}
	for _, v := range a.Variants {
		if err := s.putVariant(ctx, tx, a.ID, v, now); err != nil {
			return err
		}
	}
	return nil
}

func (s Alerts) putVariant(ctx context.Context, tx bot.Tx, id bot.AlertID, v alert.Variant, now time.Time) error {
	sealed, err := s.db.seal("alert_variants", "text_sealed", rowKey(string(id), v.Locale), []byte(v.Text))
	if err != nil {
		return err
	}
	_, err = own(tx).exec(ctx, `
		INSERT INTO alert_variants (alert_id, locale, text_sealed, origin, updated_at) VALUES ($1, $2, $3, 'author', $4)
		ON CONFLICT (alert_id, locale) DO UPDATE SET text_sealed = $3, updated_at = $4`,
		string(id), v.Locale, sealed, now.UnixMilli())
	return err
}

func (s Alerts) dropVariant(ctx context.Context, tx bot.Tx, id bot.AlertID, locale string) error {
	_, err := own(tx).exec(ctx, `DELETE FROM alert_variants WHERE alert_id = $1 AND locale = $2`, string(id), locale)
	return err
}

// touch raises a draft's version, if it is still the one that was read.
func (s Alerts) touch(ctx context.Context, tx bot.Tx, a alert.Alert) error {
	n, err := own(tx).exec(ctx, `
		UPDATE alerts SET version = version + 1 WHERE id = $1 AND version = $2 AND state = 'draft'`, string(a.ID), a.Version)
	return conflictUnless(n, err)
}

func conflictUnless(n int64, err error) error {
	if err == nil && n == 0 {
		return bot.ErrConflict
	}
	return err
}

// Edit implements alert.Store.
func (s Alerts) Edit(ctx context.Context, tx bot.Tx, a alert.Alert) error {
	rule, roster, err := s.writeAudience(a.ID, a.Audience)
	if err != nil {
		return err
	}
	return conflictUnless(own(tx).exec(ctx, `
		UPDATE alerts SET organisation_id = $3, action_id = $4, audience = $5, expires_at = $6, chats = $7, roster_sealed = $8, version = version + 1
		WHERE id = $1 AND version = $2 AND state = 'draft'`,
		string(a.ID), a.Version, string(a.Organisation), string(a.Action), rule, a.Expires.UnixMilli(), a.InChats, roster))
}

// NameOriginal implements alert.Store.
func (s Alerts) NameOriginal(ctx context.Context, tx bot.Tx, a alert.Alert, locale string, now time.Time) error {
	err := conflictUnless(own(tx).exec(ctx, `
		UPDATE alerts SET locale = $3, version = version + 1 WHERE id = $1 AND version = $2 AND state = 'draft'`,
		string(a.ID), a.Version, locale))
	if err != nil {
		return err
	}
	if err := s.dropVariant(ctx, tx, a.ID, a.Variants[0].Locale); err != nil {
		return err
	}
	return s.putVariant(ctx, tx, a.ID, alert.Variant{Locale: locale, Text: a.Variants[0].Text}, now)
}

// SetVariant implements alert.Store.
func (s Alerts) SetVariant(ctx context.Context, tx bot.Tx, a alert.Alert, v alert.Variant, now time.Time) error {
	if err := s.touch(ctx, tx, a); err != nil {
		return err
	}
	if v.Text == "" {
		return s.dropVariant(ctx, tx, a.ID, v.Locale)
	}
	return s.putVariant(ctx, tx, a.ID, v, now)
}

// Call implements alert.Store.
func (s Alerts) Call(ctx context.Context, id bot.ActionID) (alert.Call, error) {
	var c alert.Call
	err := s.db.view(ctx, func(from source) error {
		a, err := s.db.Actions().scan(from.queryRow(ctx, selectAction+`WHERE id = $1`, string(id)))
		if err != nil {
			return err
		}
		c = alert.Call{Organisation: a.Organisation, Alert: a.Alert, Over: a.Over, Paused: a.Paused, Title: alert.Variant{Locale: a.Original, Text: a.Titles[a.Original]}}
		c.Partners, err = collect(func(r *rows) (o bot.OrganisationID, err error) { return o, r.Scan(&o) })(from.query(ctx, `
			SELECT organisation_id FROM action_shares WHERE action_id = $1 AND state = 'accepted' ORDER BY organisation_id`, string(id)))
		return err
	})
	return c, err
}

// DraftFor implements alert.Store.
func (s Alerts) DraftFor(ctx context.Context, id bot.ActionID, organisation bot.OrganisationID) (alert.Alert, error) {
	var draft bot.AlertID
	err := s.db.read().queryRow(ctx, `
		SELECT id FROM alerts WHERE action_id = $1 AND organisation_id = $2 AND state = 'draft' ORDER BY id DESC LIMIT 1`,
		string(id), string(organisation)).Scan(&draft)
	if err != nil {
		return alert.Alert{}, err
	}
	return s.Alert(ctx, draft)
}

// UnderWay implements alert.Store.
func (s Alerts) UnderWay(ctx context.Context, author bot.MemberID, organisation bot.OrganisationID) ([]alert.Alert, error) {
	return collect(func(r *rows) (a alert.Alert, err error) {
		return a, r.Scan(&a.ID, &a.Organisation, &a.Author, &a.Action, &a.State)
	})(s.db.read().query(ctx, `
		SELECT id, organisation_id, author_id, action_id, state FROM alerts
		WHERE author_id = $1 AND organisation_id = $2 AND state IN ('freezing', 'sending') ORDER BY id`,
		string(author), string(organisation)))
}

// Submit implements alert.Store. To an action of another organisation people are
// asked only while it is shared, and open. Like a change of roles it writes the row
// of the organisation first (see Roles.Hold): of a submission and a suspension at the
// same moment the later one sees what the other has done.
func (s Alerts) Submit(ctx context.Context, tx bot.Tx, a alert.Alert, now time.Time) error {
	t := own(tx)
	err := conflictUnless(t.exec(ctx, `UPDATE organisations SET roles_version = roles_version + 1 WHERE id = $1 AND state = 'active'`,
		string(a.Organisation)))
	if err != nil {
		return err
	}
	// A statement of its own: on PostgreSQL it has to begin after the row is held.
	return conflictUnless(t.exec(ctx, `
		UPDATE alerts SET state = 'freezing', submitted_at = $3, expires_at = $4, hash = $5, author_id = $6
		WHERE id = $1 AND version = $2 AND state = 'draft' AND EXISTS (
			SELECT 1 FROM roles r
			WHERE r.member_id = $6 AND r.organisation_id = alerts.organisation_id AND r.kind = 'organiser' AND r.state = 'on')
		AND NOT EXISTS (
			SELECT 1 FROM actions c WHERE c.id = alerts.action_id AND (c.state <> 'open'
			OR c.organisation_id <> alerts.organisation_id AND NOT EXISTS (
				SELECT 1 FROM action_shares p
				WHERE p.action_id = c.id AND p.organisation_id = alerts.organisation_id AND p.state = 'accepted')))`,
		string(a.ID), a.Version, now.UnixMilli(), a.Expires.UnixMilli(), a.Hash, string(a.Author)))
}

// Discard implements alert.Store.
func (s Alerts) Discard(ctx context.Context, tx bot.Tx, id bot.AlertID) error {
	t := own(tx)
	n, err := t.exec(ctx, `UPDATE alerts SET version = version + 1 WHERE id = $1 AND state = 'draft'`, string(id))
	if err := conflictUnless(n, err); err != nil {
		return err
	}
	if _, err := t.exec(ctx, `DELETE FROM alert_variants WHERE alert_id = $1`, string(id)); err != nil {
		return err
	}
	_, err = t.exec(ctx, `DELETE FROM alerts WHERE id = $1`, string(id))
	return err
}

// Cancel implements alert.Store.
func (s Alerts) Cancel(ctx context.Context, tx bot.Tx, id bot.AlertID, _ time.Time) error {
	return conflictUnless(own(tx).exec(ctx, `
		UPDATE alerts SET state = 'cancelled' WHERE id = $1 AND (state = 'sending' OR state = 'freezing')`, string(id)))
}

// hears finds the members whom an organisation, $1, may write to.
const hears = `FROM memberships b JOIN members m ON m.id = b.member_id
	WHERE b.organisation_id = $1 AND b.state = 'on' AND m.state = 'active' AND m.consent > 0
	AND EXISTS (SELECT 1 FROM addresses a WHERE a.member_id = m.id AND a.state = 'on')`

// Candidates implements alert.Store.
func (s Alerts) Candidates(ctx context.Context, organisation bot.OrganisationID, among alert.Among, after bot.MemberID, limit int) ([]alert.Candidate, error) {
	return collect(func(r *rows) (alert.Candidate, error) {
		var c alert.Candidate
		var sector []byte
		if err := r.Scan(&c.Member, &c.Locale, &c.Speaks, &c.Outcode, &sector); err != nil {
			return c, err
		}
		var err error
		c.Sector, err = s.db.openSector(c.Member, sector)
		return c, err
	})(s.db.read().query(ctx, `
		SELECT m.id, m.locale, m.speaks, m.outcode, m.sector_sealed
		`+hears+` AND b.member_id > $2
		AND ($3 = '' OR EXISTS (SELECT 1 FROM group_members g WHERE g.group_id = $3 AND g.member_id = m.id))
		AND ($4 = '' AND $5 = '' OR EXISTS (
			SELECT 1 FROM opt_ins i JOIN group_chats k ON k.id = i.chat_id JOIN groups g ON g.id = k.group_id
			WHERE i.member_id = m.id AND g.organisation_id = $1 AND ($4 = '' OR k.id = $4) AND ($5 = '' OR k.account_id = $5)))
		ORDER BY b.member_id LIMIT $6`, string(organisation), string(after), string(among.Group), string(among.Chat), string(among.Account), limit))
}

// GroupChoices implements alert.Store.
func (s Alerts) GroupChoices(ctx context.Context, organisation bot.OrganisationID) ([]alert.GroupChoice, error) {
	return collect(func(r *rows) (g alert.GroupChoice, err error) { return g, r.Scan(&g.ID, &g.Name) })(s.db.read().query(ctx, `
		SELECT id, name FROM groups WHERE organisation_id = $1 AND state = 'open' ORDER BY name, id`, string(organisation)))
}

// Tally implements alert.Store.
func (s Alerts) Tally(ctx context.Context, id bot.AlertID) (alert.Tally, error) {
	var t alert.Tally
	_, err := collect(func(r *rows) (struct{}, error) {
		var state string
		var n int
		err := r.Scan(&state, &n)
		switch state {
		case "sent":
			t.Sent += n
		case "refused":
			t.Refused += n
		case "unknown":
			t.Unknown += n
		case "skipped", "cancelled":
			t.Skipped += n
		default:
			t.Waiting += n
		}
		return struct{}{}, err
	})(s.db.read().query(ctx, `
		SELECT state, count(*) FROM deliveries WHERE alert_id = $1 AND NOT chat GROUP BY state
		UNION ALL SELECT state, people FROM delivery_counts WHERE alert_id = $1`, string(id)))
	if err != nil {
		return t, err
	}
	t.Chats, err = collect(scanString)(s.db.read().query(ctx, `SELECT state FROM deliveries WHERE alert_id = $1 AND chat ORDER BY member_id`, string(id)))
	return t, err
}

// FrozenTo implements alert.Store.
func (s Alerts) FrozenTo(ctx context.Context, id bot.AlertID) (bot.MemberID, error) {
	var to string
	err := s.db.read().queryRow(ctx, `SELECT frozen_to FROM alerts WHERE id = $1`, string(id)).Scan(&to)
	return bot.MemberID(to), err
}

// frozenAtOnce is how many copies one statement plans.
const frozenAtOnce = 50

// Freeze implements alert.Store.
func (s Alerts) Freeze(ctx context.Context, tx bot.Tx, id bot.AlertID, members []bot.MemberID, to bot.MemberID, now time.Time) error {
	t := own(tx)
	for len(members) > 0 {
		n := 1
		if len(members) >= frozenAtOnce {
			n = frozenAtOnce
		}
		args := []any{string(id), now.UnixMilli()}
		for _, m := range members[:n] {
			args = append(args, string(m))
		}
		if _, err := t.exec(ctx, planCopies(n), args...); err != nil {
			return err
		}
		members = members[n:]
	}
	n, err := t.exec(ctx, `UPDATE alerts SET frozen_to = $2 WHERE id = $1 AND state = 'freezing' AND frozen_to < $2`, string(id), string(to))
	return conflictUnless(n, err)
}

// planCopies is the statement that plans n copies. There are two of them, so
// they are prepared once like every other.
func planCopies(n int) string {
	var b strings.Builder
	b.WriteString(`INSERT INTO deliveries (alert_id, member_id, state, attempts, reason, locale, address_id, owner, held_until, updated_at) VALUES `)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `($1, $%d, 'planned', 0, '', '', '', '', 0, $2)`, i+3)
	}
	b.WriteString(` ON CONFLICT (alert_id, member_id) DO NOTHING`)
	return b.String()
}

// Release implements alert.Store. How far it was frozen names a member, and is not
// needed any more.
func (s Alerts) Release(ctx context.Context, tx bot.Tx, id bot.AlertID) error {
	_, err := own(tx).exec(ctx, `UPDATE alerts SET state = 'sending', frozen_to = '' WHERE id = $1 AND state = 'freezing'`, string(id))
	return err
}
