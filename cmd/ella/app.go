package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"ella/bot"
	"ella/bot/action"
	"ella/bot/address"
	"ella/bot/alert"
	"ella/bot/delivery"
	"ella/bot/engine"
	"ella/bot/group"
	"ella/bot/groupchat"
	"ella/bot/language"
	"ella/bot/member"
	"ella/bot/place"
	"ella/bot/privacy"
	"ella/bot/relay"
	"ella/bot/role"
	"ella/locales"
	"ella/storage"
)

// parts are what an app is put together from.
type parts struct {
	db       *storage.DB
	clock    bot.Clock
	ids      bot.IDs
	random   io.Reader // of invitations' codes; many read it at once
	log      *slog.Logger
	language *language.Bundle
	places   *place.Gazetteer
	zone     string
	adapters *bot.Adapters
	// jobs makes what runs them, from the workers by kind.
	jobs func(workers map[string]bot.Worker) (runner, error)
	// progressEvery is how often a card of progress is edited; 0 for the usual.
	progressEvery time.Duration
	rate          map[bot.AccountID]float64
}

// runner runs jobs in the background.
type runner interface {
	bot.Jobs
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
}

// storedJobs runs jobs that are rows of the database, as the program does.
func storedJobs(db *storage.DB) func(map[string]bot.Worker) (runner, error) {
	return func(workers map[string]bot.Worker) (runner, error) {
		jobs, err := storage.NewJobs(db, workers)
		if err != nil {
			return nil, err
		}
		jobs.Every(jobTidy, time.Hour)
		jobs.Every(role.JobLapse, time.Hour)
		jobs.Every(privacy.JobRetire, time.Hour)
		return jobs, nil
	}
}

// app is Ella put together: adapters, engine, rooms, delivery, jobs.
type app struct {
	parts
	owner    string // this process, among those on the same database
	lease    leaseTimes
	engine   *engine.Engine
	delivery *delivery.Delivery
	jobs     runner
	rooms    []bot.Room

	leasing sync.Mutex
	leases  map[string]int // how many accounts hold each here

	receivers
}

// newApp wires. It does no I/O.
func newApp(p parts) (*app, error) {
	owner := p.ids.New()
	a := &app{parts: p, owner: owner, lease: receiveTimes(), leases: map[string]int{}, receivers: newReceivers()}
	members := &member.Room{Store: p.db.Members(), Language: p.language}
	letters := &relay.Room{Store: p.db.Letters(), Language: p.language, IDs: p.ids}
	alerts := &alert.Room{
		Store: p.db.Alerts(), Language: p.language, Places: p.places, IDs: p.ids, Clock: p.clock, Invitation: action.Invitation,
	}
	actions := &action.Room{Store: p.db.Actions(), Language: p.language, Words: alerts.Words}
	alerts.Rosters = func(account bot.AccountID) (bot.Rosters, bool) {
		adapter, _ := p.adapters.Of(account)
		rosters, ok := adapter.(bot.Rosters)
		return rosters, ok
	}
	alerts.Stands, alerts.Asking, alerts.Told = actions.Card, action.Asking, actions.Told
	alerts.Coming = func(ctx context.Context, id bot.ActionID, organisation bot.OrganisationID) (c alert.Coming, err error) {
		c.People, c.Open, c.Keep, err = actions.Coming(ctx, id, organisation, p.clock.Now())
		return c, err
	}
	chats := &groupchat.Room{Store: p.db.GroupChats(), Language: p.language, IDs: p.ids, Random: p.random, Clock: p.clock}
	roles := &role.Room{Store: p.db.Roles(), Language: p.language, IDs: p.ids, Clock: p.clock, Random: p.random}
	platform := func(id bot.AccountID) string {
		adapter, served := p.adapters.Of(id)
		if !served {
			return ""
		}
		return adapter.Capabilities().Platform
	}
	personal := &privacy.Room{Store: p.db.Privacy(), Language: p.language, Clock: p.clock, Log: p.log, Platform: platform}
	groups := &group.Room{Store: p.db.Groups(), Language: p.language, Places: p.places}
	a.rooms = []bot.Room{
		groups,
		actions,
		alerts,
		roles,
		members,
		personal,
		letters,
		chats,
		&address.Room{Store: p.db.Links(), Language: p.language, IDs: p.ids, Random: p.random, Platform: platform, First: members.Lost},
	}
	workers := map[string]bot.Worker{
		alert.JobFreeze: alerts.Freeze,
		alert.JobAway:   alerts.Away,
		alert.JobCards:  alerts.Refresh,
		role.JobLapse:   roles.Lapse,
		jobTidy:         func(ctx context.Context, _ string) error { return p.db.Tidy(ctx) },

		groupchat.JobTell:   chats.Tell,
		groupchat.JobInvite: chats.Invite,

		privacy.JobErase:  personal.Erase,
		privacy.JobScrub:  personal.Scrub,
		privacy.JobRetire: personal.Retire,
	}
	jobs, err := p.jobs(workers)
	if err != nil {
		return nil, err
	}
	a.jobs = jobs
	alerts.Jobs, personal.Jobs, chats.Jobs = jobs, jobs, jobs
	alerts.ChatLost = func(ctx context.Context, tx bot.Tx, id bot.GroupChatID) error {
		return jobs.Add(ctx, tx, bot.Job{Kind: groupchat.JobTell, ID: string(id)})
	}
	a.delivery = delivery.New(delivery.Options{
		Store: p.db.Delivery(owner), Adapters: p.adapters, Composer: alerts, Clock: p.clock, Log: p.log, Owner: owner,
		ProgressEvery: p.progressEvery, Rate: p.rate, ChatLost: alerts.ChatLost, Neutral: privacy.Neutral(p.language),
	})
	alerts.Sent, alerts.Direct = a.delivery.Wake, a.delivery.Direct
	chats.Direct = a.delivery.Direct
	personal.Direct, personal.Menu = a.delivery.Direct, a.delivery.Menu
	roles.Post, personal.Post, chats.Post, alerts.Post = a.delivery.Post, a.delivery.Post, a.delivery.Post, a.delivery.Post
	a.engine = engine.New(engine.Options{
		Store: p.db.Engine(owner), Outbox: a.delivery, Adapters: p.adapters, Rooms: a.rooms, Home: members, Host: chats,
		Pages:    []bot.Paged{members, actions, groups, alerts},
		Language: p.language, Clock: p.clock, IDs: p.ids, Log: p.log, Zone: p.zone,
	})
	return a, nil
}

// jobTidy is the job that deletes what has served its time.
const jobTidy = "storage.tidy"

// start takes up what an earlier run left and then lets the platforms in.
func (a *app) start(ctx context.Context) error {
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	a.run, a.stop = run, stop
	if err := a.delivery.Start(ctx); err != nil {
		return fmt.Errorf("start the delivery: %w", err)
	}
	if err := a.jobs.Start(run); err != nil {
		return err
	}
	if err := a.engine.Start(ctx); err != nil {
		return fmt.Errorf("start the engine: %w", err)
	}
	for id, adapter := range a.adapters.All() {
		a.begin(id, adapter)
	}
	if a.beside != nil {
		a.all.Go(func() { a.beside(run) })
	}
	return nil
}

// shutDown lets what is under way end: first nothing more comes in, then
// nothing more is worked, then nothing more goes out.
func (a *app) shutDown() error {
	a.stop()
	a.all.Wait()
	a.engine.Stop()
	a.delivery.Stop()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return a.jobs.Stop(ctx)
}

// load reads what is embedded in the program.
func load() (*language.Bundle, *place.Gazetteer, error) {
	bundle, err := language.Load(locales.Files)
	places, placesErr := place.Load()
	return bundle, places, errors.Join(err, placesErr)
}

func newIDs() bot.IDs { return bot.NewIDs(bot.SystemClock{}, rand.Reader) }
