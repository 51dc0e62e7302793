package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"ella/bot"
	"ella/storage"
)

// serveCommand runs Ella for the accounts that are configured.
type serveCommand struct {
	databaseFlags
	commonFlags
	Listen   string             `env:"ELLA_LISTEN" default:"127.0.0.1:8080" help:"Address of /healthz, /readyz and webhooks. Default: ${default}." placeholder:"HOST:PORT"`
	Telegram telegramServeFlags `embed:"" prefix:"telegram-"`
	Slack    slackFlags         `embed:"" prefix:"slack-"`
}

// Run implements the command.
func (c *serveCommand) Run(env *environment) (err error) {
	onIt, wrong := c.Telegram.options()
	inSlack, wrongThere := c.Slack.options()
	options, err := c.check(c.fault(), checkListen(c.Listen), wrong, wrongThere)
	if err != nil {
		return err
	}
	log := newLog(env.errout, c.Log, options)
	open, err := c.options(log)
	if err != nil {
		return err
	}
	open.Exclusive = true
	db, err := storage.Open(env.ctx, open)
	if err != nil {
		return err
	}
	defer closeDB(db, &err)
	sayNewKey(env, db)
	bundle, places, err := load()
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return listenError(c.Listen, err)
	}
	var a *app // adapters ask it for what they only need once they receive
	mux, adapters := http.NewServeMux(), bot.NewAdapters(nil)
	var greetings string
	if onIt.Token != "" {
		onIt.Log = log
		account, adapter, err := onTelegram(env.ctx, onIt, db, func() *app { return a })
		if err != nil {
			_ = listener.Close()
			if env.ctx.Err() != nil {
				return nil // interrupted while Telegram could not be reached
			}
			return err
		}
		adapters.Put(account, adapter)
		register(mux, adapter)
		greetings = fmt.Sprintf("Ella on Telegram: https://t.me/%s\n", adapter.Username())
	}
	workspaces := newWorkspaces(db, log, inSlack)
	mux.Handle("/slack/", workspaces.handler())
	greeting, err := workspaces.connectOwn(env.ctx, adapters)
	if err != nil {
		_ = listener.Close()
		if env.ctx.Err() != nil {
			return nil // interrupted while Slack could not be reached
		}
		return err
	}
	greetings += greeting
	a, err = newApp(parts{
		db: db, jobs: storedJobs(db), clock: bot.SystemClock{}, ids: newIDs(), random: rand.Reader, log: log, language: bundle, places: places, zone: c.Timezone,
		adapters: adapters,
	})
	if err != nil {
		return err
	}
	more, err := workspaces.attach(env.ctx, a)
	if err != nil {
		_ = listener.Close()
		return err
	}
	if greetings += more; greetings == "" {
		fmt.Fprintln(env.errout, "No chat platform is configured yet, so nobody can write to Ella. For Telegram set ELLA_TELEGRAM_TOKEN, for Slack ELLA_SLACK_BOT_TOKEN, or: ella accounts add slack (README.md: Ella on Telegram, Ella on Slack in five minutes). To see her at work: ella try")
	}
	return a.serve(env, listener, mux, func() {
		fmt.Fprintf(env.out, "%sElla is running. Health: http://%s/readyz. Stop with Ctrl-C.\n", greetings, listener.Addr())
	})
}

// serve runs an app and its web server until the context ends, or a platform's
// account fails for good.
func (a *app) serve(env *environment, listener net.Listener, mux *http.ServeMux, ready func()) (err error) {
	health{db: a.db}.register(mux)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	if err := a.start(env.ctx); err != nil {
		_ = listener.Close()
		return err
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	ready()
	select {
	case <-env.ctx.Done():
	case err = <-served:
		err = fmt.Errorf("web server: %w", err)
	case <-a.ended:
		err = errors.New("every account has stopped: see the log above for why")
	}
	fmt.Fprintln(env.errout, "Stopping: what is under way is being finished…")
	// The app first: its streams are what keeps the web server's requests open.
	stopped := a.shutDown()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(env.ctx), 5*time.Second)
	defer cancel()
	if down := server.Shutdown(ctx); down != nil {
		_ = server.Close()
	}
	return errors.Join(err, stopped)
}

func closeDB(db *storage.DB, err *error) { *err = errors.Join(*err, db.Close()) }

// sayNewKey prints where a new key lies: without it the data can't be read.
func sayNewKey(env *environment, db *storage.DB) {
	if path := db.NewKey(); path != "" {
		fmt.Fprintf(env.errout, "A new key was made: %s\nKeep a copy of it in a safe place away from the database. Without it nobody can read the data, you neither.\n", path)
	}
}
