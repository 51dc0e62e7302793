package storage

import (
	"context"
	"time"

	"ella/bot"
)

// Installs keep how a workspace lets Ella in by OAuth: the invitations that operators
// hand on, and what was begun with them. All codes are compared by keyed hashes of them.
type Installs struct{ db *DB }

// Installs gives their store.
func (db *DB) Installs() Installs { return Installs{db} }

func (s Installs) codeOf(code string) []byte { return s.db.index("installs.code_index", code) }

// begunAtMost is how many installations may be under way with one invitation: programs
// that draw previews of links open them too.
const begunAtMost = 20

const insertInstall = `
	INSERT INTO installs (id, kind, code_index, nonce_index, invitation_id, created_at, expires_at, used_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)`

// Invite makes an invitation that lets Ella into one workspace.
func (s Installs) Invite(ctx context.Context, code string, now, expires time.Time) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		_, err := own(tx).exec(ctx, insertInstall, s.db.ids.New(), "invitation", s.codeOf(code), nil, "", now.UnixMilli(), expires.UnixMilli())
		return err
	})
}

// Begin begins an installation with an invitation, in the browser that has the nonce.
// bot.ErrNotFound when there is no such invitation, or not any more.
func (s Installs) Begin(ctx context.Context, code, state, nonce string, now, expires time.Time) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		t := own(tx)
		var invitation string
		err := t.queryRow(ctx, `
			SELECT id FROM installs WHERE code_index = $1 AND kind = 'invitation' AND used_at = 0 AND expires_at > $2`,
			s.codeOf(code), now.UnixMilli()).Scan(&invitation)
		if err != nil {
			return err
		}
		_, err = t.exec(ctx, insertInstall, s.db.ids.New(), "begun", s.codeOf(state), s.db.index("installs.nonce_index", nonce), invitation, now.UnixMilli(), expires.UnixMilli())
		if err != nil {
			return err
		}
		_, err = t.exec(ctx, `
			DELETE FROM installs WHERE invitation_id = $1 AND id NOT IN (
				SELECT id FROM installs WHERE invitation_id = $1 ORDER BY id DESC LIMIT $2)`, invitation, begunAtMost)
		return err
	})
}

// End ends an installation, whatever comes of it, and uses its invitation up, which it
// names. bot.ErrNotFound when it was never begun in this browser, when it was ended
// before, and when its time or its invitation is over.
func (s Installs) End(ctx context.Context, state, nonce string, now time.Time) (invitation string, err error) {
	found := false
	err = s.db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		t := own(tx)
		found = false // a unit may run again
		var mine, inTime bool
		err := t.queryRow(ctx, `
			DELETE FROM installs WHERE code_index = $1 AND kind = 'begun' RETURNING invitation_id, nonce_index = $2, expires_at > $3`,
			s.codeOf(state), s.db.index("installs.nonce_index", nonce), now.UnixMilli()).Scan(&invitation, &mine, &inTime)
		if err != nil {
			return ignoreMissing(err)
		}
		if !mine || !inTime {
			return nil // ended all the same
		}
		n, err := t.exec(ctx, `UPDATE installs SET used_at = $2 WHERE id = $1 AND used_at = 0 AND expires_at > $2`, invitation, now.UnixMilli())
		found = n == 1
		return err
	})
	if err == nil && !found {
		err = bot.ErrNotFound
	}
	return invitation, err
}

// Reopen lets an invitation be used again, since nothing came of it.
func (s Installs) Reopen(ctx context.Context, invitation string) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		_, err := own(tx).exec(ctx, `UPDATE installs SET used_at = 0 WHERE id = $1`, invitation)
		return err
	})
}

// Open is how many invitations wait to be used.
func (s Installs) Open(ctx context.Context, now time.Time) (n int, err error) {
	err = s.db.read().queryRow(ctx, `SELECT count(*) FROM installs WHERE kind = 'invitation' AND used_at = 0 AND expires_at > $1`, now.UnixMilli()).Scan(&n)
	return n, err
}
