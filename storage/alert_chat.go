package storage

import (
	"context"
	"time"

	"ella/bot"
	"ella/bot/alert"
)

// ChatsOf implements alert.Store.
func (s Alerts) ChatsOf(ctx context.Context, group bot.GroupID) ([]alert.Chat, error) {
	return chatsOf(ctx, s.db.read(), group)
}

func chatsOf(ctx context.Context, from source, group bot.GroupID) ([]alert.Chat, error) {
	if group == "" {
		return nil, nil
	}
	return collect(func(r *rows) (alert.Chat, error) {
		var c alert.Chat
		var locales string
		err := r.Scan(&c.ID, &locales)
		if err == nil {
			c.Locales, err = readLocales(locales)
		}
		return c, err
	})(from.query(ctx, `SELECT id, locales FROM group_chats WHERE group_id = $1 AND state = 'on' ORDER BY number, id`, string(group)))
}

// FreezeChats implements alert.Store. member_id is the chat's.
func (s Alerts) FreezeChats(ctx context.Context, tx bot.Tx, a alert.Alert, now time.Time) error {
	_, err := own(tx).exec(ctx, `
		INSERT INTO deliveries (alert_id, member_id, chat, state, attempts, reason, locale, address_id, owner, held_until, updated_at)
		SELECT w.id, k.id, TRUE, 'planned', 0, '', '', '', '', 0, $3
		FROM group_chats k JOIN groups g ON g.id = k.group_id JOIN alerts w ON w.id = $1 AND w.state = 'freezing' AND w.organisation_id = g.organisation_id
		WHERE k.group_id = $2 AND k.state = 'on'
		ON CONFLICT (alert_id, member_id) DO NOTHING`, string(a.ID), string(a.Audience.Group), now.UnixMilli())
	return err
}

// AsksInChats implements alert.Store.
func (s Alerts) AsksInChats(ctx context.Context, id bot.ActionID) (asks bool, err error) {
	err = s.db.read().queryRow(ctx, `SELECT EXISTS (SELECT 1 FROM alerts WHERE action_id = $1 AND chats AND state <> 'draft')`, string(id)).Scan(&asks)
	return asks, err
}

// Cards implements alert.Store.
func (s Alerts) Cards(ctx context.Context, id bot.ActionID) ([]alert.Card, error) {
	return collect(func(r *rows) (alert.Card, error) {
		var c alert.Card
		var locales string
		var name, ref []byte
		err := r.Scan(&c.Alert, &c.Chat.ID, &c.Account, &locales, &name, &ref, &c.Shown)
		if err != nil {
			return c, err
		}
		if c.Chat.Locales, err = readLocales(locales); err != nil {
			return c, err
		}
		opened, err := s.db.open("group_chats", "chat_sealed", string(c.Chat.ID), name)
		if err != nil {
			return c, err
		}
		c.Name = string(opened)
		opened, err = s.db.open("deliveries", "ref_sealed", rowKey(string(c.Alert), string(c.Chat.ID)), ref)
		c.Ref = bot.Ref(opened)
		return c, err
	})(s.db.read().query(ctx, `
		SELECT d.alert_id, k.id, k.account_id, k.locales, k.chat_sealed, d.ref_sealed, d.shown
		FROM alerts a JOIN deliveries d ON d.alert_id = a.id AND d.chat JOIN group_chats k ON k.id = d.member_id
		JOIN groups g ON g.id = k.group_id JOIN organisations o ON o.id = g.organisation_id
		WHERE a.action_id = $1 AND a.chats AND d.state = 'sent' AND d.ref_sealed IS NOT NULL AND k.state = 'on' AND g.state = 'open' AND o.state = 'active'
		ORDER BY d.alert_id, k.id`, string(id)))
}

// KeepCard implements alert.Store.
func (s Alerts) KeepCard(ctx context.Context, tx bot.Tx, c alert.Card) error {
	ref, err := s.db.seal("deliveries", "ref_sealed", rowKey(string(c.Alert), string(c.Chat.ID)), []byte(c.Ref))
	if err != nil {
		return err
	}
	_, err = own(tx).exec(ctx, `UPDATE deliveries SET shown = $3, ref_sealed = $4 WHERE alert_id = $1 AND member_id = $2 AND chat AND ref_sealed IS NOT NULL`,
		string(c.Alert), string(c.Chat.ID), c.Shown, ref)
	return err
}

// LoseChat implements alert.Store.
func (s Alerts) LoseChat(ctx context.Context, tx bot.Tx, id bot.GroupChatID, now time.Time) error {
	return s.db.groupChatLost(ctx, own(tx), string(id), now)
}

// MoveChat implements alert.Store.
func (s Alerts) MoveChat(ctx context.Context, tx bot.Tx, id bot.GroupChatID, name string, now time.Time) error {
	return s.db.renameGroupChat(ctx, own(tx), string(id), name, now)
}

// AskedIn implements action.Store. Pressing there shows that somebody is there: what is
// asked is only whether that chat is one.
func (s Actions) AskedIn(ctx context.Context, id bot.ActionID, account bot.AccountID, group string) (by bot.OrganisationID, err error) {
	err = s.db.read().queryRow(ctx, `
		SELECT a.organisation_id FROM group_chats k JOIN deliveries d ON d.member_id = k.id AND d.chat JOIN alerts a ON a.id = d.alert_id
		JOIN organisations o ON o.id = a.organisation_id
		WHERE k.chat_index = $3 AND k.account_id = $2 AND a.action_id = $1 AND o.state = 'active' AND d.state IN ('sent', 'attempting', 'unknown', 'planned')
		ORDER BY a.submitted_at, a.id LIMIT 1`, string(id), string(account), s.db.chatIndex(account, group)).Scan(&by)
	return by, err
}
