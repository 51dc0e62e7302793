package storage

import (
	"context"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/alert"
	"ella/bot/delivery"
)

// earlier brings a database to where an earlier version left it: with its first
// migrations, and with what that version wrote.
func earlier(t *testing.T, url string, first int, write func(db *DB, exec func(query string, args ...any))) {
	t.Helper()
	ctx := t.Context()
	db, err := connect(ctx, Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	db.keys = testKeys(t)
	all, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	tx, err := db.writes.BeginTx(ctx, nil)
	if err == nil {
		err = db.runMigrations(ctx, tx, all[:first])
	}
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		t.Fatal(err)
	}
	if db.engine == sqliteEngine {
		db.writer = startWriter(db)
	}
	if err := db.checkKeys(ctx); err != nil { // they become its own
		t.Fatal(err)
	}
	write(db, func(query string, args ...any) {
		if _, err := db.writes.ExecContext(ctx, query, args...); err != nil {
			t.Fatal(err)
		}
	})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// A database of the version before group chats and discretion is brought up to date with
// what is in it: its people stand where they stood, what was on its way goes on, and
// what was sent counts as before.
func TestUpgradeFromBeforeGroupChats(t *testing.T) {
	eachFresh(t, func(t *testing.T, url string) {
		ctx := t.Context()
		earlier(t, url, 2, func(db *DB, exec func(string, ...any)) {
			seal := func(table, column, row, text string) []byte {
				t.Helper()
				sealed, err := db.seal(table, column, row, []byte(text))
				if err != nil {
					t.Fatal(err)
				}
				return sealed
			}
			exec(`INSERT INTO organisations (id, name, zone, sample, state, created_at) VALUES ('o1', 'Common Ground', 'Europe/London', FALSE, 'active', 1)`)
			exec(`INSERT INTO accounts (id, platform, name, state, created_at) VALUES ('a1', 'memory', 'test', 'on', 1)`)
			exec(`INSERT INTO members (id, locale, speaks, state, outcode, zone, consent, created_at, seen_at) VALUES ('m1', 'ar', '', 'active', 'B11', 'Europe/London', 1, 1, 0)`)
			exec(`INSERT INTO memberships (member_id, organisation_id, since) VALUES ('m1', 'o1', 1)`)
			exec(`INSERT INTO addresses (id, account_id, member_id, sender_index, chat_sealed, state, created_at) VALUES ('d1', 'a1', 'm1', $1, $2, 'on', 1)`,
				db.senderIndex("a1", "amina"), seal("addresses", "chat_sealed", "d1", "amina"))
			exec(`INSERT INTO outbox (id, address_id, topic, replaces, message_sealed, state, attempts, owner, reason, due_at, created_at, unasked)
				VALUES ('r1', 'd1', '', FALSE, $1, 'waiting', 0, '', '', 1, 1, TRUE)`, seal("outbox", "message_sealed", "r1", `{"v":1,"locale":"ar","dir":"rtl","blocks":[]}`))
			exec(`INSERT INTO alerts (id, organisation_id, author_id, action_id, locale, audience, state, frozen_to, expires_at, version, created_at)
				VALUES ('w1', 'o1', 'm1', 'c1', 'ar', '{"v":1}', 'sending', '', 4102444800000, 0, 1)`)
			exec(`INSERT INTO alert_variants (alert_id, locale, text_sealed, origin, updated_at) VALUES ('w1', 'ar', $1, 'author', 1)`,
				seal("alert_variants", "text_sealed", rowKey("w1", "ar"), "Come."))
			exec(`INSERT INTO deliveries (alert_id, member_id, state, attempts, reason, locale, address_id, owner, held_until, updated_at) VALUES
				('w1', 'm1', 'planned', 0, '', '', '', '', 0, 1), ('w1', 'm0', 'sent', 1, '', 'ar', 'd0', '', 0, 1)`)
		})
		db := openTest(t, url)
		p, _, err := db.Engine("me").Person(ctx, "a1", "amina")
		if err != nil || p.Member.Locale != "ar" || p.Member.Discreet || p.Address.Menu != "" || !p.Belongs("o1") {
			t.Errorf("amina is %+v, %v", p, err)
		}
		d := db.Delivery("me")
		left, err := d.LeftReplies(ctx, "me", func(string) bool { return false }, db.clock.Now(), 10)
		if err != nil || len(left) != 1 || left[0].Chat != "amina" || !left[0].Unasked || left[0].Discreet || left[0].TakeBack != "" || left[0].Message.Locale != "ar" {
			t.Fatalf("on its way are %+v, %v", left, err)
		}
		if a, err := db.Alerts().Alert(ctx, "w1"); err != nil || a.InChats || len(a.Chats) != 0 || len(a.Variants) != 1 {
			t.Errorf("the alert is %+v, %v", a, err)
		}
		if tally, err := db.Alerts().Tally(ctx, "w1"); err != nil || tally.Sent != 1 || tally.Waiting != 1 || len(tally.Chats) != 0 {
			t.Errorf("it stands at %+v, %v", tally, err)
		}
		copies, err := d.Lease(ctx, "w1", "me", db.clock.Now(), db.clock.Now().Add(time.Minute), 10)
		if err != nil || len(copies) != 1 || copies[0].Chat || copies[0].Address.Chat != "amina" {
			t.Fatalf("to be sent are %+v, %v", copies, err)
		}
		if begun, err := d.Begin(ctx, "me", db.clock.Now(), copies); err != nil || len(begun) != 1 || begun[0].Stopped || begun[0].Discreet {
			t.Errorf("begun are %+v, %v", begun, err)
		}
		outage := alert.Outage{Account: "a1", From: time.UnixMilli(0), To: db.clock.Now()}
		if doubts, err := db.Alerts().DoubtfulCopies(ctx, outage, time.UnixMilli(0), 10); err != nil || len(doubts) != 0 {
			t.Errorf("in doubt are %+v, %v", doubts, err)
		}
		err = db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
			return d.ReplyEnded(ctx, tx, left[0], delivery.End{State: delivery.Sent, Ref: "1", Stands: true})
		})
		if err != nil {
			t.Error(err)
		}
	})
}
