package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

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
	row := inboxRow{id: id, account: string(raw.Account), key: key, lane: lane, sealed: sealed, at: s.db.now()}
	var fresh bool
	if s.db.engine == postgres {
		fresh, err = s.db.accepts.ask(ctx, row)
	} else {
		fresh, err = s.db.accept(ctx, row)
	}
	if err != nil {
		return core.Waiting{}, false, err
	}
	return core.Waiting{ID: id, Account: raw.Account, Lane: string(lane), Sender: raw.Sender, Body: raw.Body}, fresh, nil
}

// inboxRow is an update on its way into the inbox.
type inboxRow struct {
	id, account       string
	key, lane, sealed []byte
	at                int64
}

const insertUpdate = `
	INSERT INTO inbox (id, account_id, key_index, lane, raw_sealed, state, attempts, reason, received_at) `

func (db *DB) accept(ctx context.Context, r inboxRow) (fresh bool, err error) {
	n, err := db.one(ctx, insertUpdate+`VALUES ($1, $2, $3, $4, $5, 'waiting', 0, '', $6) ON CONFLICT (key_index) DO NOTHING`,
		r.id, r.account, r.key, r.lane, r.sealed, r.at)
	return n == 1, err
}

// acceptLot takes in what arrived at one moment with one commit. Two processes
// that are given the same updates write them in one order, and so never wait for
// each other in a circle.
func (db *DB) acceptLot(ctx context.Context, lot []inboxRow) ([]bool, error) {
	if len(lot) == 1 {
		fresh, err := db.accept(ctx, lot[0])
		return []bool{fresh}, err
	}
	var ids, accounts []string
	var keys, lanes, bodies [][]byte
	var at []int64
	for _, r := range lot {
		ids, accounts, at = append(ids, r.id), append(accounts, r.account), append(at, r.at)
		keys, lanes, bodies = append(keys, r.key), append(lanes, r.lane), append(bodies, r.sealed)
	}
	var written []string
	err := db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		var err error
		written, err = collect(scanString)(own(tx).query(ctx, insertUpdate+`
			SELECT id, account, key, lane, sealed, 'waiting', 0, '', at
			FROM unnest($1::text[], $2::text[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bigint[]) AS u (id, account, key, lane, sealed, at)
			ORDER BY key ON CONFLICT (key_index) DO NOTHING RETURNING id`, ids, accounts, keys, lanes, bodies, at))
		return err
	})
	fresh := make([]bool, len(lot))
	for i, r := range lot {
		fresh[i] = slices.Contains(written, r.id)
	}
	return fresh, err
}

// Waiting implements engine.Store.
func (s Engine) Waiting(ctx context.Context, after string, limit int) ([]core.Waiting, error) {
	return collect(s.scanWaiting)(s.db.read().query(ctx, `
		SELECT id, account_id, lane, raw_sealed, attempts FROM inbox
		WHERE state = 'waiting' AND id > $1 ORDER BY id LIMIT $2`, after, limit))
}

// waitingIn returns what waits in lanes, by lane; the eldest where there is a lot.
func (s Engine) waitingIn(ctx context.Context, lanes []string) (map[string][]core.Waiting, error) {
	all := map[string][]core.Waiting{}
	if len(lanes) == 0 {
		return all, nil
	}
	found, err := collect(s.scanWaiting)(s.db.read().query(ctx, `
		SELECT id, account_id, lane, raw_sealed, attempts FROM inbox
		WHERE state = 'waiting' AND lane = ANY($1) ORDER BY id LIMIT 500`, laneBytes(lanes)))
	for _, w := range found {
		all[w.Lane] = append(all[w.Lane], w)
	}
	return all, err
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

// Finish implements engine.Store. What is left tells nothing of who it was from.
func (s Engine) Finish(ctx context.Context, tx bot.Tx, id string) error {
	n, err := own(tx).exec(ctx, `UPDATE inbox SET state = 'done', raw_sealed = NULL, lane = $2 WHERE id = $1 AND state = 'waiting'`, id, []byte{})
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
func (s Engine) ClaimLane(ctx context.Context, lane string) ([]core.Waiting, bool, error) {
	c, err := s.db.lanes.claims.ask(ctx, lane)
	return c.waiting, c.mine, err
}

// ReleaseLane implements engine.Store.
func (s Engine) ReleaseLane(ctx context.Context, lane string) (bool, error) {
	return s.db.lanes.releases.ask(ctx, lane)
}
