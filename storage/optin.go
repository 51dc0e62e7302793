package storage

import (
	"context"
	"encoding/base32"
	"errors"
	"strings"
	"time"

	"ella/bot"
	"ella/bot/groupchat"
)

// OptedIn implements groupchat.Store.
func (s GroupChats) OptedIn(ctx context.Context, member bot.MemberID, id bot.GroupChatID) (is bool, err error) {
	err = s.db.read().queryRow(ctx, `SELECT EXISTS (SELECT 1 FROM opt_ins WHERE chat_id = $1 AND member_id = $2)`, string(id), string(member)).Scan(&is)
	return is, err
}

// Pressed implements groupchat.Store: 80 bits, in the alphabet of a start link.
func (s GroupChats) Pressed(account bot.AccountID, sender string, id bot.GroupChatID) string {
	return strings.ToLower(base32.StdEncoding.EncodeToString(s.db.index("opt_ins.pressed", string(account), sender, string(id))[:10]))
}

// OrganisationOf implements groupchat.Store.
func (s GroupChats) OrganisationOf(ctx context.Context, c groupchat.Chat) (bot.Organisation, error) {
	return s.db.organisation(ctx, c.Group.Organisation)
}

// Agree implements groupchat.Store.
func (s GroupChats) Agree(ctx context.Context, tx bot.Tx, member bot.MemberID, organisation bot.OrganisationID, now time.Time) error {
	return s.db.Members().Agree(ctx, tx, member, organisation, now)
}

// OptIn implements groupchat.Store. The chat's row is held, so that whoever disconnects
// it at this moment waits, and finds what was noted.
func (s GroupChats) OptIn(ctx context.Context, tx bot.Tx, member bot.MemberID, id bot.GroupChatID, now time.Time) error {
	t := own(tx)
	var held string
	err := t.queryRow(ctx, `SELECT id FROM group_chats WHERE id = $1 `+s.db.locked, string(id)).Scan(&held)
	if errors.Is(err, bot.ErrNotFound) {
		return bot.ErrConflict
	}
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `
		INSERT INTO opt_ins (chat_id, member_id, since)
		SELECT k.id, m.id, CAST($3 AS BIGINT)
		FROM group_chats k JOIN groups g ON g.id = k.group_id JOIN organisations o ON o.id = g.organisation_id
		JOIN memberships b ON b.organisation_id = o.id JOIN members m ON m.id = b.member_id
		WHERE k.id = $1 AND k.state = 'on' AND g.state = 'open' AND o.state = 'active'
		AND m.id = $2 AND m.forgotten_at = 0 AND m.consent > 0 AND b.state = 'on'
		ON CONFLICT (chat_id, member_id) DO NOTHING`, string(id), string(member), day(now.UnixMilli()))
	return err
}

// OptOut implements groupchat.Store.
func (s GroupChats) OptOut(ctx context.Context, tx bot.Tx, member bot.MemberID, organisation bot.OrganisationID) error {
	return s.db.optOut(ctx, tx, member, organisation)
}

// optOut deletes from which chats of an organisation, or of all where it is empty,
// somebody opted in.
func (db *DB) optOut(ctx context.Context, tx bot.Tx, member bot.MemberID, organisation bot.OrganisationID) error {
	_, err := own(tx).exec(ctx, `
		DELETE FROM opt_ins WHERE member_id = $1 AND ($2 = '' OR chat_id IN (
			SELECT k.id FROM group_chats k JOIN groups g ON g.id = k.group_id WHERE g.organisation_id = $2))`, string(member), string(organisation))
	return err
}

// UndoChat implements groupchat.Store.
func (s GroupChats) UndoChat(ctx context.Context, tx bot.Tx, member bot.MemberID, id bot.GroupChatID) error {
	return Privacy(s).UndoChat(ctx, tx, member, id)
}

// UndoChat implements privacy.Store.
func (s Privacy) UndoChat(ctx context.Context, tx bot.Tx, id bot.MemberID, chat bot.GroupChatID) error {
	_, err := own(tx).exec(ctx, `DELETE FROM opt_ins WHERE member_id = $1 AND chat_id = $2`, string(id), string(chat))
	return err
}

// dropChat deletes a chat, with who opted in from it. It reports how many there were.
func (db *DB) dropChat(ctx context.Context, t *Tx, id string) (int64, error) {
	// The chat first, as whoever opts in holds it first.
	n, err := t.exec(ctx, `UPDATE group_chats SET state = 'off' WHERE id = $1`, id)
	if err != nil || n == 0 {
		return n, err
	}
	if _, err := t.exec(ctx, `DELETE FROM opt_ins WHERE chat_id = $1`, id); err != nil {
		return 0, err
	}
	return t.exec(ctx, `DELETE FROM group_chats WHERE id = $1`, id)
}

// Invite implements groupchat.Store.
func (s GroupChats) Invite(ctx context.Context, tx bot.Tx, id bot.GroupChatID, since, now time.Time) error {
	return conflictUnless(own(tx).exec(ctx, `
		UPDATE group_chats SET invite = 'asked', invited_at = $3 WHERE id = $1 AND state = 'on' AND invited_at <= $2`,
		string(id), since.UnixMilli(), now.UnixMilli()))
}

// Inviting implements groupchat.Store.
func (s GroupChats) Inviting(ctx context.Context, id bot.GroupChatID) (groupchat.Inviting, string, error) {
	var state groupchat.Inviting
	if err := s.db.read().queryRow(ctx, `SELECT invite FROM group_chats WHERE id = $1`, string(id)).Scan(&state); err != nil {
		return "", "", err
	}
	name, err := s.db.groupChatName(ctx, s.db.read(), string(id))
	return state, name, err
}

// SetInviting implements groupchat.Store.
func (s GroupChats) SetInviting(ctx context.Context, tx bot.Tx, id bot.GroupChatID, from, to groupchat.Inviting, again bool) error {
	return conflictUnless(own(tx).exec(ctx, `
		UPDATE group_chats SET invite = $3, invited_at = CASE WHEN $4 THEN 0 ELSE invited_at END WHERE id = $1 AND invite = $2`,
		string(id), string(from), string(to), again))
}

// Lose implements groupchat.Store.
func (s GroupChats) Lose(ctx context.Context, tx bot.Tx, id bot.GroupChatID, now time.Time) error {
	return s.db.groupChatLost(ctx, own(tx), string(id), now)
}

// Asker implements groupchat.Store.
func (s GroupChats) Asker(ctx context.Context, id bot.MemberID) (bot.Member, error) {
	return s.db.memberByID(ctx, s.db.read(), id)
}
