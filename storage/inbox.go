package storage

import (
	"context"
	"encoding/json"
	"fmt"

	"ella/bot"
	core "ella/bot/engine"
)

// Engine keeps what the engine must not lose: updates, members, conversations.
type Engine struct {
	db    *DB
	owner string
}

var _ core.Store = Engine{}

// Engine gives the engine's store. owner names this process in the rows that it
// takes.
func (db *DB) Engine(owner string) Engine { return Engine{db: db, owner: owner} }

// maxBody is how long an update may be.
const maxBody = 1 << 20

// rawVersion is the version of the stored update.
const rawVersion = 1

// storedRaw is an update as the inbox keeps it, sealed.
type storedRaw struct {
	Version int    `json:"v"`
	Sender  string `json:"sender"`
	Body    []byte `json:"body"`
}

// Accept implements engine.Store.
func (s Engine) Accept(ctx context.Context, id string, raw bot.Raw) (core.Waiting, bool, error) {
	if len(raw.Body) > maxBody {
		return core.Waiting{}, false, bot.ErrTooLarge
	}
	body, err := json.Marshal(storedRaw{Version: rawVersion, Sender: raw.Sender, Body: raw.Body})
	if err != nil {
		return core.Waiting{}, false, fmt.Errorf("write update: %w", err)
	}
	sealed, err := s.db.seal("inbox", "raw_sealed", id, body)
	if err != nil {
		return core.Waiting{}, false, err
	}
	key := s.db.index("inbox.key_index", string(raw.Account), raw.Key)
	lane := s.db.index("inbox.lane", string(raw.Account), raw.Sender)
	n, err := s.db.one(ctx, `
		INSERT INTO inbox (id, account_id, key_index, lane, raw_sealed, state, attempts, reason, received_at)
		VALUES ($1, $2, $3, $4, $5, 'waiting', 0, '', $6)
		ON CONFLICT (key_index) DO NOTHING`, id, string(raw.Account), key, lane, sealed, s.db.now())
	if err != nil {
		return core.Waiting{}, false, err
	}
	return core.Waiting{ID: id, Account: raw.Account, Lane: string(lane), Sender: raw.Sender, Body: raw.Body}, n == 1, nil
}

// Waiting implements engine.Store.
func (s Engine) Waiting(ctx context.Context, after string, limit int) ([]core.Waiting, error) {
	return collect(s.scanWaiting)(s.db.read().query(ctx, `
		SELECT id, account_id, lane, raw_sealed, attempts FROM inbox
		WHERE state = 'waiting' AND id > $1 ORDER BY id LIMIT $2`, after, limit))
}

// WaitingIn implements engine.Store.
func (s Engine) WaitingIn(ctx context.Context, lane string) ([]core.Waiting, error) {
	return collect(s.scanWaiting)(s.db.read().query(ctx, `
		SELECT id, account_id, lane, raw_sealed, attempts FROM inbox
		WHERE state = 'waiting' AND lane = $1 ORDER BY id LIMIT 500`, []byte(lane)))
}

func (s Engine) scanWaiting(r *rows) (core.Waiting, error) {
	var w core.Waiting
	var lane, sealed []byte
	if err := r.Scan(&w.ID, &w.Account, &lane, &sealed, &w.Attempts); err != nil {
		return w, err
	}
	w.Lane = string(lane)
	body, err := s.db.open("inbox", "raw_sealed", w.ID, sealed)
	var raw storedRaw
	if err == nil {
		err = json.Unmarshal(body, &raw)
	}
	if err == nil && raw.Version == rawVersion {
		w.Sender, w.Body = raw.Sender, raw.Body
	}
	// Otherwise the adapter finds it unreadable too and it is parked, rather than
	// that one damaged row keeps all others waiting.
	return w, nil
}

// Finish implements engine.Store.
func (s Engine) Finish(ctx context.Context, tx bot.Tx, id string) error {
	n, err := own(tx).exec(ctx, `UPDATE inbox SET state = 'done', raw_sealed = NULL WHERE id = $1 AND state = 'waiting'`, id)
	if err == nil && n == 0 {
		err = bot.ErrConflict
	}
	return err
}

// Failed implements engine.Store.
func (s Engine) Failed(ctx context.Context, tx bot.Tx, id string, reason core.Reason, park bool) error {
	state := "waiting"
	if park {
		state = "parked"
	}
	return conflictUnless(own(tx).exec(ctx, `
		UPDATE inbox SET attempts = attempts + 1, reason = $2, state = $3 WHERE id = $1 AND state = 'waiting'`, id, string(reason), state))
}

// Write implements engine.Store.
func (s Engine) Write(ctx context.Context, unit bot.Change) error { return s.db.Write(ctx, unit) }

// Unavailable implements engine.Store.
func (s Engine) Unavailable(err error) bool { return s.db.unavailable(err) }

// Shared implements engine.Store.
func (s Engine) Shared() bool { return s.db.engine == postgres }

// ClaimLane implements engine.Store.
func (s Engine) ClaimLane(ctx context.Context, lane string) (bool, error) {
	return s.db.lanes.claim(ctx, lane)
}

// ReleaseLane implements engine.Store.
func (s Engine) ReleaseLane(ctx context.Context, lane string) error {
	return s.db.lanes.release(ctx, lane)
}
