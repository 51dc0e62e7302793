package main

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/bottest"
	"ella/bot/role"
	"ella/storage"
	"ella/storage/storagetest"
)

// On a training evening forty new leaders of one organisation say yes at the same
// moment, each with a code of their own: every one of them gets their role, however
// often the others come in between.
func TestManyAcceptAtOnce(t *testing.T) {
	for name, open := range map[string]func(testing.TB, ...func(*storage.Options)) *storage.DB{"sqlite": storagetest.SQLite, "postgres": storagetest.Postgres} {
		t.Run(name, func(t *testing.T) {
			clock := bottest.NewClock(start())
			db := open(t, func(o *storage.Options) { o.Clock = clock })
			s := newStage(t, loadEmbedded(t), db, clock, slog.New(slog.DiscardHandler), "grace")
			s.meet(t, "grace", "role organiser")
			leader := bot.Role{Kind: bot.Leader, Organisation: s.organisation.ID, Group: s.groups["crmc"].ID}
			const many = 40
			var presses []bot.Update
			for i, who := range s.newcomers(t, many) {
				code := fmt.Sprintf("ABCDEFGHJKMNPQRSTVWXYZ01%02d", i)
				now := s.app.clock.Now()
				err := s.db.Write(t.Context(), func(ctx context.Context, tx bot.Tx) error {
					return s.db.Roles().AddInvite(ctx, tx, code, leader, "", now, now.Add(15*time.Minute))
				})
				if err != nil {
					t.Fatal(err)
				}
				s.say(t, who, "/join "+code)
				presses = append(presses, bot.Update{Kind: bot.ButtonPressed, Sender: who, Press: "press", Data: s.button(t, who, "Yes, I want that")})
			}
			s.atOnce(t, presses...)
			leaders := 0
			for _, r := range s.roles(t, role.On) {
				if r.Kind == bot.Leader {
					leaders++
				}
			}
			if leaders != many {
				t.Errorf("%d of %d are leaders now", leaders, many)
			}
		})
	}
}
