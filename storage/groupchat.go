package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"ella/bot"
	"ella/bot/groupchat"
)

// GroupChats keeps the group chats that are connected to groups, and the codes that
// connect them.
type GroupChats struct{ db *DB }

var _ groupchat.Store = GroupChats{}

// GroupChats gives the store of the room for group chats.
func (db *DB) GroupChats() GroupChats { return GroupChats{db} }

// chatIndex finds a group chat by the platform's name of it, with its topic.
func (db *DB) chatIndex(account bot.AccountID, name string) []byte {
	return db.index("group_chats.chat_index", string(account), name)
}

// wholeIndex finds all topics of a group chat. An adapter names a topic after the chat
// that it is in and a slash.
func (db *DB) wholeIndex(account bot.AccountID, name string) []byte {
	whole, _ := splitTopic(name)
	return db.index("group_chats.whole_index", string(account), whole)
}

// splitTopic is the chat's own name, and the rest with its slash.
func splitTopic(name string) (whole, topic string) {
	if at := strings.LastIndexByte(name, '/'); at > 0 {
		return name[:at], name[at:]
	}
	return name, ""
}

// connectable are the groups that a chat can be connected to.
const connectable = ` FROM groups g JOIN organisations o ON o.id = g.organisation_id WHERE g.state = 'open' AND o.state = 'active'`

// Group implements groupchat.Store.
func (s GroupChats) Group(ctx context.Context, id bot.GroupID) (g groupchat.Group, err error) {
	err = s.db.read().queryRow(ctx, `SELECT g.id, g.organisation_id, g.name`+connectable+` AND g.id = $1`, string(id)).
		Scan(&g.ID, &g.Organisation, &g.Name)
	return g, err
}

// Groups implements groupchat.Store.
func (s GroupChats) Groups(ctx context.Context, organisation bot.OrganisationID) ([]groupchat.Group, error) {
	return collect(func(r *rows) (g groupchat.Group, err error) { return g, r.Scan(&g.ID, &g.Organisation, &g.Name) })(s.db.read().query(ctx,
		`SELECT g.id, g.organisation_id, g.name`+connectable+` AND o.id = $1 ORDER BY g.name, g.id`, string(organisation)))
}

const selectChat = `
	SELECT c.id, g.id, g.organisation_id, g.name, c.account_id, c.number, c.locales, c.state = 'on', c.told, g.state <> 'open' OR o.state <> 'active', c.invited_at
	FROM group_chats c JOIN groups g ON g.id = c.group_id JOIN organisations o ON o.id = g.organisation_id WHERE `

func scanChat(r interface{ Scan(dest ...any) error }) (groupchat.Chat, error) {
	var c groupchat.Chat
	var locales string
	var invited int64
	err := r.Scan(&c.ID, &c.Group.ID, &c.Group.Organisation, &c.Group.Name, &c.Account, &c.Number, &locales, &c.On, &c.Told, &c.Closed, &invited)
	if err != nil {
		return c, err
	}
	c.Invited = instant(invited)
	c.Locales, err = readLocales(locales)
	return c, err
}

func readLocales(stored string) (locales []string, err error) {
	if err := json.Unmarshal([]byte(stored), &locales); err != nil {
		return nil, fmt.Errorf("read the languages of a group chat: %w", err)
	}
	return locales, nil
}

func writeLocales(locales []string) (string, error) {
	body, err := json.Marshal(locales)
	if err != nil {
		return "", fmt.Errorf("write the languages of a group chat: %w", err)
	}
	return string(body), nil
}

// Chat implements groupchat.Store.
func (s GroupChats) Chat(ctx context.Context, id bot.GroupChatID) (groupchat.Chat, error) {
	return scanChat(s.db.read().queryRow(ctx, selectChat+`c.id = $1`, string(id)))
}

func (s GroupChats) list(ctx context.Context, where string, args ...any) ([]groupchat.Chat, error) {
	return collect(func(r *rows) (groupchat.Chat, error) { return scanChat(r) })(s.db.read().query(ctx, selectChat+where+` ORDER BY c.number, c.id`, args...))
}

// Chats implements groupchat.Store.
func (s GroupChats) Chats(ctx context.Context, group bot.GroupID) ([]groupchat.Chat, error) {
	return s.list(ctx, `c.group_id = $1`, string(group))
}

// At implements groupchat.Store.
func (s GroupChats) At(ctx context.Context, account bot.AccountID, name string) (groupchat.Chat, error) {
	return scanChat(s.db.read().queryRow(ctx, selectChat+`c.chat_index = $1`, s.db.chatIndex(account, name)))
}

// Within implements groupchat.Store.
func (s GroupChats) Within(ctx context.Context, account bot.AccountID, name string) ([]groupchat.Chat, error) {
	return s.list(ctx, `c.whole_index = $1`, s.db.wholeIndex(account, name))
}

// codeOf is all that is kept of a code.
func (s GroupChats) codeOf(code string) []byte {
	return s.db.index("group_chat_codes.code_index", code)
}

// Code implements groupchat.Store.
func (s GroupChats) Code(ctx context.Context, code string, now time.Time) (c groupchat.Code, err error) {
	err = s.db.read().queryRow(ctx, `
		SELECT k.member_id, g.id, g.organisation_id, g.name
		FROM group_chat_codes k, groups g, organisations o
		WHERE k.code_index = $1 AND k.expires_at > $2 AND g.id = k.group_id AND g.state = 'open' AND o.id = g.organisation_id AND o.state = 'active'`,
		s.codeOf(code), now.UnixMilli()).
		Scan(&c.Member, &c.Group.ID, &c.Group.Organisation, &c.Group.Name)
	return c, err
}

// Keepers implements groupchat.Store.
func (s GroupChats) Keepers(ctx context.Context, c groupchat.Chat) ([]bot.Member, error) {
	for _, who := range []struct {
		roles string
		about string
	}{
		{`(r.kind = 'leader' AND r.group_id = $1 OR r.id IN (SELECT k.linked_by FROM group_chats k WHERE k.id = $2))`, string(c.Group.ID)},
		{`r.kind = 'organiser' AND r.organisation_id = $1 AND $2 <> ''`, string(c.Group.Organisation)},
	} {
		found, err := collect(func(r *rows) (m bot.Member, err error) { return m, r.Scan(&m.ID, &m.Locale, &m.Speaks, &m.State) })(s.db.read().query(ctx, `
			SELECT m.id, m.locale, m.speaks, m.state FROM members m
			WHERE m.state = 'active' AND m.id IN (SELECT r.member_id FROM roles r WHERE r.state = 'on' AND `+who.roles+`) ORDER BY m.id`,
			who.about, string(c.ID)))
		if err != nil || len(found) > 0 {
			return found, err
		}
	}
	return nil, nil
}

// Offer implements groupchat.Store.
func (s GroupChats) Offer(ctx context.Context, tx bot.Tx, code string, c groupchat.Code, now, expires time.Time) error {
	_, err := own(tx).exec(ctx, `
		INSERT INTO group_chat_codes (member_id, code_index, group_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (member_id) DO UPDATE SET code_index = $2, group_id = $3, created_at = $4, expires_at = $5`,
		string(c.Member), s.codeOf(code), string(c.Group.ID), now.UnixMilli(), expires.UnixMilli())
	return err
}

// Use implements groupchat.Store.
func (s GroupChats) Use(ctx context.Context, tx bot.Tx, code string, c groupchat.Code, now time.Time) error {
	return conflictUnless(own(tx).exec(ctx, `DELETE FROM group_chat_codes WHERE code_index = $1 AND member_id = $2 AND group_id = $3 AND expires_at > $4`,
		s.codeOf(code), string(c.Member), string(c.Group.ID), now.UnixMilli()))
}

// Connect implements groupchat.Store.
func (s GroupChats) Connect(ctx context.Context, tx bot.Tx, c groupchat.Chat, name string, by bot.RoleID, now time.Time) error {
	sealed, err := s.db.seal("group_chats", "chat_sealed", string(c.ID), []byte(name))
	if err != nil {
		return err
	}
	locales, err := writeLocales(c.Locales)
	if err != nil {
		return err
	}
	return conflictUnless(own(tx).exec(ctx, `
		INSERT INTO group_chats (id, account_id, group_id, number, chat_index, whole_index, chat_sealed, locales, linked_by, state, told, created_at, changed_at)
		SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, 'on', TRUE, $10, $10 WHERE NOT EXISTS (SELECT 1 FROM group_chats WHERE group_id = $3 AND number = $4)
		ON CONFLICT (chat_index) DO NOTHING`,
		string(c.ID), string(c.Account), string(c.Group.ID), c.Number, s.db.chatIndex(c.Account, name), s.db.wholeIndex(c.Account, name), sealed, locales,
		string(by), now.UnixMilli()))
}

// Disconnect implements groupchat.Store.
func (s GroupChats) Disconnect(ctx context.Context, tx bot.Tx, id bot.GroupChatID) error {
	return conflictUnless(s.db.dropChat(ctx, own(tx), string(id)))
}

// Speak implements groupchat.Store.
func (s GroupChats) Speak(ctx context.Context, tx bot.Tx, c groupchat.Chat, locales []string, now time.Time) error {
	before, err := writeLocales(c.Locales)
	if err != nil {
		return err
	}
	after, err := writeLocales(locales)
	if err != nil {
		return err
	}
	return conflictUnless(own(tx).exec(ctx, `UPDATE group_chats SET locales = $3, changed_at = $4 WHERE id = $1 AND locales = $2`,
		string(c.ID), before, after, now.UnixMilli()))
}

// chatState is the column's word.
func chatState(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// Turn implements groupchat.Store.
func (s GroupChats) Turn(ctx context.Context, tx bot.Tx, c groupchat.Chat, on, told bool, now time.Time) error {
	return conflictUnless(own(tx).exec(ctx, `UPDATE group_chats SET state = $4, told = $5, changed_at = $6 WHERE id = $1 AND state = $2 AND told = $3`,
		string(c.ID), chatState(c.On), c.Told, chatState(on), told, now.UnixMilli()))
}

// Move implements groupchat.Store.
func (s GroupChats) Move(ctx context.Context, tx bot.Tx, account bot.AccountID, from, to string, now time.Time) error {
	t := own(tx)
	moving, err := collect(func(r *rows) (string, error) {
		var id string
		return id, r.Scan(&id)
	})(t.query(ctx, `SELECT id FROM group_chats WHERE whole_index = $1 ORDER BY id`, s.db.wholeIndex(account, from)))
	if err != nil {
		return err
	}
	whole, _ := splitTopic(to)
	for _, id := range moving {
		name, err := s.db.groupChatName(ctx, t, id)
		if err != nil {
			return err
		}
		_, topic := splitTopic(name)
		if err := s.db.renameGroupChat(ctx, t, id, whole+topic, now); err != nil {
			return err
		}
	}
	return nil
}

// groupChatName is the platform's own name of a chat.
func (db *DB) groupChatName(ctx context.Context, from source, id string) (string, error) {
	var sealed []byte
	if err := from.queryRow(ctx, `SELECT chat_sealed FROM group_chats WHERE id = $1`, id).Scan(&sealed); err != nil {
		return "", err
	}
	name, err := db.open("group_chats", "chat_sealed", id, sealed)
	return string(name), err
}

// renameGroupChat gives a chat another name; an id that is none's it leaves alone. If
// something is connected under the new name already, that stays and this goes. What
// the platform calls the messages of the old one is void.
func (db *DB) renameGroupChat(ctx context.Context, t *Tx, id, name string, now time.Time) error {
	var account bot.AccountID
	err := t.queryRow(ctx, `SELECT account_id FROM group_chats WHERE id = $1`, id).Scan(&account)
	if err != nil {
		return ignoreMissing(err)
	}
	if _, err := t.exec(ctx, `UPDATE deliveries SET ref_sealed = NULL WHERE member_id = $1 AND chat`, id); err != nil {
		return err
	}
	sealed, err := db.seal("group_chats", "chat_sealed", id, []byte(name))
	if err != nil {
		return err
	}
	n, err := t.exec(ctx, `
		UPDATE group_chats SET chat_index = $2, whole_index = $3, chat_sealed = $4, changed_at = $5
		WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM group_chats k WHERE k.chat_index = $2 AND k.id <> $1)`,
		id, db.chatIndex(account, name), db.wholeIndex(account, name), sealed, now.UnixMilli())
	if err != nil || n > 0 {
		return err
	}
	_, err = db.dropChat(ctx, t, id)
	return err
}

// groupChatLost turns a chat off in which Ella can't write any more; an id that is
// none's it leaves alone.
func (db *DB) groupChatLost(ctx context.Context, t *Tx, id string, now time.Time) error {
	_, err := t.exec(ctx, `UPDATE group_chats SET state = 'off', told = NOT told, changed_at = $2 WHERE id = $1 AND state = 'on'`, id, now.UnixMilli())
	return err
}
