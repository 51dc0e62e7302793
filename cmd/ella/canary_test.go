package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/bottest"
	"ella/bot/engine"
	"ella/bot/privacy"
	"ella/storage"
	"ella/storage/storagetest"
)

// marker is in everything that the canary is called and writes.
const marker = "canary-qx7"

const canary = marker + "-amina"

// TestCanary plays the whole life of somebody with a marker in everything that she
// can put in, beside others, until she is forgotten. Then nothing of her is found:
// in no table and column, in no byte of SQLite's files, in no job and not in the
// log; and the rows of others are as they were.
//
// On PostgreSQL what she wrote is in no byte of any table's or index's file, before
// or after, since it is sealed before it gets there. Her ids and what is sealed stay
// in the files for a while, as in those of any PostgreSQL: deleting marks a row, a
// vacuum gives its room back, and only what is next written there overwrites it. No
// query finds it, and the ids lead nowhere.
func TestCanary(t *testing.T) {
	e := loadEmbedded(t)
	t.Run("sqlite", func(t *testing.T) {
		url := filepath.Join(t.TempDir(), "ella.db")
		playCanary(t, e, url, storagetest.Open, func(needles map[string][]byte) map[string]int {
			return storagetest.FindInFiles(t, url, needles)
		})
	})
	t.Run("postgres", func(t *testing.T) {
		var url string
		open := func(t testing.TB, _ string, change ...func(*storage.Options)) *storage.DB {
			return storagetest.Postgres(t, append(change, func(o *storage.Options) { url = o.URL })...)
		}
		playCanary(t, e, "", open, func(needles map[string][]byte) map[string]int {
			return storagetest.FindInRelations(t, url, map[string][]byte{"words": needles["words"]})
		})
	})
}

func playCanary(t *testing.T, e embedded, url string, open func(testing.TB, string, ...func(*storage.Options)) *storage.DB, files func(map[string][]byte) map[string]int) {
	t.Helper()
	clock := bottest.NewClock(start())
	db := open(t, url, func(o *storage.Options) { o.Clock, url = clock, o.URL })
	var log bytes.Buffer
	s := newStage(t, e, db, clock, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})), canary, "grace", "lee")
	s.log, s.file = &log, url
	s.Platform.Can.TakesBack = 48 * time.Hour
	amina := s.canaryLives(t)
	traces := s.traces(t, amina)

	t.Run("found while she is there", func(t *testing.T) {
		found := storagetest.DumpOf(t, url).Find(traces)
		for _, table := range []string{"members", "memberships", "group_members", "roles", "conversations", "alerts", "deliveries", "rsvps", "letters"} {
			if !slices.Contains(found["member"], table) {
				t.Errorf("nothing of her is in %s", table)
			}
		}
		for trace, table := range map[string]string{"role": "group_chats", "member": "group_chat_codes", "menu": "addresses"} {
			if !slices.Contains(found[trace], table) {
				t.Errorf("no %s of hers is in %s", trace, table)
			}
		}
		if len(found["sender"]) == 0 || len(found["lane"]) == 0 {
			t.Errorf("found %v", found)
		}
		if strings.HasSuffix(url, ".db") && len(files(traces)) < 4 {
			t.Errorf("in the files there is %v", files(traces))
		}
	})

	before := storagetest.DumpOf(t, url).Without(traces)
	draft := string(storagetest.Value(t, url, `SELECT id FROM alerts WHERE state = 'draft'`)) // hers, half written
	if got := s.say(t, canary, "/forgetme"); !got.says(s, "forgetme.ask") {
		t.Fatalf("she is told: %s", got.text())
	}
	if got := s.presses(t, canary, "Yes, forget me"); !got.says(s, "forgetme.done") {
		t.Fatalf("she is told: %s", got.text())
	}
	clock.Advance(3 * time.Second)
	if err := s.settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.addErasingJob(t)
	if left := s.Platform.Shown(canary); len(left) != 1 || !heard(left).says(s, "forgetme.empty-chat") {
		t.Errorf("in her chat %d messages still stand:\n%s", len(left), heard(left).text())
	}

	after := storagetest.DumpOf(t, url)
	for name, tables := range after.Find(traces) {
		if len(tables) > 0 {
			t.Errorf("%s is still in %v", name, tables)
		}
	}
	if found := files(traces); len(found) > 0 {
		t.Errorf("in the files there is still %v", found)
	}
	for name, needle := range traces {
		if bytes.Contains(log.Bytes(), needle) {
			t.Errorf("%s is in the log", name)
		}
	}
	for table, rows := range before {
		if strings.HasPrefix(table, "river_") || strings.HasPrefix(table, "sqlite_") {
			continue
		}
		for _, row := range rows {
			row, _, _ = strings.Cut(row, " roles_version=") // which counts the changes of all roles
			kept := slices.ContainsFunc(after[table], func(now string) bool { return strings.HasPrefix(now, row) })
			if !kept && !strings.Contains(row, "alert_id="+draft+" ") {
				t.Errorf("%s has lost or changed a row of others: %q", table, row)
			}
		}
	}
	if got := s.say(t, "lee", "/actions"); !strings.Contains(got.text(), "Picnic on Sunday.") {
		t.Errorf("lee is told: %s", got.text())
	}
	s.allWell(t)
}

// canaryLives plays her life, as far as a question that is open.
func (s *stage) canaryLives(t *testing.T) bot.Person {
	t.Helper()
	s.meet(t, "grace", "role organiser")
	s.meet(t, "lee")
	s.say(t, canary, "hello, I am "+marker)
	s.meet(t, canary)
	s.say(t, canary, "/language")
	s.say(t, canary, "/groups B11 1AA")
	s.press(t, canary, "v1:group.with:"+string(s.groups["crmc"].ID)+":")
	s.say(t, canary, "/join "+marker+"-code")
	s.call(t, "grace", "Picnic on Sunday.")
	for _, who := range []string{canary, "lee"} {
		s.presses(t, who, "✅ Yes")
	}
	s.say(t, canary, "/complain")
	s.say(t, canary, "What was not right: "+marker+"-complaint")
	for _, direction := range []string{"invite leader crmc", "role organiser"} {
		if err := s.do(t.Context(), canary, direction); err != nil {
			t.Fatal(err)
		}
	}
	s.say(t, canary, "/join ABCDE-FGHJK-MNPQR-STVWX-YZ012-3")
	s.presses(t, canary, "Yes, I want that")
	s.canaryConnects(t)
	s.call(t, canary, "An invitation by "+marker)
	s.say(t, canary, "/alert Half a message by "+marker)
	s.say(t, canary, "/stop")
	s.say(t, canary, "/resume")
	if got := s.say(t, canary, "/mydata"); !got.says(s, "mydata.title") {
		t.Fatalf("she is told: %s", got.text())
	}
	s.presses(t, canary, "📄 All of it as a file")
	s.say(t, canary, "/join") // and the question stays open

	// Something of hers was set aside, and something waits: another process has died.
	ctx := t.Context()
	for i, text := range []string{marker + "-parked", marker + "-waiting"} {
		raw := s.Platform.Raw(s.Account, bot.Update{Kind: bot.TextSent, Sender: canary, Chat: canary, Text: text})
		id := s.app.ids.New()
		if _, _, err := s.db.Engine("other").Accept(ctx, id, raw); err != nil {
			t.Fatal(err)
		}
		if i > 0 {
			continue
		}
		err := s.db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
			return s.db.Engine("other").Failed(ctx, tx, id, engine.Panicked, true)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	p, _, err := s.db.Engine("").Person(ctx, s.Account, canary)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// canaryConnects has her connect a group chat that is called after her, and make a code
// that stays open; and whoever looks at her phone sees little.
func (s *stage) canaryConnects(t *testing.T) {
	t.Helper()
	in := bottest.GroupPrefix + marker
	s.Platform.Open(in)
	connect := "v1:groupchat.connect:" + string(s.groups["crmc"].ID) + ":"
	s.inChat(t, canary, in, connectCode.FindString(s.press(t, canary, connect).text()))
	if !strings.Contains(s.aloud(t, in), "now connected") {
		t.Fatalf("in the chat there is %q", s.aloud(t, in))
	}
	s.press(t, canary, connect)
	s.press(t, canary, "v1:privacy.discreet::on")
}

// call has an organiser write to everybody and ask who is coming.
func (s *stage) call(t *testing.T, who, text string) {
	t.Helper()
	s.say(t, who, "/alert "+text)
	for _, label := range []string{"English", "🙋 Ask who is coming", "👁 Look and send", "✅ Send now"} {
		s.presses(t, who, label)
	}
}

// traces are all the bytes by which she could be found: her words, her ids, and
// what her name on the platform was turned into.
func (s *stage) traces(t *testing.T, p bot.Person) map[string][]byte {
	t.Helper()
	all := map[string][]byte{"words": []byte(marker), "member": []byte(p.Member.ID), "address": []byte(p.Address.ID)}
	for name, query := range map[string]string{
		"sender": `SELECT sender_index FROM addresses WHERE member_id = '` + string(p.Member.ID) + `'`,
		"lane":   `SELECT lane FROM inbox WHERE state = 'parked'`,
		"role":   `SELECT linked_by FROM group_chats`,
		"menu":   `SELECT menu FROM addresses WHERE member_id = '` + string(p.Member.ID) + `'`,
		"code":   `SELECT code_index FROM group_chat_codes`,
	} {
		all[name] = storagetest.Value(t, s.file, query)
		all[name+" as hex"] = []byte(hex.EncodeToString(all[name]))
	}
	return all
}

// addErasingJob adds the job as the room does to the job queue of the database:
// its row names nobody.
func (s *stage) addErasingJob(t *testing.T) {
	t.Helper()
	jobs, err := storage.NewJobs(s.db, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = s.db.Write(t.Context(), func(ctx context.Context, tx bot.Tx) error {
		return jobs.Add(ctx, tx, bot.Job{Kind: privacy.JobErase, At: s.app.clock.Now().Add(time.Hour)})
	})
	if err != nil {
		t.Fatal(err)
	}
}
