package storage_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/action"
	"ella/bot/delivery"
	"ella/bot/privacy"
	"ella/storage"
	"ella/storage/storagetest"
)

// Every rule that people are told is carried out, and nothing else is: by a
// statement here, by a worker, or by whoever runs Ella.
func TestEveryRuleIsCarriedOut(t *testing.T) {
	by := map[privacy.Kept]string{
		privacy.Newcomers: privacy.JobRetire, privacy.Unreachable: privacy.JobRetire, privacy.Silent: privacy.JobRetire,
		privacy.Roles: "role.lapse", privacy.Backups: "the operator",
	}
	carried := storage.CarriedOut()
	for _, rule := range privacy.Retention() {
		if rule.Keep <= 0 {
			t.Errorf("%s has no length", rule.Name)
		}
		if slices.Contains(carried, rule.Name) == (by[rule.Name] != "") {
			t.Errorf("%s is to be carried out by Tidy, or by somebody else, and by one of them", rule.Name)
		}
	}
	for _, name := range carried {
		if privacy.Keep(name) == 0 {
			t.Errorf("Tidy has a statement for %s, and there is no such rule", name)
		}
	}
}

// Every table has a rule, or holds nothing that would have to go.
func TestEveryTableHasARule(t *testing.T) {
	rules := map[string]privacy.Kept{
		"members": privacy.Silent, "addresses": privacy.Silent, "memberships": privacy.Silent, "group_members": privacy.Silent,
		"conversations": privacy.Silent, "roles": privacy.Roles, "approvals": privacy.Roles, "invites": privacy.Invitations,
		"inbox": privacy.Updates, "outbox": privacy.Replies, "deliveries": privacy.Copies, "rsvps": privacy.Answers,
		"letters": privacy.Letters, "alerts": privacy.Drafts, "alert_variants": privacy.Drafts,
		"group_chats": privacy.GroupChats, "opt_ins": privacy.Silent, "group_chat_codes": privacy.Invitations, "links": privacy.Invitations, "installs": privacy.Invitations,
	}
	stays := []string{ // of organisations, of the house, or numbers
		"meta", "migrations", "organisations", "accounts", "account_credentials", "groups", "leases", "actions", "action_shares", "shelf", "counters",
		"delivery_counts", "rsvp_counts", "shown_counts", "cohorts",
	}
	w := newWorld(t, storagetest.SQLite)
	for _, table := range w.Ask(t, 1, `SELECT name FROM sqlite_schema WHERE type = 'table'`) {
		if strings.HasPrefix(table, "river_") || strings.HasPrefix(table, "sqlite_") {
			continue
		}
		if (rules[table] != "") == slices.Contains(stays, table) {
			t.Errorf("how long is a row of %s kept?", table)
		}
		if rule := rules[table]; rule != "" && privacy.Keep(rule) == 0 {
			t.Errorf("%s: there is no rule %s", table, rule)
		}
	}
}

const day = 24 * time.Hour

// tidy tidies twice: the first time after days nothing is deleted.
func (w *world) tidy() {
	w.t.Helper()
	for range 2 {
		if err := w.Tidy(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
	}
}

// tidied lets time pass, tidies, and expects how many rows are left in tables.
func (w *world) tidied(after time.Duration, want ...string) {
	w.t.Helper()
	w.clock.Advance(after)
	w.tidy()
	for _, line := range want {
		table, n, _ := strings.Cut(line, " ")
		if got := w.Ask(w.t, 1, `SELECT count(*) FROM `+table)[0]; got != n {
			w.t.Errorf("after %v more there are %s rows in %s, want %s", after, got, table, n)
		}
	}
}

// Of copies and answers only numbers stay, the same as before; and whoever may
// still answer keeps the copy that lets them.
func TestTidyCopiesAndAnswers(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		var people []bot.Person
		for i := range 6 {
			people = append(people, w.member(fmt.Sprint("m", i), w.home))
		}
		news := w.sending("news", people...)
		call := w.draft("come")
		made := w.action(call, "Picnic")
		w.Exec(t, `UPDATE alerts SET action_id = $2 WHERE id = $1`, string(call.ID), string(made.ID))
		w.do(w.submit(call), w.freeze(call, "zzzzzzzzzzzzzzzz", memberIDs(people)...), w.release(call))
		for _, a := range []bot.AlertID{news.ID, call.ID} {
			for i, c := range w.begun("me", w.alert(a)) {
				state := []delivery.State{delivery.Sent, delivery.Refused, delivery.Unknown}[min(i/3, 2)]
				w.do(w.ended("me", c, state, ""))
			}
			if closed, err := w.Delivery("me").Close(t.Context(), a, w.now()); err != nil || !closed {
				t.Fatal(err)
			}
		}
		w.do(w.reply(made, people[0], action.Yes, 2), w.reply(made, people[1], action.Yes, 0), w.reply(made, people[2], action.Maybe, 0))
		numbers := func() string {
			one, err1 := w.Alerts().Tally(t.Context(), news.ID)
			two, err2 := w.Alerts().Tally(t.Context(), call.ID)
			all, err3 := w.Actions().Counts(t.Context(), made, w.home.ID)
			if err1 != nil || err2 != nil || err3 != nil {
				t.Fatal(err1, err2, err3)
			}
			return fmt.Sprint(one, two, all)
		}
		before := numbers()

		w.tidied(30*day, "deliveries 12", "rsvps 3")
		w.tidied(time.Millisecond, "deliveries 6", "rsvps 3")
		w.tidied(100*day, "deliveries 6", "rsvps 3")
		w.do(func(ctx context.Context, tx bot.Tx) error { return w.Actions().SetOver(ctx, tx, made.ID, true) })
		w.tidied(30*day, "deliveries 0", "rsvps 3")
		w.tidied(time.Millisecond, "deliveries 0", "rsvps 0")
		if after := numbers(); after != before {
			t.Errorf("the numbers are %s, were %s", after, before)
		}
	})
}

// An action that nobody ends is over after half a year, and its answers go.
func TestTidyActionNobodyEnds(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		p := w.member("amina", w.home)
		made := w.action(w.draft("come"), "Picnic")
		w.do(w.reply(made, p, action.Yes, 2))
		w.tidied(180*day, "rsvps 1")
		w.tidied(time.Millisecond, "rsvps 0")
		w.rows("action", 1, `SELECT state FROM actions`, nil, "over")
	})
}

func TestTidyLettersAndDrafts(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		p := w.member("amina", w.home)
		for i, state := range []string{"open", "read", "answered"} {
			w.Exec(t, `INSERT INTO letters (id, kind, organisation_id, member_id, locale, state, created_at, changed_at) VALUES ($1, 'complaint', $2, $3, 'en', $4, $5, $5)`,
				fmt.Sprint(i), string(w.home.ID), string(p.Member.ID), state, w.now().UnixMilli())
		}
		w.draft("left alone")
		touched := w.draft("touched")
		w.tidied(30*day, "letters 3")
		w.tidied(time.Millisecond, "letters 1")
		w.tidied(100*day, "letters 1", "alerts 2")
		w.do(w.variant(touched, "ar", "مرحبا"))
		w.tidied(50*day, "letters 0", "alerts 1", "alert_variants 2")
		w.tidied(140*day, "alerts 0", "alert_variants 0")
	})
}
