package storage_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/alert"
	"ella/bot/delivery"
	"ella/bot/engine"
)

// marker is a word that is nowhere but where a test puts it.
func marker(what string) string { return "canary-" + what + "-8f3a" }

// Whatever names a person or is theirs to say goes through every store and is
// nowhere to be read in the database.
func TestNothingIsReadable(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		people := []string{marker("sender")}
		p := w.stranger("x")
		p.Address.Chat = marker("chat")
		w.do(w.join(p, people[0]), w.agree(p, w.home))

		// Updates: waiting, parked and done.
		for _, end := range []string{"waiting", "parked", "done"} {
			u, _ := w.accept(bot.Raw{Account: w.account, Key: marker("key-" + end), Sender: people[0], Body: []byte(marker("body-" + end))})
			switch end {
			case "parked":
				w.do(w.failed(u.ID, engine.Panicked, true))
			case "done":
				w.do(w.finish(u.ID))
			}
		}
		w.do(func(ctx context.Context, tx bot.Tx) error {
			step := &bot.Step{Room: marker("room"), Name: marker("step"), Version: 1, Data: []byte(`"` + marker("data") + `"`)}
			return w.Engine("").Converse(ctx, tx, p.Member.ID, step, 0)
		})
		w.do(func(ctx context.Context, tx bot.Tx) error {
			return w.Groups().Settle(ctx, tx, p.Member.ID, marker("sector"), "CV1")
		})

		// Replies: on their way, sent, refused, waiting, to be edited.
		for _, end := range []delivery.State{"", delivery.Sent, delivery.Unknown, delivery.Refused, delivery.Planned} {
			r := say(marker("reply-" + string(end)))
			r.Topic, r.Replace, r.Edit = "card:"+string(end), true, bot.Ref(marker("edit-"+string(end)))
			q := w.queue("me", p, r)[0]
			switch end {
			case "":
			case delivery.Planned:
				w.do(w.unsent("me", q, w.now()))
			default:
				w.do(replyEnded(w, "me", q, delivery.End{State: end, Ref: bot.Ref(marker("ref-" + string(end)))}))
			}
		}
		w.do(func(ctx context.Context, tx bot.Tx) error {
			return w.Delivery("me").Rename(ctx, tx, p.Address.ID, marker("renamed"))
		})

		// An alert, its variants, its copies, its action.
		a := w.draft(marker("original"))
		w.do(w.variant(a, "ar", marker("variant")))
		dropped := w.draft(marker("discarded"))
		w.do(func(ctx context.Context, tx bot.Tx) error { return w.Alerts().Discard(ctx, tx, dropped.ID) })
		a = w.alert(a.ID)
		w.do(w.submit(a), w.freeze(a, "zzzz", p.Member.ID), w.release(a))
		c := w.begun("me", a)[0]
		w.do(func(ctx context.Context, tx bot.Tx) error {
			return w.Delivery("me").Ended(ctx, tx, c, delivery.End{State: delivery.Sent, Ref: bot.Ref(marker("copy-ref"))}, w.now())
		})
		w.action(a, marker("title"))

		w.do(w.invite(marker("CODE"), bot.Role{Kind: bot.Organiser, Organisation: w.home.ID}, time.Hour))
		w.do(w.invite(marker("USED"), bot.Role{Kind: bot.Organiser, Organisation: w.home.ID}, time.Hour))
		w.do(w.redeem(marker("USED"), p))
		if err := w.Shelf().Put(t.Context(), w.account, map[string][]byte{"offset": []byte(marker("shelf"))}); err != nil {
			t.Fatal(err)
		}

		// All of it is there for whoever has the key.
		if got := w.person(people[0]); got.Address.Chat != marker("renamed") || got.Member.Sector != marker("sector") {
			t.Fatalf("stored as %+v", got)
		}
		if got := w.alert(a.ID); !slices.Contains(got.Variants, alert.Variant{Locale: "ar", Text: marker("variant")}) {
			t.Fatalf("stored as %+v", got)
		}
		if got, err := w.Actions().Called(t.Context(), w.home.ID, 1); err != nil || got[0].Titles["en"] != marker("title") {
			t.Fatalf("stored as %+v, %v", got, err)
		}

		dump := w.dump()
		if !bytes.Contains(dump, []byte("Common Ground")) {
			t.Fatal("the dump does not hold what is stored readable: it would find nothing")
		}
		for _, form := range forms("canary-") {
			if at := bytes.Index(dump, form); at >= 0 {
				t.Errorf("readable: …%q…", dump[max(0, at-20):min(len(dump), at+40)])
			}
		}
	})
}

// forms are the ways in which a word could hide: as it is, and as bytes that
// something else has encoded.
func forms(word string) [][]byte {
	all := [][]byte{[]byte(word), []byte(strings.ToUpper(word)), []byte(hex.EncodeToString([]byte(word)))}
	// Base64 has three forms, by where in a group of three bytes the word begins.
	for shift := range 3 {
		padded := append(bytes.Repeat([]byte{0}, shift), word...)
		encoded := base64.StdEncoding.EncodeToString(padded)
		all = append(all, []byte(encoded[4:len(encoded)-4]))
	}
	var wide []byte
	for _, c := range []byte(word) {
		wide = append(wide, c, 0)
	}
	return append(all, wide)
}

// dump is everything that lies on the disk of SQLite, or all columns of all
// tables of PostgreSQL.
func (w *world) dump() []byte {
	w.t.Helper()
	var all []byte
	if !w.shared() {
		for _, suffix := range []string{"", "-wal", "-shm"} {
			body, err := os.ReadFile(w.url + suffix)
			if err != nil {
				w.t.Fatal(err)
			}
			all = append(all, body...)
		}
		return all
	}
	columns := 0
	for _, column := range w.Ask(w.t, 2, `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()`) {
		table, name, _ := strings.Cut(column, " ")
		columns++
		for _, value := range w.Ask(w.t, 1, fmt.Sprintf(`SELECT COALESCE(%q::text, '') FROM %q`, name, table)) {
			all = append(all, value...)
			all = append(all, '\n')
			if raw, err := hex.DecodeString(strings.TrimPrefix(value, `\x`)); err == nil {
				all = append(all, raw...)
			}
		}
	}
	if columns < 50 {
		w.t.Fatalf("only %d columns were looked at", columns)
	}
	return all
}

// The other direction: a database in which something stays readable is found out.
func TestTheDumpFindsWhatIsReadable(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.organisation(marker("name"))
		w.Exec(t, `INSERT INTO meta (name, value) VALUES ($1, $2)`, "bytes", []byte(marker("bytes")))
		w.Exec(t, `INSERT INTO meta (name, value) VALUES ($1, $2)`, "encoded", []byte(base64.StdEncoding.EncodeToString([]byte("xy"+marker("encoded")))))
		dump := w.dump()
		for _, word := range []string{marker("name"), marker("bytes")} {
			if !bytes.Contains(dump, []byte(word)) {
				t.Errorf("%s is not found", word)
			}
		}
		found := 0
		for _, form := range forms("canary-") {
			if bytes.Contains(dump, form) {
				found++
			}
		}
		if found < 2 {
			t.Errorf("found in %d forms, want 2 at least", found)
		}
	})
}
