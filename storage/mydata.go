package storage

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"ella/bot"
	directory "ella/bot/group"
	"ella/bot/message"
	"ella/bot/privacy"
)

// Summary implements privacy.Store.
func (s Privacy) Summary(ctx context.Context, p bot.Person) (privacy.Summary, error) {
	var all privacy.Summary
	id := string(p.Member.ID)
	err := s.db.view(ctx, func(from source) error {
		var since, consented int64
		err := from.queryRow(ctx, `
			SELECT created_at, consent_at, (SELECT count(*) FROM rsvps r WHERE r.member_id = m.id), (SELECT count(*) FROM letters l WHERE l.member_id = m.id)
			FROM members m WHERE m.id = $1`, id).
			Scan(&since, &consented, &all.Answers, &all.Letters)
		if err != nil {
			return err
		}
		all.Since, all.Consented = instant(since), instant(consented)
		all.Organisations, err = collect(func(r *rows) (o privacy.Organisation, err error) { return o, r.Scan(&o.ID, &o.Name, &o.Stopped) })(
			from.query(ctx, `SELECT o.id, o.name, b.state = 'stopped' FROM memberships b JOIN organisations o ON o.id = b.organisation_id
				WHERE b.member_id = $1 ORDER BY b.since, o.id`, id))
		if err != nil {
			return err
		}
		all.Groups, err = collect(func(r *rows) (g privacy.Group, err error) { return g, r.Scan(&g.ID, &g.Name, &g.Organisation) })(
			from.query(ctx, `SELECT g.id, g.name, g.organisation_id FROM group_members w JOIN groups g ON g.id = w.group_id
				WHERE w.member_id = $1 ORDER BY w.since, g.id`, id))
		if err != nil {
			return err
		}
		all.OptIns, err = collect(func(r *rows) (c privacy.OptIn, err error) { return c, r.Scan(&c.ID, &c.Group) })(
			from.query(ctx, `SELECT k.id, g.name FROM opt_ins i JOIN group_chats k ON k.id = i.chat_id JOIN groups g ON g.id = k.group_id
				WHERE i.member_id = $1 ORDER BY k.id`, id))
		if err != nil {
			return err
		}
		all.Roles, err = collect(func(r *rows) (o privacy.Role, err error) {
			return o, r.Scan(&o.Kind, &o.Number, &o.Organisation, &o.Group)
		})(
			from.query(ctx, `SELECT r.kind, r.number, o.name, COALESCE(g.name, '') FROM roles r
				JOIN organisations o ON o.id = r.organisation_id LEFT JOIN groups g ON g.id = r.group_id
				WHERE r.member_id = $1 AND r.state <> 'asked' ORDER BY r.granted_at, r.id`, id))
		if err != nil {
			return err
		}
		chats, err := s.db.chatsOf(ctx, from, p.Member.ID)
		if err != nil {
			return err
		}
		for _, c := range chats {
			all.Chats = append(all.Chats, privacy.Chat{Account: c.Account, Preferred: c.Preferred})
		}
		all.LastOf, err = collect(scanString)(from.query(ctx, `
			SELECT o.name FROM organisations o
			WHERE EXISTS (SELECT 1 FROM roles r WHERE r.organisation_id = o.id AND r.member_id = $1 AND r.kind = 'organiser' AND r.state = 'on')
			AND NOT EXISTS (SELECT 1 FROM roles r WHERE r.organisation_id = o.id AND r.member_id <> $1 AND r.kind = 'organiser' AND r.state = 'on')
			ORDER BY o.created_at, o.id`, id))
		return err
	})
	return all, err
}

// Organisation implements privacy.Store.
func (s Privacy) Organisation(ctx context.Context, id bot.OrganisationID) (o bot.Organisation, open bool, err error) {
	o.ID = id
	err = s.db.read().queryRow(ctx, `SELECT name, zone, sample, state = 'active' FROM organisations WHERE id = $1`, string(id)).
		Scan(&o.Name, &o.Zone, &o.Sample, &open)
	return o, open, err
}

// Group implements privacy.Store.
func (s Privacy) Group(ctx context.Context, id bot.GroupID) (g privacy.Group, open bool, err error) {
	g.ID = id
	err = s.db.read().queryRow(ctx, `
		SELECT g.name, g.organisation_id, g.state = 'open' AND o.state = 'active' FROM groups g JOIN organisations o ON o.id = g.organisation_id
		WHERE g.id = $1`, string(id)).Scan(&g.Name, &g.Organisation, &open)
	return g, open, err
}

// LeaveOrganisation implements privacy.Store.
func (s Privacy) LeaveOrganisation(ctx context.Context, tx bot.Tx, id bot.MemberID, organisation bot.OrganisationID) error {
	return s.db.Members().Leave(ctx, tx, id, organisation)
}

// JoinOrganisation implements privacy.Store.
func (s Privacy) JoinOrganisation(ctx context.Context, tx bot.Tx, id bot.MemberID, organisation bot.OrganisationID, stopped bool, now time.Time) error {
	if err := s.db.Members().Agree(ctx, tx, id, organisation, now); err != nil || !stopped {
		return err
	}
	return s.db.Members().Mute(ctx, tx, id, organisation, true)
}

// LeaveGroup implements privacy.Store.
func (s Privacy) LeaveGroup(ctx context.Context, tx bot.Tx, id bot.MemberID, g privacy.Group) error {
	return s.db.Groups().Without(ctx, tx, id, directory.Group{ID: g.ID, Organisation: g.Organisation})
}

// JoinGroup implements privacy.Store.
func (s Privacy) JoinGroup(ctx context.Context, tx bot.Tx, id bot.MemberID, g privacy.Group, now time.Time) error {
	return s.db.Groups().With(ctx, tx, id, directory.Group{ID: g.ID, Organisation: g.Organisation}, now)
}

// telling is what one table says about a person, and how it is read.
type telling struct {
	table string
	query string
	// labels name the columns of the query, in order; what each is tells how to
	// show it. Sealed ones are opened under the row name in the column before.
	columns []column
}

type column struct {
	label string
	kind  columnKind
}

type columnKind int

const (
	plain    columnKind = iota // a name, a place
	term                       // of a closed list
	locale                     // a language's tag
	at                         // milliseconds; 0 is never
	on                         // the same, of which only the day is kept
	count                      // a number
	rowName                    // not shown: the name under which the next column is sealed
	sealed                     // somebody's words
	titles                     // an action's, in the reader's language
	variants                   // an alert's text, in the language it was sent in
	replied                    // a message on its way
)

// tellings are all the tables that say something about a person. $1 is the
// member; for the inbox it is the lane of who asks.
func tellings() []telling {
	return []telling{
		{"members", `SELECT locale, speaks, state, outcode, id, sector_sealed, zone, CASE WHEN discreet THEN 'yes' ELSE 'no' END, consent, consent_locale, consent_at, created_at, seen_at, asked_at
			FROM members WHERE id = $1`, []column{
			{"language", locale}, {"asked-for", locale}, {"state", term}, {"area", plain}, {"", rowName}, {"sector", sealed}, {"zone", plain}, {"discreet", term},
			{"consent", count}, {"consent-language", locale}, {"consent-day", on}, {"since", at}, {"seen", on}, {"asked", on}}},
		{"addresses", `SELECT c.platform, a.id, a.chat_sealed, a.state, a.created_at, a.off_at, CASE WHEN a.menu <> '' THEN 'yes' ELSE 'no' END,
				a.preferred_at
			FROM addresses a JOIN accounts c ON c.id = a.account_id WHERE a.member_id = $1 ORDER BY a.id`, []column{
			{"platform", plain}, {"", rowName}, {"chat", sealed}, {"state", term}, {"since", at}, {"unreachable", on}, {"menu", term}, {"preferred", at}}},
		{"memberships", `SELECT o.name, b.state, b.since FROM memberships b JOIN organisations o ON o.id = b.organisation_id
			WHERE b.member_id = $1 ORDER BY b.since, o.id`, []column{{"organisation", plain}, {"state", term}, {"since", at}}},
		{"group_members", `SELECT g.name, w.since FROM group_members w JOIN groups g ON g.id = w.group_id
			WHERE w.member_id = $1 ORDER BY w.since, g.id`, []column{{"group", plain}, {"since", at}}},
		{"roles", `SELECT r.kind, r.number, o.name, COALESCE(g.name, ''), r.state, r.granted_at, r.changed_at
			FROM roles r JOIN organisations o ON o.id = r.organisation_id LEFT JOIN groups g ON g.id = r.group_id
			WHERE r.member_id = $1 ORDER BY r.id`, []column{
			{"role", term}, {"number", count}, {"organisation", plain}, {"group", plain}, {"state", term}, {"since", at}, {"changed", at}}},
		{"approvals", `SELECT o.name, a.created_at FROM approvals a JOIN organisations o ON o.id = a.organisation_id
			WHERE a.role_id IN ` + theirs + ` ORDER BY a.id`, []column{{"organisation", plain}, {"when", at}}},
		{"invites", `SELECT i.kind, o.name, i.created_at, i.expires_at, COALESCE(i.used_at, 0)
			FROM invites i JOIN organisations o ON o.id = i.organisation_id
			WHERE (i.used_by = $1 OR i.invited_by IN ` + theirs + `) ORDER BY i.id`, []column{
			{"role", term}, {"organisation", plain}, {"made", at}, {"until", at}, {"used", at}}},
		{"group_chats", `SELECT g.name, c.number, c.created_at FROM group_chats c JOIN groups g ON g.id = c.group_id
			WHERE c.linked_by IN ` + theirs + ` ORDER BY c.id`, []column{{"group", plain}, {"number", count}, {"since", at}}},
		{"opt_ins", `SELECT g.name, c.number, i.since FROM opt_ins i JOIN group_chats c ON c.id = i.chat_id JOIN groups g ON g.id = c.group_id
			WHERE i.member_id = $1 ORDER BY c.id`, []column{{"group", plain}, {"number", count}, {"since", on}}},
		{"group_chat_codes", `SELECT g.name, c.created_at, c.expires_at FROM group_chat_codes c JOIN groups g ON g.id = c.group_id
			WHERE c.member_id = $1`, []column{{"group", plain}, {"made", at}, {"until", at}}},
		{"links", `SELECT created_at, expires_at FROM links WHERE member_id = $1 OR other_id = $1 ORDER BY id`, []column{{"made", at}, {"until", at}}},
		{"conversations", `SELECT updated_at FROM conversations WHERE member_id = $1 AND step_sealed IS NOT NULL`, []column{{"since", at}}},
		// But for the first one that waits: that is the one that asks for this. What waits
		// in other chats of theirs is told too.
		{"inbox", `SELECT state, received_at FROM inbox WHERE (lane = $1 OR lane IN (
				SELECT b.lane_index FROM addresses a JOIN addresses b ON b.member_id = a.member_id WHERE a.lane_index = $1))
			AND (state = 'parked' OR (state = 'waiting'
			AND (lane <> $1 OR id > (SELECT min(id) FROM inbox WHERE lane = $1 AND state = 'waiting')))) ORDER BY id`, []column{{"state", term}, {"when", at}}},
		{"outbox", `SELECT o.state, o.created_at, o.id, o.message_sealed FROM outbox o JOIN addresses a ON a.id = o.address_id
			WHERE a.member_id = $1 ORDER BY o.id`, []column{{"state", term}, {"when", at}, {"", rowName}, {"text", replied}}},
		{"alerts", `SELECT o.name, a.state, a.created_at, a.id, a.locale FROM alerts a JOIN organisations o ON o.id = a.organisation_id
			WHERE a.author_id = $1 ORDER BY a.id`, []column{
			{"organisation", plain}, {"state", term}, {"when", at}, {"", rowName}, {"text", variants}}},
		{"deliveries", `SELECT o.name, d.state, d.updated_at, d.alert_id, CASE WHEN d.locale = '' THEN a.locale ELSE d.locale END
			FROM deliveries d JOIN alerts a ON a.id = d.alert_id JOIN organisations o ON o.id = a.organisation_id
			WHERE d.member_id = $1 ORDER BY d.alert_id`, []column{
			{"organisation", plain}, {"state", term}, {"when", at}, {"", rowName}, {"text", variants}}},
		{"rsvps", `SELECT c.id, c.title_sealed, r.answer, r.plus, COALESCE(o.name, ''), r.updated_at
			FROM rsvps r JOIN actions c ON c.id = r.action_id LEFT JOIN organisations o ON o.id = r.organisation_id
			WHERE r.member_id = $1 ORDER BY c.id`, []column{
			{"", rowName}, {"action", titles}, {"answer", term}, {"bring", count}, {"organisation", plain}, {"when", at}}},
		{"letters", `SELECT l.kind, o.name, l.id, l.text_sealed, l.speaks, l.state, l.created_at, l.changed_at
			FROM letters l JOIN organisations o ON o.id = l.organisation_id WHERE l.member_id = $1 ORDER BY l.id`, []column{
			{"letter", term}, {"organisation", plain}, {"", rowName}, {"text", sealed}, {"asked-for", locale}, {"state", term}, {"when", at}, {"changed", at}}},
	}
}

// sealedIn are the tables and columns of the fields that are opened.
func sealedIn(table string) string {
	return map[string]string{"members": "sector_sealed", "addresses": "chat_sealed", "letters": "text_sealed"}[table]
}

// Everything implements privacy.Store.
func (s Privacy) Everything(ctx context.Context, p bot.Person, sender string) ([]privacy.Section, error) {
	texts := map[string]string{} // an alert's text is read once, however often it is in the list
	var all []privacy.Section
	for _, q := range tellings() {
		section := privacy.Section{Table: q.table}
		var whose any = string(p.Member.ID)
		if q.table == "inbox" {
			whose = s.db.index("inbox.lane", string(p.Address.Account), sender)
		}
		read, err := collect(func(r *rows) ([]any, error) {
			values, into := make([]any, len(q.columns)), make([]any, len(q.columns))
			for i := range values {
				into[i] = &values[i]
			}
			return values, r.Scan(into...)
		})(s.db.read().query(ctx, q.query, whose))
		if err != nil {
			return nil, err
		}
		for _, values := range read {
			row, err := s.row(ctx, q, values, p.Member.Locale, texts)
			if err != nil {
				return nil, err
			}
			section.Rows = append(section.Rows, row)
		}
		all = append(all, section)
	}
	return all, nil
}

func (s Privacy) row(ctx context.Context, q telling, values []any, reader string, texts map[string]string) (privacy.Row, error) {
	var row privacy.Row
	name := ""
	for i, c := range q.columns {
		var value any
		text, _ := values[i].(string)
		number, _ := values[i].(int64)
		body, _ := values[i].([]byte)
		var err error
		switch c.kind {
		case plain:
			value = text
		case term:
			value = privacy.Term(text)
		case locale:
			value = privacy.Locale(text)
		case at:
			value = instant(number)
		case on:
			value = privacy.Day(instant(number))
		case count:
			value = int(number)
		case rowName:
			name = text
			continue
		case sealed:
			value, err = s.words(q.table, sealedIn(q.table), name, body)
		case titles:
			value, err = s.title(name, body, reader)
		case variants:
			value, err = s.variant(ctx, name, text, texts)
		case replied:
			value, err = s.replied(name, body)
		}
		if err != nil {
			return nil, err
		}
		row = append(row, privacy.Datum{Label: c.label, Value: value})
	}
	return row, nil
}

// words opens a field. One that holds nothing says nothing, and so does one that
// is damaged: the rest is told all the same.
func (s Privacy) words(table, column, row string, body []byte) (string, error) {
	if body == nil {
		return "", nil
	}
	text, err := s.db.open(table, column, row, body)
	if errors.Is(err, errSeal) {
		return "", nil
	}
	return string(text), err
}

func (s Privacy) title(id string, body []byte, reader string) (string, error) {
	text, err := s.words("actions", "title_sealed", id, body)
	var stored storedTitles
	if err != nil || json.Unmarshal([]byte(text), &stored) != nil {
		return "", err
	}
	if title := stored.Titles[reader]; title != "" {
		return title, nil
	}
	return stored.Titles[stored.Original], nil
}

// variant is an alert's text in one language.
func (s Privacy) variant(ctx context.Context, alert, locale string, known map[string]string) (string, error) {
	row := rowKey(alert, locale)
	if text, ok := known[row]; ok {
		return text, nil
	}
	var body []byte
	err := s.db.read().queryRow(ctx, `SELECT text_sealed FROM alert_variants WHERE alert_id = $1 AND locale = $2`, alert, locale).Scan(&body)
	if ignoreMissing(err) != nil {
		return "", err
	}
	known[row], err = s.words("alert_variants", "text_sealed", row, body)
	return known[row], err
}

// replied is what a message on its way says; nothing once it has been sent.
func (s Privacy) replied(id string, body []byte) (string, error) {
	text, err := s.words("outbox", "message_sealed", id, body)
	if err != nil || text == "" {
		return "", err
	}
	var m message.Message
	err = json.Unmarshal([]byte(text), &m)
	return m.Text(), err
}
