package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"ella/adapters/slack/slacktest"
	"ella/bot"
	"ella/storage"
	"ella/storage/storagetest"
)

// TestForgottenThoughTakenOut: somebody asks to be forgotten, another to be left alone,
// and the machine dies. Before Ella comes back their workspace takes her out, or whoever
// runs her removes it. Both get what they asked for, and nobody there can be reached.
func TestForgottenThoughTakenOut(t *testing.T) {
	for name, leaves := range map[string]func(t *testing.T, fake *slacktest.Server, id string){
		"uninstalled": func(_ *testing.T, fake *slacktest.Server, _ string) { fake.Uninstall(fake.Team(), true) },
		"removed": func(t *testing.T, _ *slacktest.Server, id string) {
			t.Helper()
			ella(t, "accounts", "remove", id, "--yes").want(t, exitDone, "does not serve")
		},
	} {
		t.Run(name, func(t *testing.T) {
			fake := onFakeSlack(t)
			ella(t, "accounts", "add", "slack").want(t, exitDone, "serves the workspace")
			t.Setenv("ELLA_SLACK_BOT_TOKEN", "")
			t.Setenv("ELLA_SLACK_APP_TOKEN", "")
			s := serve(t)
			eventually(t, "the connections", func() bool { return fake.Connections() == 2 })
			people := []string{fake.AddUser(slacktest.User{Name: "Amina"}), fake.AddUser(slacktest.User{Name: "Bogdan"})}
			for _, user := range people {
				fake.Say(user, "hello")
				for _, label := range []string{"English", "Yes, that is all right"} {
					pressOnSlack(t, fake, user, label)
				}
			}
			id := regexp.MustCompile(`(?m)^(\S+)\tslack`).FindStringSubmatch(ella(t, "accounts").out)[1]
			s.stop().want(t, exitDone)

			waits(t, bot.AccountID(id), fake.Team(), people[0], "interactive", map[string]any{
				"type": "block_actions", "trigger_id": "1.2.a", "team": map[string]string{"id": fake.Team()},
				"user":      map[string]string{"id": people[0], "team_id": fake.Team()},
				"container": map[string]string{"type": "message", "message_ts": "1.000100", "channel_id": fake.DM(people[0])},
				"channel":   map[string]string{"id": fake.DM(people[0])},
				"actions": []map[string]string{{
					"type": "button", "action_id": "0", "action_ts": "1.000200", "value": fmt.Sprintf("v1:privacy.forget::%d", time.Now().Unix()/86400),
				}},
			})
			waits(t, bot.AccountID(id), fake.Team(), people[1], "events_api", map[string]any{
				"type": "event_callback", "event_id": "EvSTOP", "team_id": fake.Team(),
				"event": map[string]string{
					"type": "message", "channel_type": "im", "channel": fake.DM(people[1]), "user": people[1], "text": "stop", "ts": "2.000100",
				},
			})
			leaves(t, fake, id)
			before := len(fake.Shown(fake.DM(people[0]))) + len(fake.Shown(fake.DM(people[1])))

			again := serve(t)
			db := openHome(t)
			eventually(t, "that one is forgotten", func() bool {
				c, err := db.Checkup(t.Context())
				return err == nil && c.Waiting == 0 && c.Members == 1
			})
			eventually(t, "the end of what is left", func() bool {
				all, err := db.AccountStates(t.Context(), platformSlack)
				return err == nil && len(all) == 1 && !all[0].On && all[0].Version == "" && !all[0].Left
			})
			again.stop()
			if n := len(fake.Shown(fake.DM(people[0]))) + len(fake.Shown(fake.DM(people[1]))); n != before {
				t.Error("somebody is written to where Ella is not any more")
			}
			if c, err := db.Checkup(t.Context()); err != nil || len(c.Parked) > 0 {
				t.Errorf("something is set aside: %v, %v", c.Parked, err)
			}
			if got := string(storagetest.Value(t, "ella.db", `SELECT state FROM members`)); got != "stopped" {
				t.Errorf("who asked to be left alone is %q", got)
			}
			if got := string(storagetest.Value(t, "ella.db", `SELECT state FROM addresses`)); got != "gone" {
				t.Errorf("whoever is in a workspace that she was taken out of is %q", got)
			}
			if log := again.errout.String(); strings.Contains(log, people[0]) || strings.Contains(log, fake.BotToken()) {
				t.Error("the log names somebody, or a token")
			}
		})
	}
}

// waits puts an update into the inbox that nobody worked before the machine died.
func waits(t *testing.T, id bot.AccountID, team, user, kind string, payload any) {
	t.Helper()
	frame, err := json.Marshal(map[string]any{"type": kind, "envelope_id": "one", "payload": payload})
	if err != nil {
		t.Fatal(err)
	}
	db := openHome(t)
	if _, fresh, err := db.Engine("dead").Accept(t.Context(), "0-"+user, bot.Raw{Account: id, Key: user, Sender: team + ":" + user, Body: frame}); err != nil || !fresh {
		t.Fatalf("it does not wait: %v", err)
	}
}

// openHome opens the database of home beside a running Ella.
func openHome(t *testing.T) *storage.DB {
	t.Helper()
	url, key := os.Getenv("ELLA_DATABASE"), os.Getenv("ELLA_KEY_FILE")
	if url == "" {
		url, key = "ella.db", filepath.Join("config", "ella", "ella.key")
	}
	db, err := storage.Open(t.Context(), storage.Options{URL: url, KeyFile: key, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}
