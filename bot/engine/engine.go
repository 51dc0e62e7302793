// Package engine takes each update once, finds the conversation it belongs to,
// runs one step of one room, and commits state, domain changes and replies
// together. It is the only caller of rooms.
package engine

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"ella/bot"
	"ella/bot/lane"
	"ella/bot/language"
)

// Options are the parts an engine is made of. All are needed unless marked.
type Options struct {
	Store    Store
	Outbox   Outbox
	Adapters *bot.Adapters
	// Rooms in the order in which their commands are listed.
	Rooms []bot.Room
	// Home answers words that no conversation waits for, and buttons and steps
	// that no room knows any more. It is one of Rooms.
	Home bot.Home
	// Host answers in group chats. nil: what is done there is left alone. It is one of
	// Rooms.
	Host bot.Host
	// Pages are those of Rooms that a member's own page shows, from top to bottom. nil:
	// all that have something to show, the home before all others. The home's part
	// is the only one in the first minute.
	Pages    []bot.Paged
	Language *language.Bundle
	Clock    bot.Clock
	IDs      bot.IDs
	Log      *slog.Logger
	// Zone is the IANA zone that new members start with.
	Zone string
	// Width is how many members are worked for at once. 0 means 32.
	Width int
	// Backlog is how many accepted updates may wait in memory before Accept
	// blocks. 0 means 4096.
	Backlog int
}

// maxWords is how many characters of one text are read. Longer ones get a kind
// answer: nothing Ella asks for is longer, and a platform message holds 4,000.
const maxWords = 8000

// Engine takes updates in and works them. Make it with New, start it with Start.
type Engine struct {
	Options
	rooms    map[string]bot.Room
	commands map[string]command
	// early are the rooms whose buttons work before the first minute is over.
	early map[string]bool
	// listeners are those of the rooms that are asked what words mean.
	listeners []bot.Listener
	// paged are the rooms of a page, the first ofHome of them the home: one or none.
	paged  []bot.Paged
	ofHome int
	lanes  *lane.Set[item]
	// held has one token for each update that was accepted and not worked yet.
	held chan struct{}

	run     context.Context //nolint:containedctx // the life of the lanes, which outlive each Accept
	stop    context.CancelFunc
	started sync.WaitGroup
}

// item is an update in its lane. A counted one has a token in held.
type item struct {
	Waiting
	counted bool
}

type command struct {
	room bot.Room
	bot.Command
}

// New makes an engine. It does no I/O.
func New(o Options) *Engine {
	if o.Width == 0 {
		o.Width = 32
	}
	if o.Backlog == 0 {
		o.Backlog = 4096
	}
	e := &Engine{Options: o, rooms: map[string]bot.Room{}, commands: map[string]command{}, early: map[string]bool{}, held: make(chan struct{}, o.Backlog)}
	for _, r := range o.Rooms {
		e.rooms[r.Name()] = r
		if l, ok := r.(bot.Listener); ok {
			e.listeners = append(e.listeners, l)
		}
		for _, c := range r.Commands() {
			e.commands[c.Name] = command{room: r, Command: c}
			e.early[r.Name()] = e.early[r.Name()] || c.Early
		}
	}
	e.paged, e.ofHome = pagesOf(o)
	e.run, e.stop = context.WithCancel(context.Background())
	e.lanes = lane.New(o.Width, e.work)
	return e
}

// pagesOf are the rooms of a page, the home first, and how many of them are the home.
func pagesOf(o Options) (paged []bot.Paged, ofHome int) {
	if home, ok := o.Home.(bot.Paged); ok {
		paged, ofHome = append(paged, home), 1
	}
	others := o.Pages
	if others == nil {
		for _, r := range o.Rooms {
			if p, ok := r.(bot.Paged); ok {
				others = append(others, p)
			}
		}
	}
	for _, p := range others {
		if p.Name() != o.Home.Name() {
			paged = append(paged, p)
		}
	}
	return paged, ofHome
}

// Start takes up what an earlier run left, in order, before anything new, and
// with a shared database goes on looking for what another process left behind.
// It returns once everything left is in its lane.
func (e *Engine) Start(ctx context.Context) error {
	if err := e.takeUp(ctx, func(bot.AccountID) bool { return true }); err != nil {
		return err
	}
	if e.Store.Shared() {
		e.started.Go(e.sweep)
	}
	return nil
}

// Resume takes up what waits for an account that was not served here until now. It is
// called when Adapters has it, and before anything is received for it.
func (e *Engine) Resume(ctx context.Context, account bot.AccountID) error {
	return e.takeUp(ctx, func(id bot.AccountID) bool { return id == account })
}

// Stop takes nothing more, lets the updates under way end, and returns. What
// still waits is found again at the next Start.
func (e *Engine) Stop() {
	e.stop()
	e.lanes.Close()
	e.started.Wait()
}

// Wait blocks until every update that was accepted here has been worked.
func (e *Engine) Wait() { e.lanes.Wait() }

// takeUp puts what waits for some accounts into its lanes.
func (e *Engine) takeUp(ctx context.Context, of func(bot.AccountID) bool) error {
	after := ""
	for {
		batch, err := e.Store.Waiting(ctx, after, 500)
		if err != nil {
			return err
		}
		for _, w := range batch {
			if _, served := e.Adapters.Of(w.Account); !served || !of(w.Account) {
				continue // it waits for a process that serves its account
			}
			if e.Store.Shared() {
				e.lanes.Offer(w.Lane, item{Waiting: w}) // whoever works the lane finds the rest of it
			} else {
				e.lanes.Push(w.Lane, item{Waiting: w})
			}
		}
		if len(batch) < 500 {
			return nil
		}
		after = batch[len(batch)-1].ID
	}
}

// sweepEvery is how soon updates are taken up that a dead process had accepted.
const sweepEvery = 2 * time.Second

func (e *Engine) sweep() {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-e.run.Done():
			return
		case <-tick.C:
			if err := e.takeUp(e.run, func(bot.AccountID) bool { return true }); err != nil && e.run.Err() == nil {
				e.Log.Warn("looking for updates left behind failed", "err", err)
			}
		}
	}
}

// Accept implements bot.Inbox.
func (e *Engine) Accept(ctx context.Context, raw bot.Raw) error {
	select {
	case e.held <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	case <-e.run.Done():
		return context.Canceled
	}
	w, fresh, err := e.Store.Accept(ctx, e.IDs.New(), raw)
	if err != nil || !fresh || !e.lanes.Push(w.Lane, item{w, true}) {
		<-e.held
	}
	return err
}

// Inbox is the engine as adapters see it.
var _ bot.Inbox = (*Engine)(nil)

// work is called by a lane for one update after the other.
func (e *Engine) work(key string, i item) {
	if i.counted {
		defer func() { <-e.held }()
	}
	if e.run.Err() != nil {
		return // it waits in the store
	}
	if !e.Store.Shared() {
		e.finish(i.Waiting)
		return
	}
	e.workShared(key)
}

// workShared claims the lane and works everything in it in the order of
// acceptance, whichever process accepted it.
func (e *Engine) workShared(key string) {
	for left := true; left && e.run.Err() == nil; {
		waiting, mine, err := e.Store.ClaimLane(e.run, key)
		if err != nil {
			e.Log.Warn("claiming a lane failed", "err", err)
			return // the sweep comes back to it
		}
		if !mine {
			return // its owner looks once more after releasing
		}
		for _, w := range waiting {
			if e.run.Err() == nil {
				e.finish(w)
			}
		}
		// Not under e.run: a lane that is not given back is nobody's until this process ends.
		if left, err = e.Store.ReleaseLane(context.WithoutCancel(e.run), key); err != nil {
			e.Log.Warn("releasing a lane failed", "err", err)
			return
		}
	}
}

// Commands returns those that the person may use, in the order of the rooms.
func (e *Engine) commandsFor(p bot.Person) []bot.Command {
	var all []bot.Command
	for _, r := range e.Rooms {
		for _, c := range r.Commands() {
			if c.Allows(p) {
				all = append(all, c)
			}
		}
	}
	return slices.Clip(all)
}
