package main

import (
	"log/slog"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/bottest"
	"ella/storage"
	"ella/storage/storagetest"
)

// The job queue of the database does it too, by the real clock: a few seconds after
// the yes there is nobody left.
func TestForgetWithStoredJobs(t *testing.T) {
	e := loadEmbedded(t)
	for name, open := range map[string]func(testing.TB, ...func(*storage.Options)) *storage.DB{"sqlite": storagetest.SQLite, "postgres": storagetest.Postgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := open(t, realTime)
			platform := bottest.NewPlatform("amina")
			account, err := db.Account(t.Context(), "memory", "test")
			if err != nil {
				t.Fatal(err)
			}
			a, err := newApp(parts{
				db: db, jobs: storedJobs(db), clock: bot.SystemClock{}, ids: newIDs(), log: slog.New(slog.DiscardHandler),
				language: e.language, places: e.places, zone: "Europe/London", adapters: bot.NewAdapters(map[bot.AccountID]bot.Adapter{account: platform}),
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := a.start(t.Context()); err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := a.shutDown(); err != nil {
					t.Error(err)
				}
			}()
			members := func() int {
				found, err := db.Checkup(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				return found.Members
			}
			<-platform.Ready()
			deliver := func(u bot.Update) {
				u.Sender, u.Chat = "amina", "amina"
				if !platform.Deliver(t.Context(), platform.Raw(account, u)) {
					t.Fatal("not taken")
				}
			}
			deliver(bot.Update{Kind: bot.ButtonPressed, Data: "v1:member.language::en"})
			eventually(t, "somebody to be there", func() bool { return members() == 1 })
			began := time.Now()
			deliver(bot.Update{Kind: bot.TextSent, Text: "/forgetme"})
			eventually(t, "the question", func() bool { return len(platform.Shown("amina")) > 2 })
			shown := platform.Shown("amina")
			deliver(bot.Update{Kind: bot.ButtonPressed, Data: shown[len(shown)-1].Message.Actions()[0].Data})
			eventually(t, "nobody to be there", func() bool { return members() == 0 })
			t.Logf("nothing is left after %v", time.Since(began).Round(100*time.Millisecond))
		})
	}
}
