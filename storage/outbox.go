package storage

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"ella/bot"
	"ella/bot/delivery"
	"ella/bot/message"
)

// Delivery keeps what is on its way: the outbox and the ledger.
type Delivery struct {
	db    *DB
	owner string
}

var _ delivery.Store = Delivery{}

// Delivery gives the delivery's store. owner names this process in the rows
// that it takes.
func (db *DB) Delivery(owner string) Delivery { return Delivery{db: db, owner: owner} }

// queue writes replies with their first attempt already counted: whoever
// commits them sends them at once.
func (db *DB) queue(ctx context.Context, tx bot.Tx, owner string, from bot.Address, replies []bot.Reply) ([]bot.Queued, error) {
	t := own(tx)
	now := db.now()
	queued := make([]bot.Queued, 0, len(replies))
	for _, r := range replies {
		address := from
		discreet, fromOthers := false, r.To != "" && r.To != from.Member
		if fromOthers || r.At != "" {
			var err error
			if fromOthers {
				address, discreet, err = db.addressFor(ctx, t, r)
			}
			if err == nil && r.At != "" {
				address, err = db.addressAt(ctx, t, r.At, cmp.Or(r.To, from.Member))
			}
			if errors.Is(err, bot.ErrNotFound) {
				continue
			}
			if err != nil {
				return nil, err
			}
		}
		if address.ID == "" {
			continue
		}
		q := bot.Queued{
			ID: db.ids.New(), Address: address.ID, Account: address.Account, Chat: address.Chat,
			Topic: r.Topic, Replace: r.Replace, Edit: r.Edit, TakeBack: r.TakeBack, Message: r.Message, Attempts: 1,
			Unasked: fromOthers && !r.Asked, Discreet: fromOthers && discreet,
		}
		body, err := json.Marshal(r.Message)
		if err != nil {
			return nil, fmt.Errorf("write reply: %w", err)
		}
		sealed, err := db.seal("outbox", "message_sealed", q.ID, body)
		if err != nil {
			return nil, err
		}
		var edit []byte
		if about := cmp.Or(r.TakeBack, r.Edit); about != "" {
			if edit, err = db.seal("outbox", "edit_sealed", q.ID, []byte(about)); err != nil {
				return nil, err
			}
		}
		_, err = t.exec(ctx, `
			INSERT INTO outbox (id, address_id, topic, replaces, edit_sealed, message_sealed, state, attempts, owner, reason, due_at, created_at, unasked, takes_back, from_others)
			VALUES ($1, $2, $3, $4, $5, $6, 'sending', 1, $7, '', $8, $8, $9, $10, $11)`,
			q.ID, string(q.Address), q.Topic, q.Replace, edit, sealed, owner, now, q.Unasked, r.TakeBack != "", fromOthers)
		if err != nil {
			return nil, err
		}
		queued = append(queued, q)
	}
	return queued, nil
}

// Queue implements engine.Store.
func (s Engine) Queue(ctx context.Context, tx bot.Tx, from bot.Address, replies []bot.Reply) ([]bot.Queued, error) {
	return s.db.queue(ctx, tx, s.owner, from, replies)
}

// Queue implements delivery.Store.
func (s Delivery) Queue(ctx context.Context, tx bot.Tx, from bot.Address, replies []bot.Reply) ([]bot.Queued, error) {
	return s.db.queue(ctx, tx, s.owner, from, replies)
}

// Write implements delivery.Store.
func (s Delivery) Write(ctx context.Context, unit bot.Change) error { return s.db.Write(ctx, unit) }

// Unavailable implements delivery.Store.
func (s Delivery) Unavailable(err error) bool { return s.db.unavailable(err) }

// LastRef implements delivery.Store.
func (s Delivery) LastRef(ctx context.Context, address bot.AddressID, topic string) (bot.Ref, error) {
	var id string
	var sealed []byte
	err := s.db.read().queryRow(ctx, `
		SELECT id, ref_sealed FROM outbox
		WHERE address_id = $1 AND topic = $2 AND state = 'sent' AND ref_sealed IS NOT NULL ORDER BY id DESC LIMIT 1`,
		string(address), topic).Scan(&id, &sealed)
	if err != nil {
		return "", ignoreMissing(err)
	}
	ref, err := s.db.open("outbox", "ref_sealed", id, sealed)
	return bot.Ref(ref), err
}

// LeftReplies implements delivery.Store.
func (s Delivery) LeftReplies(ctx context.Context, owner string, held func(id string) bool, now time.Time, limit int) ([]bot.Queued, error) {
	var ids []string
	at := now.UnixMilli()
	err := s.db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		t := own(tx)
		if err := s.disownReplies(ctx, t, owner, held, now.Add(-strandedAfter)); err != nil {
			return err
		}
		// Begun as often as anything may be: what became of it stays unknown.
		_, err := t.exec(ctx, `
			UPDATE outbox SET state = 'unknown', message_sealed = NULL, reason = 'interrupted'
			WHERE state = 'sending' AND attempts >= $1 AND owner <> $2`+s.onlyGone("outbox.owner", "$3"),
			bot.MaxAttempts, owner, at)
		if err != nil {
			return err
		}
		ids, err = collect(scanString)(t.query(ctx, `
			WITH ours AS MATERIALIZED (
				SELECT id FROM outbox
				WHERE (state = 'waiting' AND due_at <= $2) OR (state = 'sending' AND owner <> $1`+s.onlyGone("outbox.owner", "$2")+`)
				ORDER BY id LIMIT $3 `+s.db.skipLocked+`)
			UPDATE outbox SET state = 'sending', owner = $1, attempts = attempts + 1, due_at = $2
			WHERE id IN (SELECT id FROM ours)
			RETURNING id`, owner, at, limit))
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(ids)
	left := make([]bot.Queued, 0, len(ids))
	for _, id := range ids {
		q, err := s.reply(ctx, id)
		switch {
		case err == nil:
			left = append(left, q)
		case errors.Is(err, bot.ErrNotFound):
		case errors.Is(err, message.ErrShape), errors.Is(err, errSeal):
			// One damaged row must not keep all others waiting.
			err := s.db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
				return s.ReplyEnded(ctx, tx, q, delivery.End{State: delivery.Refused, Reason: "unreadable"})
			})
			if err != nil {
				return nil, err
			}
		default:
			return nil, err
		}
	}
	return left, nil
}

// strandedAfter is how long a reply may be in the hands of its owner before the
// owner is asked whether it holds it.
const strandedAfter = time.Minute

// disownReplies takes the owner's name off those replies that it has had since
// before and does not hold, so that they count as left by an owner that is gone.
func (s Delivery) disownReplies(ctx context.Context, t *Tx, owner string, held func(id string) bool, before time.Time) error {
	ids, err := collect(scanString)(t.query(ctx, `
		SELECT id FROM outbox WHERE state = 'sending' AND due_at <= $2 AND owner = $1`, owner, before.UnixMilli()))
	if err != nil {
		return err
	}
	for _, id := range ids {
		if held(id) {
			continue
		}
		if _, err := t.exec(ctx, `UPDATE outbox SET owner = '' WHERE id = $1`, id); err != nil {
			return err
		}
	}
	return nil
}

func scanString(r *rows) (v string, err error) { return v, r.Scan(&v) }

// onlyGone narrows a statement to rows of owners that no longer run. On SQLite
// there is one process at a time, so every other owner is gone.
func (s Delivery) onlyGone(column, now string) string {
	if s.db.engine != postgres {
		return ""
	}
	return ` AND NOT EXISTS (SELECT 1 FROM leases WHERE leases.name = 'process:' || ` + column + ` AND leases.expires_at > ` + now + `)`
}

func (s Delivery) reply(ctx context.Context, id string) (bot.Queued, error) {
	q := bot.Queued{ID: id}
	var chat, edit, body []byte
	var takesBack bool
	err := s.db.read().queryRow(ctx, `
		SELECT o.address_id, a.account_id, a.chat_sealed, o.topic, o.replaces, o.edit_sealed, o.message_sealed, o.attempts, o.unasked, o.takes_back,
			(o.unasked OR o.from_others) AND m.discreet
		FROM outbox o JOIN addresses a ON a.id = o.address_id JOIN members m ON m.id = a.member_id
		WHERE o.id = $1 AND o.message_sealed IS NOT NULL`, id).
		Scan(&q.Address, &q.Account, &chat, &q.Topic, &q.Replace, &edit, &body, &q.Attempts, &q.Unasked, &takesBack, &q.Discreet)
	if err != nil {
		return q, err
	}
	if q.Chat, err = s.db.openChat(q.Address, chat); err != nil {
		return q, err
	}
	if edit != nil {
		ref, err := s.db.open("outbox", "edit_sealed", id, edit)
		if err != nil {
			return q, err
		}
		if q.Edit = bot.Ref(ref); takesBack {
			q.Edit, q.TakeBack = "", q.Edit
		}
	}
	raw, err := s.db.open("outbox", "message_sealed", id, body)
	if err != nil {
		return q, err
	}
	if err := json.Unmarshal(raw, &q.Message); err != nil {
		return q, fmt.Errorf("read reply: %w", err)
	}
	return q, nil
}

// Welcome implements delivery.Store.
func (s Delivery) Welcome(ctx context.Context, address bot.AddressID) (bool, error) {
	var yes bool
	err := s.db.read().queryRow(ctx, `
		SELECT m.state = 'active' FROM addresses a JOIN members m ON m.id = a.member_id WHERE a.id = $1`, string(address)).Scan(&yes)
	return yes, ignoreMissing(err)
}

// ReplyEnded implements delivery.Store. A reply's words are not kept once it is
// out; its ref is, where a later one may change it in place.
func (s Delivery) ReplyEnded(ctx context.Context, tx bot.Tx, q bot.Queued, end delivery.End) error {
	t := own(tx)
	var ref []byte
	if end.Ref != "" {
		var err error
		if ref, err = s.db.seal("outbox", "ref_sealed", q.ID, []byte(end.Ref)); err != nil {
			return err
		}
	}
	// That it arrived is true whenever it is heard. Anything else is the end of
	// this attempt, and not of one that somebody else has begun since.
	_, err := t.exec(ctx, `
		UPDATE outbox SET state = $2, reason = $3, ref_sealed = $4, message_sealed = NULL, edit_sealed = NULL
		WHERE id = $1 AND ($5 OR (state = 'sending' AND attempts = $6))`,
		q.ID, string(end.State), end.Reason, ref, end.State == delivery.Sent, q.Attempts)
	if err != nil || end.State != delivery.Sent {
		return err
	}
	if end.Stands {
		return s.replaced(ctx, t, q, end.Ref)
	}
	_, err = t.exec(ctx, `DELETE FROM outbox WHERE address_id = $1 AND topic = $2 AND state = 'sent' AND id < $3`,
		string(q.Address), q.Topic, q.ID)
	return err
}

// replaced takes their topic off the replies that a later one is in the place of, so
// that each topic has one. A message that the later one did not change still stands
// in the chat, and can be taken away.
func (s Delivery) replaced(ctx context.Context, t *Tx, q bot.Queued, by bot.Ref) error {
	type mark struct {
		id     string
		sealed []byte
	}
	earlier, err := collect(func(r *rows) (m mark, err error) { return m, r.Scan(&m.id, &m.sealed) })(t.query(ctx, `
		SELECT id, ref_sealed FROM outbox WHERE address_id = $1 AND topic = $2 AND state = 'sent' AND id < $3`,
		string(q.Address), q.Topic, q.ID))
	if err != nil {
		return err
	}
	for _, m := range earlier {
		statement := `DELETE FROM outbox WHERE id = $1`
		if m.sealed != nil {
			ref, err := s.db.open("outbox", "ref_sealed", m.id, m.sealed)
			if err == nil && bot.Ref(ref) != by {
				statement = `UPDATE outbox SET topic = '' WHERE id = $1`
			}
		}
		if _, err := t.exec(ctx, statement, m.id); err != nil {
			return err
		}
	}
	return nil
}

// ReplyGone implements delivery.Store.
func (s Delivery) ReplyGone(ctx context.Context, q bot.Queued) error {
	if s.db.engine == postgres {
		_, err := s.db.gone.ask(ctx, q.ID)
		return err
	}
	_, err := s.db.one(ctx, deleteReply+`= $1`, q.ID)
	return err
}

// ReplyStands implements delivery.Store.
func (s Delivery) ReplyStands(ctx context.Context, q bot.Queued, ref bot.Ref) error {
	sealed, err := s.db.seal("outbox", "ref_sealed", q.ID, []byte(ref))
	if err != nil {
		return err
	}
	if s.db.engine == postgres {
		_, err := s.db.stands.ask(ctx, arrival{q.ID, sealed})
		return err
	}
	_, err = s.db.one(ctx, replyStands+` ref_sealed = $2 WHERE id = $1`, q.ID, sealed)
	return err
}

const replyStands = `UPDATE outbox SET state = 'sent', reason = '', message_sealed = NULL, edit_sealed = NULL,`

// arrival is a reply with what its message is called on the platform.
type arrival struct {
	id     string
	sealed []byte
}

func (db *DB) replyStandsLot(ctx context.Context, all []arrival) ([]struct{}, error) {
	ids, refs := make([]string, len(all)), make([][]byte, len(all))
	for i, s := range all {
		ids[i], refs[i] = s.id, s.sealed
	}
	_, err := db.one(ctx, replyStands+` ref_sealed = s.ref FROM unnest($1::text[], $2::bytea[]) AS s (id, ref) WHERE outbox.id = s.id`, ids, refs)
	return make([]struct{}, len(all)), err
}

const deleteReply = `DELETE FROM outbox WHERE id `

func (db *DB) replyGoneLot(ctx context.Context, ids []string) ([]struct{}, error) {
	_, err := db.one(ctx, deleteReply+`= ANY($1)`, ids)
	return make([]struct{}, len(ids)), err
}

// ReplyUnsent implements delivery.Store.
func (s Delivery) ReplyUnsent(ctx context.Context, tx bot.Tx, q bot.Queued, due time.Time) error {
	_, err := own(tx).exec(ctx, `
		UPDATE outbox SET state = 'waiting', attempts = attempts - 1, due_at = $2
		WHERE id = $1 AND state = 'sending' AND attempts = $3 AND owner = $4`,
		q.ID, due.UnixMilli(), q.Attempts, s.owner)
	return err
}

// Unreachable implements delivery.Store.
func (s Delivery) Unreachable(ctx context.Context, tx bot.Tx, id bot.AddressID, kind bot.SendKind) error {
	if err := s.db.groupChatLost(ctx, own(tx), string(id), s.db.clock.Now()); err != nil {
		return err
	}
	return s.db.unreachable(ctx, tx, id, kind)
}

// Rename implements delivery.Store.
func (s Delivery) Rename(ctx context.Context, tx bot.Tx, id bot.AddressID, chat string) error {
	sealed, err := s.db.seal("addresses", "chat_sealed", string(id), []byte(chat))
	if err != nil {
		return err
	}
	n, err := own(tx).exec(ctx, `UPDATE addresses SET chat_sealed = $2 WHERE id = $1`, string(id), sealed)
	if err != nil || n > 0 {
		return err
	}
	return s.db.renameGroupChat(ctx, own(tx), string(id), chat, s.db.clock.Now())
}

// Menu implements delivery.Store.
func (s Delivery) Menu(ctx context.Context, tx bot.Tx, id bot.AddressID, menu string) error {
	_, err := own(tx).exec(ctx, `UPDATE addresses SET menu = $2 WHERE id = $1`, string(id), menu)
	return err
}
