package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"ella/bot"
	core "ella/bot/engine"
)

// senderIndex finds an address by who writes.
func (db *DB) senderIndex(account bot.AccountID, sender string) []byte {
	return db.index("addresses.sender_index", string(account), sender)
}

// Person implements engine.Store: everything about a sender in one statement,
// since it runs for every update.
func (s Engine) Person(ctx context.Context, account bot.AccountID, sender string) (bot.Person, core.Conversation, error) {
	var (
		p                    bot.Person
		chat, sector, step   []byte
		version              *int64
		seen                 bool
		roles, organisations string
		muted                string
	)
	m := &p.Member
	err := s.db.read().queryRow(ctx, `
		SELECT a.id, a.account_id, a.chat_sealed, a.state = 'on' AND m.seen_at = $2, m.id, m.locale, m.speaks, m.state, m.outcode, m.sector_sealed, m.zone, m.consent, m.discreet, a.menu,
		       c.step_sealed, c.version,
		       COALESCE((SELECT string_agg(r.kind || ' ' || r.organisation_id || ' ' || COALESCE(r.group_id, '') || ' ' || r.id || ' ' || r.number, ',')
		                 FROM roles r JOIN organisations o ON o.id = r.organisation_id
		                 WHERE r.member_id = m.id AND r.state = 'on' AND o.state = 'active'), ''),
		       COALESCE((SELECT string_agg(b.organisation_id, ',') FROM memberships b WHERE b.member_id = m.id), ''),
		       COALESCE((SELECT string_agg(b.organisation_id, ',') FROM memberships b WHERE b.member_id = m.id AND b.state = 'stopped'), '')
		FROM addresses a JOIN members m ON m.id = a.member_id LEFT JOIN conversations c ON c.member_id = m.id
		WHERE a.sender_index = $1`, s.db.senderIndex(account, sender), day(s.db.now())).
		Scan(&p.Address.ID, &p.Address.Account, &chat, &seen, &m.ID, &m.Locale, &m.Speaks, &m.State, &m.Outcode, &sector, &m.Zone, &m.Consent, &m.Discreet, &p.Address.Menu,
			&step, &version, &roles, &organisations, &muted)
	if err != nil {
		return p, core.Conversation{}, err
	}
	p.Address.Member = m.ID
	if p.Address.Chat, err = s.db.openChat(p.Address.ID, chat); err != nil {
		return p, core.Conversation{}, err
	}
	if m.Sector, err = s.db.openSector(m.ID, sector); err != nil {
		return p, core.Conversation{}, err
	}
	p.Roles = parseRoles(roles)
	p.Organisations, p.Muted = parseOrganisations(organisations), parseOrganisations(muted)
	c := s.conversation(m.ID, step, version)
	c.Seen = seen
	return p, c, nil
}

func comma(c rune) bool { return c == ',' }

func parseRoles(list string) []bot.Role {
	var roles []bot.Role
	for _, item := range strings.FieldsFunc(list, comma) {
		parts := strings.Split(item, " ")
		roles = append(roles, bot.Role{
			Kind: bot.RoleKind(parts[0]), Organisation: bot.OrganisationID(parts[1]), Group: bot.GroupID(parts[2]), ID: bot.RoleID(parts[3]),
			Number: number(parts[4]),
		})
	}
	return roles
}

// number reads what the database wrote.
func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

func parseOrganisations(list string) []bot.OrganisationID {
	var all []bot.OrganisationID
	for _, id := range strings.FieldsFunc(list, comma) {
		all = append(all, bot.OrganisationID(id))
	}
	return all
}

func (s Engine) conversation(id bot.MemberID, sealed []byte, version *int64) core.Conversation {
	var c core.Conversation
	if version == nil {
		return c
	}
	c.Version = *version
	if sealed == nil {
		return c
	}
	c.Step = new(bot.Step)
	body, err := s.db.open("conversations", "step_sealed", string(id), sealed)
	if err == nil {
		err = json.Unmarshal(body, c.Step)
	}
	if err != nil {
		// Damaged, or a shape that no version wrote: the room is unknown, so the
		// engine restarts politely, where an error would lock the member out.
		c.Step = &bot.Step{}
	}
	return c
}

func (db *DB) openChat(id bot.AddressID, sealed []byte) (string, error) {
	chat, err := db.open("addresses", "chat_sealed", string(id), sealed)
	return string(chat), err
}

func (db *DB) openSector(id bot.MemberID, sealed []byte) (string, error) {
	if sealed == nil {
		return "", nil
	}
	sector, err := db.open("members", "sector_sealed", string(id), sealed)
	return string(sector), err
}

// Join implements engine.Store.
func (s Engine) Join(ctx context.Context, tx bot.Tx, p bot.Person, sender string) error {
	t := own(tx)
	chat, err := s.db.seal("addresses", "chat_sealed", string(p.Address.ID), []byte(p.Address.Chat))
	if err != nil {
		return err
	}
	now := s.db.now()
	m := p.Member
	_, err = t.exec(ctx, `
		INSERT INTO members (id, locale, speaks, state, outcode, sector_sealed, zone, consent, created_at, seen_at)
		VALUES ($1, $2, $3, $4, '', NULL, $5, $6, $7, $8)`,
		string(m.ID), m.Locale, m.Speaks, string(m.State), m.Zone, m.Consent, now, day(now))
	if err != nil {
		return err
	}
	n, err := t.exec(ctx, `
		INSERT INTO addresses (id, account_id, member_id, sender_index, chat_sealed, state, created_at)
		VALUES ($1, $2, $3, $4, $5, 'on', $6)
		ON CONFLICT (sender_index) DO NOTHING`,
		string(p.Address.ID), string(p.Address.Account), string(m.ID), s.db.senderIndex(p.Address.Account, sender), chat, now)
	if err == nil && n == 0 {
		err = bot.ErrConflict
	}
	return err
}

// day rounds down: when somebody was last there is kept no finer.
func day(millis int64) int64 {
	const length = int64(24 * time.Hour / time.Millisecond)
	return millis - millis%length
}

// Seen implements engine.Store.
func (s Engine) Seen(ctx context.Context, tx bot.Tx, p bot.Person) error {
	t := own(tx)
	err := conflictUnless(t.exec(ctx, `UPDATE members SET seen_at = $2, asked_at = 0 WHERE id = $1 AND forgotten_at = 0`,
		string(p.Member.ID), day(s.db.now())))
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `UPDATE addresses SET state = 'on', off_at = 0 WHERE id = $1 AND state <> 'on'`, string(p.Address.ID))
	return err
}

// Present implements engine.Store. It locks the row where several may write, so that
// it waits for whoever forgets them at this moment, and they for it; it writes
// nothing, since it runs in nearly every turn.
func (s Engine) Present(ctx context.Context, tx bot.Tx, id bot.MemberID) error {
	var found string
	err := own(tx).queryRow(ctx, `SELECT id FROM members WHERE id = $1 AND forgotten_at = 0 `+s.db.locked, string(id)).Scan(&found)
	if errors.Is(err, bot.ErrNotFound) {
		return bot.ErrConflict
	}
	return err
}

// SetZone implements engine.Store.
func (s Engine) SetZone(ctx context.Context, tx bot.Tx, id bot.MemberID, zone string) error {
	return conflictUnless(own(tx).exec(ctx, `UPDATE members SET zone = $2 WHERE id = $1 AND forgotten_at = 0`, string(id), zone))
}

// unreachable implements engine.Store and delivery.Store.
func (db *DB) unreachable(ctx context.Context, tx bot.Tx, id bot.AddressID, kind bot.SendKind) error {
	state := "blocked"
	if kind == bot.Gone {
		state = "gone"
	}
	_, err := own(tx).exec(ctx, `
		UPDATE addresses SET state = $2, off_at = CASE WHEN off_at = 0 THEN $3 ELSE off_at END WHERE id = $1`, string(id), state, day(db.now()))
	return err
}

// Unreachable implements engine.Store.
func (s Engine) Unreachable(ctx context.Context, tx bot.Tx, id bot.AddressID, kind bot.SendKind) error {
	return s.db.unreachable(ctx, tx, id, kind)
}

// Converse implements engine.Store.
func (s Engine) Converse(ctx context.Context, tx bot.Tx, id bot.MemberID, step *bot.Step, version int64) error {
	var sealed []byte
	if step != nil {
		body, err := json.Marshal(step)
		if err != nil {
			return fmt.Errorf("write step: %w", err)
		}
		if sealed, err = s.db.seal("conversations", "step_sealed", string(id), body); err != nil {
			return err
		}
	}
	t := own(tx)
	now := s.db.now()
	var n int64
	var err error
	if version == 0 {
		n, err = t.exec(ctx, `
			INSERT INTO conversations (member_id, step_sealed, version, updated_at) VALUES ($1, $2, 1, $3)
			ON CONFLICT (member_id) DO NOTHING`, string(id), sealed, now)
	} else {
		n, err = t.exec(ctx, `
			UPDATE conversations SET step_sealed = $2, version = version + 1, updated_at = $3
			WHERE member_id = $1 AND version = $4`, string(id), sealed, now, version)
	}
	if err == nil && n == 0 {
		err = bot.ErrConflict
	}
	return err
}

// memberByID reads a member. bot.ErrNotFound.
func (db *DB) memberByID(ctx context.Context, from source, id bot.MemberID) (bot.Member, error) {
	m := bot.Member{ID: id}
	var sector []byte
	err := from.queryRow(ctx, `SELECT locale, speaks, state, outcode, sector_sealed, zone, consent, discreet FROM members WHERE id = $1`, string(id)).
		Scan(&m.Locale, &m.Speaks, &m.State, &m.Outcode, &sector, &m.Zone, &m.Consent, &m.Discreet)
	if err != nil {
		return m, err
	}
	m.Sector, err = db.openSector(id, sector)
	return m, err
}

// addressOf is where a member is reached: of their addresses that are on the one they
// prefer, else the newest. bot.ErrNotFound when none is.
func (db *DB) addressOf(ctx context.Context, from source, id bot.MemberID) (bot.Address, error) {
	a := bot.Address{Member: id}
	var chat []byte
	err := from.queryRow(ctx, `
		SELECT id, account_id, chat_sealed FROM addresses
		WHERE member_id = $1 `+bestAddress, string(id)).
		Scan(&a.ID, &a.Account, &chat)
	if err != nil {
		return a, err
	}
	a.Chat, err = db.openChat(a.ID, chat)
	return a, err
}

// addressAt is one chat of a member. bot.ErrNotFound where it is not theirs, or off.
func (db *DB) addressAt(ctx context.Context, from source, at bot.AddressID, id bot.MemberID) (bot.Address, error) {
	a := bot.Address{ID: at, Member: id}
	var chat []byte
	err := from.queryRow(ctx, `SELECT account_id, chat_sealed FROM addresses WHERE id = $1 AND member_id = $2 AND state = 'on'`, string(at), string(id)).
		Scan(&a.Account, &chat)
	if err != nil {
		return a, err
	}
	a.Chat, err = db.openChat(a.ID, chat)
	return a, err
}

// addressFor is where a reply to somebody else goes. bot.ErrNotFound where it goes
// nowhere: they can't be reached, are forgotten, or have stopped all messages and not
// asked for it. discreet: they want a first line that gives nothing away.
func (db *DB) addressFor(ctx context.Context, from source, r bot.Reply) (a bot.Address, discreet bool, err error) {
	var active, forgotten bool
	err = from.queryRow(ctx, `SELECT state = 'active', forgotten_at > 0, discreet FROM members WHERE id = $1`, string(r.To)).Scan(&active, &forgotten, &discreet)
	if err != nil {
		return bot.Address{}, false, err
	}
	if forgotten || (!active && !r.Asked) {
		return bot.Address{}, false, bot.ErrNotFound
	}
	a, err = db.addressOf(ctx, from, r.To)
	return a, discreet, err
}

// ignoreMissing turns a missing row into no error.
func ignoreMissing(err error) error {
	if errors.Is(err, bot.ErrNotFound) {
		return nil
	}
	return err
}
