package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"ella/bot"
	"ella/bot/alert"
)

// storedRoster is what the platform calls a list of people, as it is kept, sealed.
type storedRoster struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// writeAudience writes a rule, and apart from it what of it is the platform's.
func (s Alerts) writeAudience(id bot.AlertID, a alert.Audience) (rule string, sealed []byte, err error) {
	roster := storedRoster{a.Roster, a.RosterName}
	a.Roster, a.RosterName = "", ""
	text, err := json.Marshal(a)
	if err != nil {
		return "", nil, fmt.Errorf("write audience: %w", err)
	}
	if roster == (storedRoster{}) {
		return string(text), nil, nil
	}
	body, err := json.Marshal(roster)
	if err != nil {
		return "", nil, fmt.Errorf("write audience: %w", err)
	}
	sealed, err = s.db.seal("alerts", "roster_sealed", string(id), body)
	return string(text), sealed, err
}

// readAudience reads both.
func (s Alerts) readAudience(id bot.AlertID, rule string, sealed []byte) (a alert.Audience, err error) {
	if err := json.Unmarshal([]byte(rule), &a); err != nil {
		return a, fmt.Errorf("read audience: %w", err)
	}
	if sealed == nil {
		return a, nil
	}
	body, err := s.db.open("alerts", "roster_sealed", string(id), sealed)
	if err != nil {
		return a, err
	}
	var roster storedRoster
	if err := json.Unmarshal(body, &roster); err != nil {
		return a, fmt.Errorf("read audience: %w", err)
	}
	a.Roster, a.RosterName = roster.ID, roster.Name
	return a, nil
}

// ChatChoices implements alert.Store.
func (s Alerts) ChatChoices(ctx context.Context, organisation bot.OrganisationID) ([]alert.ChatChoice, error) {
	return collect(func(r *rows) (c alert.ChatChoice, err error) {
		return c, r.Scan(&c.ID, &c.Number, &c.Account, &c.Group)
	})(s.db.read().query(ctx, `
		SELECT k.id, k.number, k.account_id, g.name FROM group_chats k JOIN groups g ON g.id = k.group_id
		WHERE g.organisation_id = $1 AND g.state = 'open' AND k.state = 'on' ORDER BY g.name, g.id, k.number, k.id`, string(organisation)))
}

// sendersAtOnce is how many people one statement looks up.
const sendersAtOnce = 50

// MembersOf implements alert.Store. Whom nobody knows is asked for by their index only,
// like all others, and nothing is kept of them.
func (s Alerts) MembersOf(ctx context.Context, account bot.AccountID, senders []string) ([]bot.MemberID, error) {
	places := make([]string, sendersAtOnce)
	for i := range places {
		places[i] = fmt.Sprintf("$%d", i+1)
	}
	query := `SELECT member_id FROM addresses WHERE sender_index IN (` + strings.Join(places, ", ") + `)`
	var all []bot.MemberID
	for part := range slices.Chunk(senders, sendersAtOnce) {
		asked := make([]any, sendersAtOnce)
		for i := range asked {
			asked[i] = s.db.senderIndex(account, part[min(i, len(part)-1)])
		}
		found, err := collect(scanString)(s.db.read().query(ctx, query, asked...))
		if err != nil {
			return nil, err
		}
		for _, m := range found {
			all = append(all, bot.MemberID(m))
		}
	}
	return all, nil
}

// ChatReaders implements alert.Store.
func (s Alerts) ChatReaders(ctx context.Context, organisation bot.OrganisationID) (map[bot.GroupChatID]alert.Readers, error) {
	all := map[bot.GroupChatID]alert.Readers{}
	_, err := collect(func(r *rows) (struct{}, error) {
		var chat bot.GroupChatID
		var c alert.Candidate
		var n int
		err := r.Scan(&chat, &c.Locale, &c.Speaks, &n)
		if all[chat] == nil {
			all[chat] = alert.Readers{}
		}
		all[chat][c.Reads()] += n
		return struct{}{}, err
	})(s.db.read().query(ctx, `
		SELECT x.chat_id, x.locale, x.speaks, count(*) FROM (
			SELECT i.chat_id, t.locale, t.speaks FROM opt_ins i JOIN (
				SELECT m.id, m.locale, m.speaks `+hears+`) t ON t.id = i.member_id
			WHERE i.chat_id IN (SELECT k.id FROM group_chats k JOIN groups g ON g.id = k.group_id WHERE g.organisation_id = $1)) x
		GROUP BY x.chat_id, x.locale, x.speaks`, string(organisation)))
	return all, err
}

// GiveBack implements alert.Store.
func (s Alerts) GiveBack(ctx context.Context, tx bot.Tx, id bot.AlertID) error {
	return conflictUnless(own(tx).exec(ctx, `
		UPDATE alerts SET state = 'draft', frozen_to = '', version = version + 1 WHERE id = $1 AND state = 'freezing' AND frozen_to = ''`, string(id)))
}
