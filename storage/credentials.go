package storage

import (
	"context"

	"ella/bot"
)

// Credentials are what Ella serves an account with.
type Credentials struct {
	// Version is another one after every change.
	Version string
	// Secret is whatever the account's platform needs, as whoever wires it has put it.
	Secret []byte
}

// Credentials are those that are kept for an account. bot.ErrNotFound where none are.
func (db *DB) Credentials(ctx context.Context, id bot.AccountID) (Credentials, error) {
	var c Credentials
	var sealed []byte
	err := db.read().queryRow(ctx, `SELECT version, secret_sealed FROM account_credentials WHERE account_id = $1`, string(id)).Scan(&c.Version, &sealed)
	if err != nil {
		return c, err
	}
	c.Secret, err = db.open("account_credentials", "secret_sealed", string(id), sealed)
	return c, err
}

// Entry is an account that Ella is let into.
type Entry struct {
	Platform, Name string
	// Title is what its people call it.
	Title string
	// Way is how she was let in, and Secret what she serves it with from now on, in place
	// of anything earlier. Without a Secret nothing is kept, and what is kept stays.
	Way    string
	Secret []byte
}

// LetIn puts an account on, and makes it where there is none. Whoever could not be
// reached only since it was off can be reached again: they have not asked for less, and
// they know Ella. Who was forgotten meanwhile stays so, and group chats stay off, since
// nobody is brought back into them.
func (db *DB) LetIn(ctx context.Context, e Entry) (id bot.AccountID, err error) {
	err = db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		t := own(tx)
		if id, err = db.account(ctx, t, e.Platform, e.Name); err != nil {
			return err
		}
		title, err := db.seal("accounts", "title_sealed", string(id), []byte(e.Title))
		if err != nil {
			return err
		}
		if _, err := t.exec(ctx, `UPDATE accounts SET state = 'on', title_sealed = $2 WHERE id = $1`, string(id), title); err != nil {
			return err
		}
		_, err = t.exec(ctx, `
			UPDATE addresses SET state = 'on', off_at = 0, with_account = FALSE WHERE account_id = $1 AND with_account AND state = 'gone'`, string(id))
		if err != nil || e.Secret == nil {
			return err
		}
		secret, err := db.seal("account_credentials", "secret_sealed", string(id), e.Secret)
		if err != nil {
			return err
		}
		_, err = t.exec(ctx, `
			INSERT INTO account_credentials (account_id, version, way, secret_sealed, changed_at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (account_id) DO UPDATE SET version = $2, way = $3, secret_sealed = $4, changed_at = $5`,
			string(id), db.ids.New(), e.Way, secret, db.now())
		return err
	})
	return id, err
}

// TakeOut puts an account off, since Ella is not in it any more: what she served it with
// is deleted, nobody can be reached there, and what was on its way there ends. What its
// people wrote before still waits, and AccountState.Left says so: somebody may have asked
// to be forgotten. Whoever serves accounts works it, and calls Emptied. version
// names the credentials that do not work any more: bot.ErrConflict when others are kept
// by now, since she was let in again meanwhile, and then nothing is changed. An empty
// version takes her out whatever is kept.
//
// Alerts that run end by themselves: a copy to whom nobody can reach is skipped. lost is
// called in the unit for each group chat in which she can't write any more; nil: for
// none.
func (db *DB) TakeOut(ctx context.Context, id bot.AccountID, version string, lost func(ctx context.Context, tx bot.Tx, chat bot.GroupChatID) error) error {
	return db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		t := own(tx)
		if version != "" {
			err := conflictUnless(t.exec(ctx, `DELETE FROM account_credentials WHERE account_id = $1 AND version = $2`, string(id), version))
			if err != nil {
				return err
			}
		}
		for _, statement := range []string{
			`DELETE FROM account_credentials WHERE account_id = $1`,
			`UPDATE accounts SET state = 'off' WHERE id = $1`,
		} {
			if _, err := t.exec(ctx, statement, string(id)); err != nil {
				return err
			}
		}
		return db.cutOff(ctx, t, id, lost)
	})
}

// Emptied ends what is left of an account that was taken out, once what waited is worked
// as far as it can be. bot.ErrConflict, and nothing is changed, when she was let in again
// meanwhile.
func (db *DB) Emptied(ctx context.Context, id bot.AccountID, lost func(ctx context.Context, tx bot.Tx, chat bot.GroupChatID) error) error {
	return db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		t := own(tx)
		// The row is locked, so that nobody is let in while this runs.
		if err := conflictUnless(t.exec(ctx, `UPDATE accounts SET state = 'off' WHERE id = $1 AND state = 'off'`, string(id))); err != nil {
			return err
		}
		// What nobody will work must not lie there with people's words in it.
		_, err := t.exec(ctx, `UPDATE inbox SET state = 'done', raw_sealed = NULL, lane = $2 WHERE account_id = $1 AND state = 'waiting'`, string(id), []byte{})
		if err != nil {
			return err
		}
		if _, err := t.exec(ctx, `DELETE FROM shelf WHERE account_id = $1`, string(id)); err != nil {
			return err
		}
		// Whoever wrote last counts as reachable again, and is not.
		return db.cutOff(ctx, t, id, lost)
	})
}

// WaitingOf is how many updates of an account wait to be worked.
func (db *DB) WaitingOf(ctx context.Context, id bot.AccountID) (n int, err error) {
	err = db.read().queryRow(ctx, `SELECT count(*) FROM inbox WHERE state = 'waiting' AND account_id = $1`, string(id)).Scan(&n)
	return n, err
}

// cutOff has nobody be reachable through an account, and ends what was on its way there.
func (db *DB) cutOff(ctx context.Context, t *Tx, id bot.AccountID, lost func(ctx context.Context, tx bot.Tx, chat bot.GroupChatID) error) error {
	_, err := t.exec(ctx, `
		UPDATE outbox SET state = 'refused', reason = 'no-access', message_sealed = NULL, edit_sealed = NULL
		WHERE state IN ('sending', 'waiting') AND address_id IN (SELECT id FROM addresses WHERE account_id = $1)`, string(id))
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `
		UPDATE addresses SET state = 'gone', with_account = TRUE, off_at = CASE WHEN off_at = 0 THEN $2 ELSE off_at END
		WHERE account_id = $1 AND state = 'on'`, string(id), day(db.now()))
	if err != nil {
		return err
	}
	chats, err := collect(scanString)(t.query(ctx, `SELECT id FROM group_chats WHERE account_id = $1 AND state = 'on' ORDER BY id`, string(id)))
	if err != nil {
		return err
	}
	for _, chat := range chats {
		if err := db.groupChatLost(ctx, t, chat, db.clock.Now()); err != nil {
			return err
		}
		if lost == nil {
			continue
		}
		if err := lost(ctx, t, bot.GroupChatID(chat)); err != nil {
			return err
		}
	}
	return nil
}
