// Package delivery brings what was committed to people: replies in order for
// each chat, and alerts from the ledger at the pace that the platform allows. It
// is the one retry layer: adapters never retry.
package delivery

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"ella/bot"
	"ella/bot/lane"
	"ella/bot/message"
)

// Composer writes an alert for one reader. Called before every copy; fast, and
// the same for the same arguments while the alert is unchanged.
type Composer interface {
	// Compose returns the message for a reader, and the locale of the variant in
	// it. repeat marks it as possibly a second copy.
	Compose(ctx context.Context, id bot.AlertID, reader bot.Reader, repeat bool) (message.Message, string, error)
	// ComposeChat returns the message for a group chat that reads these languages, one
	// below the other.
	ComposeChat(ctx context.Context, id bot.AlertID, locales []string, repeat bool) (message.Message, error)
	// Progress returns the card that shows the alert's author how far it is, to
	// be edited in place, or no replies.
	Progress(ctx context.Context, id bot.AlertID) ([]bot.Reply, error)
}

// Options are the parts of a delivery. All are needed unless marked.
type Options struct {
	Store    Store
	Adapters *bot.Adapters
	Composer Composer
	Clock    bot.Clock
	Log      *slog.Logger
	// Owner names this process among those on the same database.
	Owner string
	// Rate is alerts a second for each account, over what the adapter states;
	// nil keeps the adapter's. 0 lifts the limit.
	Rate map[bot.AccountID]float64
	// ChatLost is called in the unit that turns a group chat off, since Ella can't
	// write there any more. nil: nobody is told.
	ChatLost func(ctx context.Context, tx bot.Tx, id bot.GroupChatID) error
	// Neutral is the line that gives nothing away, in a language: it stands before what
	// others cause, for members who want it. nil: for nobody.
	Neutral func(locale string) message.Paragraph
	// ProgressEvery is how often the author's card is edited. 0 means 5 s.
	ProgressEvery time.Duration
	// Width is how many chats are written to at once. 0 means 64.
	Width int
}

// Delivery sends. Make it with New; Send may be called at once, Start begins
// with what an earlier run left.
type Delivery struct {
	Options
	replies *lane.Set[bot.Queued]
	// tasks are the copies leased for the workers; atOnce is how many of them one
	// worker begins together.
	tasks  chan task
	atOnce int

	run  context.Context //nolint:containedctx // the life of the lanes, which outlive each call
	stop context.CancelFunc
	work sync.WaitGroup
	// notices are the presses being answered, and what is being said in group chats.
	notices sync.WaitGroup
	menus   *lane.Set[menu]
	views   *lane.Set[view]
	wake    chan struct{}
	mu      sync.Mutex
	// pacers hold each account's copies to its pace; made when they are first needed,
	// since accounts come while Ella runs.
	pacers map[bot.AccountID]*pacer
	// stopped holds the accounts whose token no longer works.
	stopped map[bot.AccountID]bool
	// held are the replies and the copies that are in somebody's hands here.
	held map[string]bool
}

// alive is how long a process is taken to run after its last sign of life.
const (
	alive      = 15 * time.Second
	aliveEvery = 5 * time.Second
)

// New makes a delivery. It does no I/O.
func New(o Options) *Delivery {
	if o.ProgressEvery == 0 {
		o.ProgressEvery = 5 * time.Second
	}
	if o.Width == 0 {
		o.Width = 64
	}
	d := &Delivery{
		Options: o, pacers: map[bot.AccountID]*pacer{}, wake: make(chan struct{}, 1),
		stopped: map[bot.AccountID]bool{}, held: map[string]bool{},
	}
	d.tasks, d.atOnce = make(chan task, stretch), atOnceAtMost
	for id := range o.Adapters.All() {
		d.atOnce = min(d.atOnce, d.pacer(id).burst())
	}
	d.run, d.stop = context.WithCancel(context.Background())
	d.replies = lane.New(o.Width, d.sendReply)
	d.menus = lane.New(menusAtOnce, d.showMenu)
	d.views = lane.New(viewsAtOnce, d.showView)
	return d
}

// Start recovers what an earlier run had begun and goes on with it.
func (d *Delivery) Start(ctx context.Context) error {
	if err := d.Store.Alive(ctx, d.Owner, d.Clock.Now(), alive); err != nil {
		return err
	}
	if err := d.recover(ctx); err != nil {
		return err
	}
	d.work.Go(d.live)
	d.work.Go(d.pump)
	return nil
}

// Stop lets what is being written end, and returns. The rest is found again at
// the next Start.
func (d *Delivery) Stop() {
	d.stop()
	d.replies.Close()
	d.menus.Close()
	d.views.Close()
	d.notices.Wait()
	d.work.Wait()
}

// Wake tells the pump that an alert may have become due.
func (d *Delivery) Wake() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// Post commits changes and replies outside of any turn, in one unit of work, and
// sends the replies to the members that they name. It implements bot.Post.
func (d *Delivery) Post(ctx context.Context, replies []bot.Reply, changes ...bot.Change) error {
	if len(replies)+len(changes) == 0 {
		return nil
	}
	var queued []bot.Queued
	err := d.Store.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		queued = nil // a unit may run again
		for _, change := range changes {
			if err := change(ctx, tx); err != nil {
				return err
			}
		}
		var err error
		queued, err = d.Store.Queue(ctx, tx, bot.Address{}, replies)
		return err
	})
	if err != nil {
		return err
	}
	d.Send(queued)
	return nil
}

// live renews this process's sign of life and takes over what others left.
func (d *Delivery) live() {
	tick := time.NewTicker(aliveEvery)
	defer tick.Stop()
	for {
		select {
		case <-d.run.Done():
			return
		case <-tick.C:
			now := d.Clock.Now()
			if err := d.Store.Alive(d.run, d.Owner, now, alive); err != nil && d.run.Err() == nil {
				d.Log.Warn("renewing this process's sign of life failed", "err", err)
				continue
			}
			if err := d.recover(d.run); err != nil && d.run.Err() == nil {
				d.Log.Warn("taking over what was left failed", "err", err)
			}
		}
	}
}

// recover takes over what others left, and what this process itself lost sight of.
func (d *Delivery) recover(ctx context.Context) error {
	now := d.Clock.Now()
	again, unknown, err := d.Store.Recover(ctx, d.Owner, d.holds, now)
	if err != nil {
		return err
	}
	if again+unknown > 0 {
		d.Log.Info("took over copies that were begun", "again", again, "unknown", unknown)
		d.Wake()
	}
	for {
		left, err := d.Store.LeftReplies(ctx, d.Owner, d.holds, now, 500)
		if err != nil {
			return err
		}
		d.Send(left)
		if len(left) < 500 {
			return nil
		}
	}
}

func (d *Delivery) holds(id string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.held[id]
}

// hold reports false when the reply or copy is held already.
func (d *Delivery) hold(id string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.held[id] {
		return false
	}
	d.held[id] = true
	return true
}

func (d *Delivery) letGo(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.held, id)
}

func (d *Delivery) accountStopped(id bot.AccountID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.stopped[id]
}

// stopAccount sends nothing more through an account whose token an adapter found refused,
// unless another adapter serves it by now: what was under way with the old token when a
// workspace let Ella in again says nothing of the new one.
func (d *Delivery) stopAccount(id bot.AccountID, through bot.Adapter) {
	if current, served := d.Adapters.Of(id); !served || current != through {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.stopped[id] {
		d.stopped[id] = true
		d.Log.Error("the platform refuses this account's token: nothing more is sent through it until Ella is started with a working one", "account", string(id))
	}
}

// Resume sends through an account again that has a working token now. What waits for it
// is taken up within seconds.
func (d *Delivery) Resume(id bot.AccountID) {
	d.mu.Lock()
	delete(d.stopped, id)
	d.mu.Unlock()
	d.Wake()
}

// settle commits how something ended.
func (d *Delivery) settle(what string, unit bot.Change) {
	d.insist(what, func(ctx context.Context) error { return d.Store.Write(ctx, unit) })
}

// insist keeps trying to record something while the database takes no writes:
// what was sent must not be sent again because a disk was full.
func (d *Delivery) insist(what string, record func(ctx context.Context) error) {
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		// Not the run's context: a stopping process still records what it sent.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(d.run), 10*time.Second)
		err := record(ctx)
		cancel()
		if err == nil {
			return
		}
		d.Log.Warn("recording a result failed", "what", what, "err", err)
		// One that only ran out of time is tried again too: giving it up would have
		// the same copy sent once more.
		if !d.Store.Unavailable(err) && !errors.Is(err, context.DeadlineExceeded) {
			return
		}
		select {
		case <-d.run.Done():
			return
		case <-time.After(wait):
		}
	}
}
