package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"ella/adapters/slack"
	"ella/bot"
	"ella/storage"
)

// workspaces serve Slack's accounts as the database has them, beside the one of the
// configured bot token: they come and go while Ella runs, by `ella accounts`, by OAuth,
// and by what a workspace's own administrators do.
type workspaces struct {
	db    *storage.DB
	log   *slog.Logger
	setup slackSetup
	apps  slack.Apps
	app   *app
	// own is the account of the configured bot token, if there is one.
	own bot.AccountID
	// wake has the watch look now.
	wake chan struct{}

	// serving is held while an account is put to work, or is served no longer.
	serving sync.Mutex
	known   expected

	mu sync.Mutex
	by map[bot.AccountID]*workspace
	// emptying are the accounts of which what is left is being worked.
	emptying map[bot.AccountID]bool
	// kept is how many accounts the database had to serve at the last look.
	kept int
}

// workspace is an account of the database that is served, or about to be.
type workspace struct {
	version string
	// stop ends the attempt to connect.
	stop context.CancelFunc
	// adapter is nil until it is connected.
	adapter bot.Adapter
	// again is when to try once more what failed; zero while nothing did.
	again time.Time
}

const (
	// lookEvery is how soon a change of the accounts is noticed.
	lookEvery = 2 * time.Second
	// connectAgain is how long a workspace waits that could not be connected.
	connectAgain = time.Minute
)

// stored is what is kept of a workspace's tokens, sealed. By OAuth there is a bot token
// only: the app is that of the configuration.
type stored struct {
	Version       int    `json:"v"`
	BotToken      string `json:"bot_token"`
	AppToken      string `json:"app_token,omitempty"`
	SigningSecret string `json:"signing_secret,omitempty"`
}

// storedVersion is that of stored.
const storedVersion = 1

// The ways in which a workspace lets Ella in.
const (
	wayOwn   = "own"   // its people made an app from a manifest, and gave its tokens
	wayOAuth = "oauth" // they installed the app of the configuration
)

func newWorkspaces(db *storage.DB, log *slog.Logger, setup slackSetup) *workspaces {
	setup.Log, setup.Shelf = log, db.Shelf()
	w := &workspaces{
		db: db, log: log, setup: setup, wake: make(chan struct{}, 1), by: map[bot.AccountID]*workspace{}, emptying: map[bot.AccountID]bool{},
		known: expected{db: db, log: log},
	}
	w.apps.Expect(func(ctx context.Context, team string) bool {
		if !w.known.at(ctx, team, time.Now()) {
			return false
		}
		w.hurry()
		return true
	})
	return w
}

// handler is what Slack and browsers reach below /slack/.
func (w *workspaces) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/slack/", w.apps.Handler())
	if w.setup.installs() {
		w.registerInstall(mux)
	}
	return mux
}

// connectOwn connects the account of the configured bot token, if there is one, and says
// where Ella is.
func (w *workspaces) connectOwn(ctx context.Context, adapters *bot.Adapters) (greeting string, err error) {
	if !w.setup.configured() {
		return "", nil
	}
	if w.setup.App, err = w.apps.Own(w.setup.Options); err != nil || w.setup.BotToken == "" {
		return "", err
	}
	id, adapter, err := onSlack(ctx, w.setup.Options, w.db)
	if err != nil {
		return "", err
	}
	w.own = id
	adapters.Put(id, adapter)
	return fmt.Sprintf("Ella on Slack: in the workspace %s\n", adapter.Team()), nil
}

// attach has an app serve the accounts from when it starts on, and says how many there
// are.
func (w *workspaces) attach(ctx context.Context, a *app) (greeting string, err error) {
	w.app = a
	states, err := w.db.AccountStates(ctx, platformSlack)
	if err != nil {
		return "", fmt.Errorf("look up the accounts of Slack: %w", err)
	}
	w.kept = w.count(states)
	a.waits, a.stopped, a.beside = w.waits, w.ended, w.watch
	if w.kept > 0 {
		greeting = fmt.Sprintf("Ella on Slack: workspaces of `ella accounts`: %d\n", w.kept)
	}
	if w.setup.installs() {
		greeting += "Ella on Slack: workspaces can install her by a link of `ella accounts invite slack`\n"
	}
	return greeting, nil
}

// isKept reports an account that is served from what the database keeps.
func (w *workspaces) isKept(s storage.AccountState) bool {
	return s.ID != w.own && s.On && s.Version != ""
}

// count is how many accounts there are to serve.
func (w *workspaces) count(states []storage.AccountState) (n int) {
	for _, s := range states {
		if w.isKept(s) {
			n++
		}
	}
	return n
}

// waits reports that there are accounts to serve, or that some may come.
func (w *workspaces) waits() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.setup.installs() || w.kept > 0
}

// watch looks at the accounts until ctx ends.
func (w *workspaces) watch(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		if err := w.look(ctx); err != nil && ctx.Err() == nil {
			w.log.Warn("looking up the accounts of Slack failed", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-w.wake:
		case <-tick.C:
		}
	}
}

// hurry has the accounts looked at now.
func (w *workspaces) hurry() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// look serves what is there, and no longer what is not. Whoever can't be connected holds
// nobody up.
func (w *workspaces) look(ctx context.Context) error {
	states, err := w.db.AccountStates(ctx, platformSlack)
	if err != nil {
		return err
	}
	now := time.Now()
	var gone, left []bot.AccountID
	w.mu.Lock()
	w.kept = w.count(states)
	for _, s := range states {
		is, known := w.by[s.ID]
		switch kept := w.isKept(s); {
		case s.ID == w.own && !s.On:
			w.own = ""
			gone = append(gone, s.ID)
		case !kept && known:
			gone = append(gone, s.ID)
		case kept && (!known || is.version != s.Version || !is.again.IsZero() && !now.Before(is.again)):
			w.connect(ctx, s)
		case !known && s.Left:
			left = append(left, s.ID)
		}
	}
	w.mu.Unlock()
	for _, id := range gone {
		w.silence(id)
		w.log.Warn("slack: an account is not served any more, since Ella is not in its workspace", "account", string(id))
	}
	for _, id := range append(gone, left...) {
		w.app.all.Go(func() { w.empty(ctx, id) })
	}
	return nil
}

// connect begins to connect an account, in the place of an earlier attempt; w.mu is held.
func (w *workspaces) connect(ctx context.Context, s storage.AccountState) {
	if is := w.by[s.ID]; is != nil {
		is.stop()
	}
	ctx, stop := context.WithCancel(ctx)
	is := &workspace{version: s.Version, stop: stop}
	w.by[s.ID] = is
	w.app.all.Go(func() {
		adapter, err := w.dial(ctx, s)
		switch {
		case ctx.Err() != nil:
			if adapter != nil {
				adapter.Close()
			}
		case slack.Ended(err):
			w.takeOut(ctx, s.ID, s.Version)
		case err != nil:
			w.log.Warn("slack: a workspace can't be connected, and is tried again", "account", string(s.ID), "err", err)
			w.later(s.ID, is)
		default:
			w.serve(ctx, s.ID, is, adapter)
		}
	})
}

// dial finds out who Ella is there.
func (w *workspaces) dial(ctx context.Context, s storage.AccountState) (*slack.Adapter, error) {
	kept, err := w.db.Credentials(ctx, s.ID)
	if err != nil {
		return nil, fmt.Errorf("read the credentials of an account: %w", err)
	}
	o, err := optionsOf(w.setup, kept.Secret)
	if err != nil {
		return nil, err
	}
	if o.App == nil {
		if o.App, err = w.apps.Of(o); err != nil {
			return nil, err
		}
	}
	o.Account = s.ID
	return slack.Connect(ctx, o)
}

// errNoApp reports a workspace of OAuth without the app that it installed.
var errNoApp = errors.New("it installed an app that is not configured here: set ELLA_SLACK_APP_TOKEN or ELLA_SLACK_SIGNING_SECRET of that app, and ELLA_SLACK_CLIENT_ID")

// optionsOf are a workspace's own, from what is kept of it.
func optionsOf(setup slackSetup, secret []byte) (slack.Options, error) {
	var kept stored
	if json.Unmarshal(secret, &kept) != nil || kept.Version != storedVersion {
		return slack.Options{}, errors.New("its tokens are kept in an unknown shape: add it once more with a version of Ella that is not older")
	}
	o := setup.Options
	o.BotToken = kept.BotToken
	if kept.AppToken+kept.SigningSecret != "" {
		o.AppToken, o.SigningSecret, o.App = kept.AppToken, kept.SigningSecret, nil
	} else if !setup.configured() {
		return o, errNoApp
	}
	return o, nil
}

// serve puts a connected adapter to work, unless its account was removed or changed
// meanwhile.
func (w *workspaces) serve(ctx context.Context, id bot.AccountID, is *workspace, adapter *slack.Adapter) {
	w.serving.Lock()
	defer w.serving.Unlock()
	w.mu.Lock()
	current := w.by[id] == is
	if current {
		is.adapter = adapter
	}
	w.mu.Unlock()
	if !current {
		adapter.Close()
		return
	}
	before, served := w.app.adapters.Of(id)
	w.app.delivery.Resume(id)
	if !served {
		// What waits comes before what is new.
		w.app.adapters.Put(id, adapter)
		if err := w.app.engine.Resume(ctx, id); err != nil && ctx.Err() == nil {
			w.log.Warn("taking up what waits for an account failed", "account", string(id), "err", err)
		}
	}
	w.app.begin(id, adapter)
	closeSeat(before)
	w.log.Info("slack: a workspace is connected", "account", string(id))
}

// later has an account tried again.
func (w *workspaces) later(id bot.AccountID, is *workspace) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.by[id] == is {
		is.again = time.Now().Add(connectAgain)
	}
}

// ended is told by the app of an account that stopped for good.
func (w *workspaces) ended(id bot.AccountID, adapter bot.Adapter, err error) {
	w.mu.Lock()
	is, own := w.by[id], id == w.own
	w.mu.Unlock()
	switch {
	case own && slack.Ended(err):
		w.takeOut(w.app.run, id, "")
	case is == nil || is.adapter != adapter: // it was replaced, or is not Slack's
	case slack.Ended(err):
		w.takeOut(w.app.run, id, is.version)
	default:
		w.later(id, is)
	}
}

// takeOut ends an account that Ella was taken out of, but for one that let her in again
// meanwhile.
func (w *workspaces) takeOut(ctx context.Context, id bot.AccountID, version string) {
	err := w.db.TakeOut(ctx, id, version, tellsKeepers(w.app.jobs))
	switch {
	case errors.Is(err, bot.ErrConflict):
		w.hurry() // it was installed again: there are other tokens
		return
	case err != nil:
		w.log.Error("an account that Ella was taken out of was not put off; tried again", "account", string(id), "err", err)
		w.mu.Lock()
		is := w.by[id]
		w.mu.Unlock()
		if is != nil {
			w.later(id, is)
		}
		return
	}
	w.mu.Lock()
	if id == w.own {
		w.own = ""
	} else {
		w.kept = max(0, w.kept-1)
	}
	w.mu.Unlock()
	w.silence(id)
	w.empty(ctx, id)
	w.log.Warn("slack: Ella was taken out of a workspace: its tokens are deleted, and nobody there can be reached until she is installed again", "account", string(id))
}
