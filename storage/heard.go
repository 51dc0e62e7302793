package storage

import (
	"context"
	"time"

	"ella/bot"
	"ella/bot/action"
)

// What is needed to take an answer in words to the right action: which one a card in a
// chat is about, and which ones somebody may mean.

// lastCards is among how many of a member's newest messages one is looked for. Refs are
// sealed, so that each has to be opened.
const lastCards = 30

// shownCard is a message about an action, as it stands in a chat.
type shownCard struct {
	action bot.ActionID
	ref    string
}

// Answered implements action.Store.
func (s Actions) Answered(ctx context.Context, address bot.AddressID, card bot.Ref) (bot.ActionID, error) {
	for _, look := range []func(context.Context, bot.AddressID) ([]shownCard, error){s.cards, s.invitations} {
		found, err := look(ctx, address)
		if err != nil {
			return "", err
		}
		for _, c := range found {
			if c.ref == string(card) {
				return c.action, nil
			}
		}
	}
	return "", bot.ErrNotFound
}

// cards are the replies that show an action to a member.
func (s Actions) cards(ctx context.Context, address bot.AddressID) ([]shownCard, error) {
	return collect(func(r *rows) (c shownCard, err error) {
		var id string
		var sealed []byte
		if err := r.Scan(&c.action, &id, &sealed); err != nil {
			return c, err
		}
		ref, err := s.db.open("outbox", "ref_sealed", id, sealed)
		c.ref = string(ref)
		return c, err
	})(s.db.read().query(ctx, `
		SELECT substr(topic, 6), id, ref_sealed FROM outbox
		WHERE address_id = $1 AND topic LIKE 'rsvp:%' AND ref_sealed IS NOT NULL ORDER BY id DESC LIMIT $2`, string(address), lastCards))
}

// invitations are the alerts that ask a member to come to one.
func (s Actions) invitations(ctx context.Context, address bot.AddressID) ([]shownCard, error) {
	return collect(func(r *rows) (c shownCard, err error) {
		var alert, member string
		var sealed []byte
		if err := r.Scan(&c.action, &alert, &member, &sealed); err != nil {
			return c, err
		}
		ref, err := s.db.open("deliveries", "ref_sealed", rowKey(alert, member), sealed)
		c.ref = string(ref)
		return c, err
	})(s.db.read().query(ctx, `
		SELECT a.action_id, d.alert_id, d.member_id, d.ref_sealed FROM deliveries d JOIN alerts a ON a.id = d.alert_id
		WHERE d.member_id = (SELECT member_id FROM addresses WHERE id = $1) AND d.address_id = $1 AND a.action_id <> '' AND d.ref_sealed IS NOT NULL
		ORDER BY d.updated_at DESC, d.alert_id LIMIT $2`, string(address), lastCards))
}

// Shown implements action.Store. A reply that shows it is known for as long as the
// outbox keeps it.
func (s Actions) Shown(ctx context.Context, id bot.ActionID, person bot.Person) (bool, error) {
	var shown bool
	err := s.db.read().queryRow(ctx, `
		SELECT EXISTS (SELECT 1 FROM rsvps WHERE action_id = $1 AND member_id = $2)
		OR EXISTS (SELECT 1 FROM outbox WHERE address_id = $3 AND topic = $4)`,
		string(id), string(person.Member.ID), string(person.Address.ID), bot.TopicAnswer+string(id)).Scan(&shown)
	return shown, err
}

// LastAsked implements action.Store. What has a ref was sent: asked for by its state,
// SQLite would look at everybody's replies.
func (s Actions) LastAsked(ctx context.Context, id bot.ActionID, person bot.Person) (last bool, err error) {
	err = s.db.read().queryRow(ctx, `
		WITH asked AS (
			SELECT max(x.at) AS at FROM (
				SELECT created_at AS at FROM outbox WHERE address_id = $1 AND topic = $2
				UNION ALL SELECT d.updated_at FROM deliveries d JOIN alerts a ON a.id = d.alert_id
				WHERE d.member_id = $3 AND a.action_id = $4 AND d.state IN ('sent', 'unknown', 'attempting')) x)
		SELECT NOT EXISTS (
			SELECT 1 FROM outbox o CROSS JOIN asked
			WHERE o.address_id = $1 AND o.topic <> $2 AND o.ref_sealed IS NOT NULL AND o.created_at > asked.at)
		AND NOT EXISTS (
			SELECT 1 FROM deliveries d JOIN alerts a ON a.id = d.alert_id CROSS JOIN asked
			WHERE d.member_id = $3 AND a.action_id <> $4 AND d.state = 'sent' AND d.updated_at > asked.at)`,
		string(person.Address.ID), bot.TopicAnswer+string(id), string(person.Member.ID), string(id)).Scan(&last)
	return last, err
}

// Invited implements action.Store.
func (s Actions) Invited(ctx context.Context, person bot.Person, since time.Time, limit int) ([]action.Action, error) {
	return collect(func(r *rows) (action.Action, error) { return s.scan(r) })(s.db.read().query(ctx, selectAction+`
		WHERE state = 'open' AND id IN (
			SELECT a.action_id FROM deliveries d JOIN alerts a ON a.id = d.alert_id
			WHERE d.member_id = $1 AND d.state IN ('sent', 'unknown', 'attempting') AND d.updated_at >= $3 AND a.action_id <> ''
			UNION SELECT action_id FROM rsvps WHERE member_id = $1 AND updated_at >= $3
			UNION SELECT substr(topic, 6) FROM outbox WHERE address_id = $2 AND topic LIKE 'rsvp:%' AND created_at >= $3)
		ORDER BY id DESC LIMIT $4`, string(person.Member.ID), string(person.Address.ID), since.UnixMilli(), limit))
}

// Agree implements action.Store.
func (s Actions) Agree(ctx context.Context, tx bot.Tx, member bot.MemberID, organisation bot.OrganisationID, now time.Time) error {
	return s.db.Members().Agree(ctx, tx, member, organisation, now)
}
