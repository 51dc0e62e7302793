package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/bottest"
	"ella/bot/group"
	"ella/bot/language"
	"ella/bot/place"
	"ella/bot/role"
	"ella/storage"
	"ella/storage/storagetest"
)

// start is when every conversation begins: a Tuesday morning.
func start() time.Time { return time.Date(2026, time.November, 24, 9, 30, 0, 0, time.UTC) }

// stage is a whole Ella on a platform in memory and a real database, in which
// time stands still and ids are always the same.
type stage struct {
	bottest.Stage
	app  *app
	jobs *bottest.Jobs
	db   *storage.DB
	// file is the database's, where a test changes it behind Ella's back.
	file string
	// organisation is Common Ground, which has the sample directory.
	organisation bot.Organisation
	groups       map[string]group.Group
	// log is everything that was logged, at the lowest level and before the list
	// of allowed keys.
	log *bytes.Buffer
}

// embedded reads the catalogues and the gazetteer once for all tests.
type embedded struct {
	language *language.Bundle
	places   *place.Gazetteer
}

func newStage(t testing.TB, e embedded, db *storage.DB, clock bot.Clock, log *slog.Logger, people ...string) *stage {
	t.Helper()
	ctx := t.Context()
	platform := bottest.NewPlatform(people...)
	platform.Clock = clock
	account, err := db.Account(ctx, "memory", "test")
	if err != nil {
		t.Fatal(err)
	}
	jobs := &bottest.Jobs{Clock: clock}
	ids := bot.NewIDs(clock, storagetest.NewRandom(7))
	a, err := newApp(parts{
		db: db, clock: clock, ids: ids, random: storagetest.NewRandom(3), log: log, language: e.language, places: e.places, zone: "Europe/London",
		adapters: bot.NewAdapters(map[bot.AccountID]bot.Adapter{account: platform}),
		jobs: func(workers map[string]bot.Worker) (runner, error) {
			jobs.Workers = workers
			return jobs, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{app: a, jobs: jobs, db: db}
	frozen, _ := clock.(*bottest.Clock)
	s.Stage = bottest.Stage{Platform: platform, Account: account, Clock: frozen, Accept: a.engine.Accept, Settle: s.settle, Do: s.do}
	s.organisation = bot.Organisation{ID: bot.OrganisationID(ids.New()), Name: sampleOrganisation, Zone: "Europe/London", Sample: true}
	err = db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		return db.Members().AddOrganisation(ctx, tx, s.organisation)
	})
	if err != nil {
		t.Fatal(err)
	}
	importer := group.Importer{Store: db.Groups(), Places: e.places, Language: e.language, IDs: ids, Clock: clock}
	report, err := importer.Run(ctx, group.Import{File: group.Sample(), Organisation: s.organisation.ID, Source: "sample", Sample: true})
	if err != nil || !report.Done {
		t.Fatalf("import the sample directory: %v, %+v", err, report)
	}
	s.groups = map[string]group.Group{}
	all, err := db.Groups().All(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range all {
		s.groups[g.ForeignID] = g
	}
	t.Cleanup(func() {
		a.engine.Stop()
		a.delivery.Stop()
	})
	return s
}

// newFileStage is a stage on a SQLite file of its own, with a frozen clock.
func newFileStage(t testing.TB, e embedded, people ...string) *stage {
	t.Helper()
	clock := bottest.NewClock(start())
	file := filepath.Join(t.TempDir(), "ella.db")
	db := storagetest.Open(t, file, func(o *storage.Options) { o.Clock = clock })
	var log bytes.Buffer
	s := newStage(t, e, db, clock, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})), people...)
	s.file, s.log = file, &log
	return s
}

func loadEmbedded(t testing.TB) embedded {
	t.Helper()
	bundle, places, err := load()
	if err != nil {
		t.Fatal(err)
	}
	return embedded{language: bundle, places: places}
}

// settle lets everything that follows from an update happen: turns, jobs, sends.
func (s *stage) settle(ctx context.Context) error {
	for {
		s.app.engine.Wait()
		if err := s.app.delivery.Drain(ctx); err != nil {
			return err
		}
		n, err := s.jobs.RunDue(ctx)
		if err != nil {
			return err
		}
		if n == 0 {
			return nil
		}
	}
}

// do carries out the directions of scripts:
//
//	views                     the platform has pages and windows
//	takes back 48h            the platform lets Ella take messages away for so long
//	begins                    the platform lets Ella write first to whoever presses a button, and has no start links
//	role organiser            role leader crmc
//	role organiser at NAME    of another organisation, made when it is first named
//	loses organiser           loses leader
//	invite organiser          invite leader crmc, with the code ABCDEFGHJKMNPQRSTVWXYZ0123
//	lapse                     what becomes of roles whose holders are silent
//	poster crmc               follows the link of a group's poster
//	follows grace             follows the newest start link that Ella showed to grace
//	deaf 28m                  for so long Ella hears nobody on the platform, and what is pressed is lost
//	crowd 12 ar CV1 [crmc]    twelve members who read Arabic and live in CV1 (and are with a group)
//	crowd 12 ar CV1 at NAME   of another organisation
func (s *stage) do(ctx context.Context, person, direction string) error {
	words := strings.Fields(direction)
	switch {
	case direction == "views":
		s.Platform.Views, s.Platform.Can.Forms = true, true
		return nil
	case len(words) == 3 && words[0] == "takes" && words[1] == "back":
		var err error
		s.Platform.Can.TakesBack, err = time.ParseDuration(words[2])
		return err
	case direction == "begins":
		s.Platform.Can.Begins, s.Platform.Can.StartLink = true, ""
		return nil
	case len(words) >= 2 && words[0] == "role":
		return s.grant(ctx, person, words[1:])
	case len(words) == 2 && words[0] == "loses":
		return s.loses(ctx, person, words[1])
	case len(words) >= 2 && words[0] == "invite":
		return s.invite(ctx, words[1:])
	case direction == "lapse":
		// As if she had looked for the silent every hour until now.
		err := s.db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
			return s.db.Privacy().NoteRun(ctx, tx, s.app.clock.Now(), time.Time{})
		})
		if err != nil {
			return err
		}
		return s.jobs.Workers[role.JobLapse](ctx, "")
	case len(words) == 2 && words[0] == "poster":
		return s.poster(ctx, person, words[1])
	case len(words) == 2 && words[0] == "follows":
		return s.follows(ctx, person, words[1])
	case len(words) == 2 && words[0] == "deaf":
		return s.deaf(ctx, words[1])
	case len(words) >= 4 && words[0] == "crowd":
		return s.crowd(ctx, words[1:])
	}
	return fmt.Errorf("no such direction")
}

func (s *stage) grant(ctx context.Context, person string, words []string) error {
	p, _, err := s.db.Engine("").Person(ctx, s.Account, person)
	if err != nil {
		return fmt.Errorf("somebody who has not spoken: %w", err)
	}
	role := bot.Role{Kind: bot.RoleKind(words[0]), Organisation: s.organisation.ID}
	switch {
	case len(words) > 2 && words[1] == "at":
		other, err := s.other(ctx, strings.Join(words[2:], " "))
		if err != nil {
			return err
		}
		role.Organisation = other.ID
	case len(words) > 1:
		role.Group = s.groups[words[1]].ID
	}
	return s.db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		if err := s.db.Roles().Grant(ctx, tx, p.Member.ID, role, s.app.clock.Now()); err != nil {
			return err
		}
		return s.db.Members().Agree(ctx, tx, p.Member.ID, role.Organisation, s.app.clock.Now())
	})
}

// other is another organisation than Common Ground.
func (s *stage) other(ctx context.Context, name string) (bot.Organisation, error) {
	all, err := s.db.Members().Organisations(ctx)
	if err != nil {
		return bot.Organisation{}, err
	}
	for _, o := range all {
		if o.Name == name {
			return o, nil
		}
	}
	o := bot.Organisation{ID: bot.OrganisationID(s.app.ids.New()), Name: name, Zone: "Europe/London"}
	return o, s.db.Write(ctx, func(ctx context.Context, tx bot.Tx) error { return s.db.Members().AddOrganisation(ctx, tx, o) })
}

// loses takes a role away, as nothing in Ella does so far: behind her back.
func (s *stage) loses(ctx context.Context, person, kind string) error {
	p, _, err := s.db.Engine("").Person(ctx, s.Account, person)
	if err != nil {
		return err
	}
	behind, err := sql.Open("sqlite", s.file)
	if err != nil {
		return err
	}
	defer behind.Close()
	_, err = behind.ExecContext(ctx, `UPDATE roles SET state = 'suspended' WHERE member_id = $1 AND kind = $2`, string(p.Member.ID), kind)
	return err
}

func (s *stage) invite(ctx context.Context, words []string) error {
	role := bot.Role{Kind: bot.RoleKind(words[0]), Organisation: s.organisation.ID}
	if len(words) > 1 {
		role.Group = s.groups[words[1]].ID
	}
	now := s.app.clock.Now()
	return s.db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		return s.db.Roles().AddInvite(ctx, tx, "ABCDEFGHJKMNPQRSTVWXYZ0123", role, "", now, now.Add(15*time.Minute))
	})
}

// poster follows the link on a group's poster, as the platform hands it in.
func (s *stage) poster(ctx context.Context, person, group string) error {
	link := bot.Arrival{Group: s.groups[group].ID}.Payload()
	err := s.Accept(ctx, s.Platform.Raw(s.Account, bot.Update{Kind: bot.TextSent, Sender: person, Chat: person, Text: "/start " + link}))
	if err != nil {
		return err
	}
	return s.settle(ctx)
}

// crowd adds members who have a chat on the platform and never say a word.
func (s *stage) crowd(ctx context.Context, words []string) error {
	var n int
	if _, err := fmt.Sscan(words[0], &n); err != nil {
		return err
	}
	locale, outcode := words[1], words[2]
	found := s.app.language.Resolve(locale)
	speaks := ""
	if !found.Exact {
		locale, speaks = language.English, locale
	}
	where, ok := s.app.places.Sector(outcode)
	if !ok {
		return fmt.Errorf("no such place")
	}
	home, group := s.organisation, ""
	switch {
	case len(words) > 4 && words[3] == "at":
		var err error
		if home, err = s.other(ctx, strings.Join(words[4:], " ")); err != nil {
			return err
		}
	case len(words) > 3:
		group = words[3]
	}
	return s.db.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		for range n {
			sample := samplePeople{db: s.db, ids: s.app.ids, clock: s.app.clock, account: s.Account, zone: "Europe/London"}
			chat := "crowd-" + s.app.ids.New()
			p := sample.person(chat, locale, speaks)
			if err := sample.join(ctx, tx, p, chat, home.ID, s.app.clock.Now()); err != nil {
				return err
			}
			if err := s.db.Groups().Settle(ctx, tx, p.Member.ID, where.Sector, where.Outcode); err != nil {
				return err
			}
			if group != "" {
				if err := s.db.Groups().With(ctx, tx, p.Member.ID, s.groups[group], s.app.clock.Now()); err != nil {
					return err
				}
			}
			s.Platform.Open(chat)
		}
		return nil
	})
}
