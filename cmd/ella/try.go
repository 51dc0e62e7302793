package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"ella/adapters/web"
	"ella/bot"
	"ella/bot/language"
	"ella/storage"
)

// tryCommand runs everything on this machine: no account, chats in the browser.
type tryCommand struct {
	commonFlags
	Listen string `env:"ELLA_LISTEN" default:"127.0.0.1:8080" help:"Address of the page; this machine only. Default: ${default}." placeholder:"HOST:PORT"`
	Dir    string `help:"Folder of the try-out's database and key. Default: ella/try in your configuration folder." placeholder:"FOLDER"`
	Fresh  bool   `help:"Throw away what was tried before and start over."`
}

// A try-out's files have names of their own, so that no folder given by mistake
// loses a real database.
const (
	tryDatabase = "try.db"
	tryKey      = "try.key"
)

// tryFiles are what a try-out keeps, and all that --fresh deletes.
func tryFiles() []string {
	return []string{tryDatabase, tryDatabase + "-wal", tryDatabase + "-shm", tryDatabase + ".lock", tryKey}
}

// Run implements the command.
func (c *tryCommand) Run(env *environment) (err error) {
	options, err := c.check(checkListen(c.Listen))
	if err != nil {
		return err
	}
	log := newLog(env.errout, c.Log, options)
	if err := c.prepare(); err != nil {
		return err
	}
	// Before anything is deleted or opened: a second try-out would find the
	// address taken, and must change nothing of the first.
	listener, err := web.Listen(c.Listen)
	if err != nil {
		return listenError(c.Listen, err)
	}
	defer listener.Close()
	if c.Fresh {
		if err := c.clear(env.ctx); err != nil {
			return err
		}
	}
	db, err := storage.Open(env.ctx, storage.Options{
		URL: filepath.Join(c.Dir, tryDatabase), KeyFile: filepath.Join(c.Dir, tryKey), Exclusive: true, Log: log,
	})
	if err != nil {
		return err
	}
	defer closeDB(db, &err)
	bundle, places, err := load()
	if err != nil {
		return err
	}
	account, err := db.Account(env.ctx, "web", "try")
	if err != nil {
		return fmt.Errorf("make the try page's account: %w", err)
	}
	ids := newIDs()
	sample := samplePeople{db: db, ids: ids, clock: bot.SystemClock{}, account: account, zone: c.Timezone, places: places, language: bundle}
	if err := sample.make(env.ctx); err != nil {
		return fmt.Errorf("make the sample people: %w", err)
	}
	page := web.New(web.Options{Account: account, Address: "http://" + listener.Addr().String(), Shelf: db.Shelf(), Strings: pageStrings(bundle), Log: log})
	a, err := newApp(parts{
		db: db, jobs: storedJobs(db), clock: bot.SystemClock{}, ids: ids, random: rand.Reader, log: log, language: bundle, places: places, zone: c.Timezone,
		adapters: bot.NewAdapters(map[bot.AccountID]bot.Adapter{account: page}),
		// Nobody's limit is at stake on one's own page.
		progressEvery: time.Second,
	})
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/", page.Handler())
	return a.serve(env, listener, mux, func() {
		fmt.Fprintf(env.out, "\n  Ella is ready: http://%s\n\n  Three phones: a member, a leader, an organiser. Everything stays in %s.\n  Stop with Ctrl-C; start over with: ella try --fresh\n\n", listener.Addr(), c.Dir)
	})
}

func (c *tryCommand) prepare() error {
	if c.Dir == "" {
		folder, err := os.UserConfigDir()
		if err != nil {
			return usageError{fmt.Errorf("this user has no configuration folder (%w): say where with --dir", err)}
		}
		c.Dir = filepath.Join(folder, "ella", "try")
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return fmt.Errorf("the folder of the try-out can't be made (%w): name another with --dir", err)
	}
	return nil
}

// clear deletes an earlier try-out, unless another process has it.
func (c *tryCommand) clear(ctx context.Context) error {
	db, err := storage.Open(ctx, storage.Options{
		URL: filepath.Join(c.Dir, tryDatabase), KeyFile: filepath.Join(c.Dir, tryKey), Exclusive: true,
	})
	if storage.KindOf(err) == storage.AlreadyServing {
		return err
	}
	if err == nil {
		_ = db.Close() // whatever is wrong with it goes with it
	}
	for _, name := range tryFiles() {
		if err := os.Remove(filepath.Join(c.Dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("start over: %w", err)
		}
	}
	return nil
}

// pageStrings are the page's own words in a catalogue, exact or by a declared
// fallback of the same language.
func pageStrings(bundle *language.Bundle) func(string) map[string]string {
	return func(tag string) map[string]string {
		found := bundle.Resolve(tag)
		if !found.Exact && !found.Declared {
			return nil
		}
		p := bundle.For(found.Locale)
		words := map[string]string{}
		for _, k := range web.StringKeys() {
			if p.Has(k.Key) {
				words[k.Key] = p.Text(k.Key)
			}
		}
		return words
	}
}
