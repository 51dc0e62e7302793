package storage_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"ella/bot"
	"ella/storage/storagetest"
)

// fill puts a row of an organisation into every table that holds something of one.
func (w *world) fill(o bot.Organisation, p bot.Person) {
	w.t.Helper()
	id, n := string(o.ID), string(p.Member.ID)
	now := w.now().UnixMilli()
	row := func(table string, columns string, values ...any) {
		w.t.Helper()
		var marks []string
		for i := range values {
			marks = append(marks, fmt.Sprintf("$%d", i+1))
		}
		w.Exec(w.t, `INSERT INTO `+table+` (`+columns+`) VALUES (`+strings.Join(marks, ", ")+`)`, values...)
	}
	row("groups", "id, organisation_id, source, foreign_id, name, about, languages, town, place, nationwide, meets, joining, url, sample, state, version, updated_at",
		"g"+id, id, "csv", id, "Group", "{}", "[]", "Leeds", "LS1", false, "{}", "{}", "", false, "open", 1, now)
	row("memberships", "member_id, organisation_id, since", n, id, now)
	row("group_members", "group_id, member_id, since, joined", "g"+id, n, now, false)
	row("group_chats", "id, account_id, group_id, number, chat_index, whole_index, chat_sealed, locales, linked_by, state, told, created_at, changed_at",
		"k"+id, string(w.account), "g"+id, 1, []byte("k"+id), []byte("w"+id), []byte{1}, "[]", "r"+id, "on", true, now, now)
	row("roles", "id, member_id, organisation_id, kind, state, granted_at", "r"+id, n, id, "organiser", "on", now)
	row("invites", "id, code_index, organisation_id, kind, created_at, expires_at", "i"+id, []byte(id), id, "organiser", now, now)
	row("approvals", "id, organisation_id, subject, subject_id, role_id, created_at", "a"+id, id, "role.restore", "x", "r"+id, now)
	row("letters", "id, kind, organisation_id, member_id, locale, state, created_at, changed_at", "l"+id, "complaint", id, n, "en", "open", now, now)
	row("alerts", "id, organisation_id, author_id, action_id, locale, audience, state, frozen_to, expires_at, version, created_at",
		"w"+id, id, n, "c"+id, "en", "{}", "done", "", now, 1, now)
	row("alert_variants", "alert_id, locale, text_sealed, origin, updated_at", "w"+id, "en", []byte{1}, "author", now)
	row("deliveries", "alert_id, member_id, state, attempts, reason, locale, address_id, owner, held_until, updated_at", "w"+id, n, "sent", 1, "", "en", "", "", 0, now)
	row("delivery_counts", "alert_id, state, people", "w"+id, "sent", 3)
	row("actions", "id, organisation_id, alert_id, title_sealed, state, created_at", "c"+id, id, "w"+id, []byte{1}, "open", now)
	row("rsvps", "action_id, member_id, answer, plus, updated_at, organisation_id", "c"+id, n, "yes", 0, now, id)
	row("cohorts", "organisation_id, people_sealed, version, counted_at", id, []byte{1}, 1, now)
	row("rsvp_counts", "action_id, organisation_id, answer, people, plus", "c"+id, id, "yes", 3, 1)
}

// everything is every row of every table, as text, but for what keeps the house
// itself going.
func (w *world) everything() map[string][]string {
	w.t.Helper()
	all := map[string][]string{}
	for _, table := range w.Ask(w.t, 1, `SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`) {
		if strings.HasPrefix(table, "river_") || strings.HasPrefix(table, "sqlite_") || table == "counters" || table == "meta" {
			continue
		}
		columns := w.Ask(w.t, 1, `SELECT count(*) FROM pragma_table_info('`+table+`')`)
		var n int
		if _, err := fmt.Sscan(columns[0], &n); err != nil {
			w.t.Fatal(err)
		}
		rows := w.Ask(w.t, n, `SELECT * FROM `+table)
		slices.Sort(rows)
		all[table] = rows
	}
	return all
}

// An organisation goes with everything it holds, and with nothing of another one.
func TestRemoveOrganisation(t *testing.T) {
	w := newWorld(t, storagetest.SQLite)
	p := w.member("amina")
	w.fill(w.home, p)
	before := w.everything()
	other := w.organisation("Another Roof")
	w.fill(other, p)
	// What the two have together: an action of each that the other was asked to.
	for _, pair := range [][2]bot.Organisation{{w.home, other}, {other, w.home}} {
		w.Exec(t, `INSERT INTO action_shares (action_id, organisation_id, state, created_at, changed_at) VALUES ($1, $2, 'asked', 1, 1)`,
			"c"+string(pair[0].ID), string(pair[1].ID))
	}
	// Every table that names an organisation was filled, or this test proves little.
	for _, table := range w.Ask(t, 1, `SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'organisation_id'`) {
		if len(w.Ask(t, 1, `SELECT organisation_id FROM `+table+` WHERE organisation_id = $1`, string(other.ID))) == 0 {
			t.Errorf("nothing of the organisation is in %s", table)
		}
	}
	if err := w.Members().RemoveOrganisation(t.Context(), other.ID); err != nil {
		t.Fatal(err)
	}
	for table, rows := range w.everything() {
		if !slices.Equal(rows, before[table]) {
			t.Errorf("%s:\n got %q\nwant %q", table, rows, before[table])
		}
	}
}

// The same statements on PostgreSQL, with more than fits one piece.
func TestRemoveLargeOrganisation(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		other := w.organisation("Another Roof")
		p := w.member("amina")
		w.fill(w.home, p)
		w.fill(other, p)
		for i := range 1201 {
			w.Exec(t, `INSERT INTO deliveries (alert_id, member_id, state, attempts, reason, locale, address_id, owner, held_until, updated_at)
				VALUES ($1, $2, 'sent', 1, '', 'en', '', '', 0, 0)`, "w"+string(other.ID), fmt.Sprint("m", i))
		}
		if err := w.Members().RemoveOrganisation(t.Context(), other.ID); err != nil {
			t.Fatal(err)
		}
		w.rows("copies that are left", 1, `SELECT alert_id FROM deliveries`, nil, "w"+string(w.home.ID))
		w.rows("organisations that are left", 1, `SELECT name FROM organisations`, nil, w.home.Name)
		if err := w.Members().RemoveOrganisation(t.Context(), other.ID); err != nil {
			t.Errorf("once more: %v", err)
		}
	})
}

// A paused organisation is nowhere, and comes back as it was.
func TestPauseOrganisation(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		p := w.member("amina", w.home)
		w.group("Group")
		w.Exec(t, `INSERT INTO roles (id, member_id, organisation_id, kind, state, granted_at, number) VALUES ('r', $1, $2, 'organiser', 'on', 1, 1)`,
			string(p.Member.ID), string(w.home.ID))
		a := w.sending("Come on Sunday.", p)
		revision := func() int64 {
			n, err := w.Groups().Revision(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		was := revision()
		for _, pause := range []bool{true, false} {
			if err := w.Members().Pause(t.Context(), w.home.ID, pause); err != nil {
				t.Fatal(err)
			}
			organisations, err := w.Members().Organisations(t.Context())
			if err != nil || (len(organisations) == 0) != pause {
				t.Errorf("paused %v: organisations %v, %v", pause, organisations, err)
			}
			groups, err := w.Groups().All(t.Context())
			if err != nil || (len(groups) == 0) != pause {
				t.Errorf("paused %v: groups %v, %v", pause, groups, err)
			}
			if got := w.person("amina"); (len(got.Roles) == 0) != pause || !got.Belongs(w.home.ID) {
				t.Errorf("paused %v: %+v", pause, got)
			}
			if now := revision(); now == was {
				t.Errorf("paused %v: nobody notices that the directory changed", pause)
			} else {
				was = now
			}
		}
		if err := w.Members().Pause(t.Context(), w.home.ID, true); err != nil {
			t.Fatal(err)
		}
		copies, err := w.Delivery("one").Lease(t.Context(), a.ID, "one", w.now(), w.now().Add(1), 10)
		if err != nil || len(copies) != 1 {
			t.Fatalf("leased %v, %v", copies, err)
		}
		begun, err := w.Delivery("one").Begin(t.Context(), "one", w.now(), copies)
		if err != nil || len(begun) != 1 || !begun[0].Stopped {
			t.Errorf("a copy of a paused organisation goes out: %+v, %v", begun, err)
		}
		if err := w.Members().Pause(t.Context(), "nobody", true); err == nil {
			t.Error("an organisation that is not there was paused")
		}
	})
}
