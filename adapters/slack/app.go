package slack

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"sync"

	"ella/bot"
)

// App is an app as Slack knows it: one app token or one signing secret, by which updates
// come for every workspace that let the app in. A workspace that made the app from a
// manifest of its own has one for itself; one app that several installed by OAuth deals
// its updates out among them, by the workspace that stands in each.
//
// Where several processes share a database, each holds all workspaces of an app, and any
// of them works what one of them accepted. So whoever holds the connections accepts for
// all, and the lease that decides who does is the app's (Adapter.Receiver).
//
// It is safe for concurrent use. Make it with NewApp.
type App struct {
	clock bot.Clock
	log   *slog.Logger

	sockets  *sockets  // nil over HTTP
	requests *requests // nil over Socket Mode
	// mark tells apps apart, and is no secret.
	mark string

	// among are the apps that it is one of; nil where it is alone.
	among *Apps
	// stays: it is there without a workspace too. among.mu guards it.
	stays bool

	mu    sync.Mutex
	seats map[bot.AccountID]*seat
	// line is set while at least one workspace receives over Socket Mode.
	line *listening
}

// seat is a workspace of an app. It is there from Connect to Close: what comes for it while
// it does not receive is not taken, and Slack brings it again.
type seat struct {
	adapter   *Adapter
	receiving *receiving // nil unless Receive runs
}

// receiving is a Receive under way.
type receiving struct {
	inbox  bot.Inbox
	run    context.Context //nolint:containedctx // the life of a Receive, which bounds what others take in for it
	stop   context.CancelFunc
	taking sync.WaitGroup
}

// listening are the connections, for as long as anybody receives.
type listening struct {
	stop context.CancelFunc
	// failed is closed when there is no use in going on, and err says why.
	failed chan struct{}
	err    error
	done   chan struct{}
}

// NewApp makes the app of some options; of the others it needs APIURL, Clock, Log and
// Transport. It does no I/O.
func NewApp(o Options) (*App, error) {
	o = o.filled()
	p := &App{clock: o.Clock, log: o.Log, seats: map[bot.AccountID]*seat{}}
	switch {
	case o.AppToken != "":
		p.sockets, p.mark = newSockets(o), markOf(o.AppToken)
	case o.SigningSecret != "":
		p.requests, p.mark = &requests{secret: o.SigningSecret}, markOf(o.SigningSecret)
	default:
		return nil, errors.New("slack: neither an app token nor a signing secret: there is no way to receive")
	}
	return p, nil
}

// sit gives a workspace its place, in that of an earlier adapter of the same account.
func (p *App) sit(a *Adapter) {
	if p.among != nil {
		p.among.mu.Lock()
		defer p.among.mu.Unlock()
		p.among.add(p)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seats[a.account] = &seat{adapter: a}
}

// Close takes the workspace from its app: what still comes for it is acknowledged and
// dropped. It is called after Receive has returned, when the account is not served any
// more.
func (a *Adapter) Close() {
	a.app.stand(a)
	if a.app.among != nil {
		a.app.among.letGo(a.app)
	}
}

// stand takes a workspace's place away, unless another adapter has it.
func (p *App) stand(a *Adapter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.seats[a.account]; s != nil && s.adapter == a {
		delete(p.seats, a.account)
	}
}

// Receiver names what one process holds at a time where Capabilities.OneReceiver says so:
// the connections of the app, whichever of its workspaces they bring updates for.
func (a *Adapter) Receiver() string { return "slack:" + a.app.mark[:16] }

// enter begins to hand updates of a workspace to its inbox, until leave is called. failed
// is closed when no more will come: then p.failure says why.
func (p *App) enter(ctx context.Context, a *Adapter, inbox bot.Inbox) (line *listening, leave func()) {
	run, stop := context.WithCancel(ctx)
	r := &receiving{inbox: inbox, run: run, stop: stop}
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.seats[a.account]
	if s == nil || s.adapter != a {
		s = &seat{adapter: a} // it was closed, or replaced, and receives once more
		p.seats[a.account] = s
	}
	s.receiving = r
	if p.sockets != nil && p.line == nil {
		p.line = p.begin(context.WithoutCancel(ctx))
	}
	return p.line, func() { p.leave(s, r) }
}

// begin opens the connections; p.mu is held.
func (p *App) begin(ctx context.Context) *listening {
	ctx, stop := context.WithCancel(ctx)
	l := &listening{stop: stop, failed: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(l.done)
		if l.err = p.listen(ctx); l.err != nil {
			close(l.failed)
		}
	}()
	return l
}

// leave ends what enter began, and returns when nothing of it is under way. The last one
// who leaves ends the connections.
func (p *App) leave(s *seat, r *receiving) {
	p.mu.Lock()
	s.receiving = nil
	last := p.line
	for _, other := range p.seats {
		if other.receiving != nil {
			last = nil
		}
	}
	if last != nil {
		last.stop()
		p.line = nil
	}
	p.mu.Unlock()
	r.stop()
	r.taking.Wait()
	if last != nil {
		<-last.done
	}
}

// errNotReceiving reports an update for a workspace that does not receive at this moment.
var errNotReceiving = errors.New("its workspace does not receive at this moment")

// deal hands one envelope to the workspace that it is for. Nil means that it may be
// acknowledged.
func (p *App) deal(ctx context.Context, frame []byte) error {
	wanted := addressees(frame)
	a, r, nobody := p.takes(wanted)
	switch {
	case a == nil && (nobody || p.expects(ctx, wanted)):
		return errNotReceiving
	case a == nil:
		// Signed, or on our own connection: an app that other workspaces installed too.
		p.log.Warn("slack: an update of another workspace was dropped: it is not served here")
		return nil
	case r == nil:
		return errNotReceiving
	}
	defer r.taking.Done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(r.run, cancel)()
	return a.take(ctx, r.inbox, frame)
}

// takes is who an envelope is for, and their Receive under way, which then waits for what
// is taken: call r.taking.Done. When it is for none that is here, nobody says that none
// receives at all: they all begin to.
func (p *App) takes(wanted []wireFor) (a *Adapter, r *receiving, nobody bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.find(wanted); s != nil {
		if s.receiving != nil {
			s.receiving.taking.Add(1)
		}
		return s.adapter, s.receiving, false
	}
	nobody = len(p.seats) > 0
	for _, s := range p.seats {
		nobody = nobody && s.receiving == nil
	}
	return nil, nil, nobody
}

// expects reports that one of some installations is to be served, or that it is not known
// in the time that there is.
func (p *App) expects(ctx context.Context, wanted []wireFor) bool {
	return p.among != nil && slices.ContainsFunc(wanted, func(w wireFor) bool { return w.Team != "" && p.among.expects(ctx, w.Team) })
}

// find is the workspace that one of some installations is; the first that is here counts.
// What names none can only be told whose it is where there is just one. p.mu is held.
func (p *App) find(wanted []wireFor) *seat {
	if len(wanted) == 0 {
		wanted = []wireFor{{}}
	}
	for _, w := range wanted {
		var found *seat
		for _, s := range p.seats {
			if !isFor(s.adapter.me, w) {
				continue
			}
			if found != nil {
				return nil // it names no workspace, but for a Grid's as a whole
			}
			found = s
		}
		if found != nil {
			return found
		}
	}
	return nil
}

// addressees are the installations that an envelope says it is for, the likeliest first.
func addressees(frame []byte) (all []wireFor) {
	e, ok := open(frame)
	if !ok {
		return nil
	}
	switch e.Type {
	case typeEvents:
		var o struct {
			Team           string    `json:"team_id"`
			Authorizations []wireFor `json:"authorizations"`
		}
		if json.Unmarshal(e.Payload, &o) == nil {
			all = append(o.Authorizations, wireFor{Team: o.Team})
		}
	case typeInteractive:
		var i struct {
			Team *struct {
				ID string `json:"id"`
			} `json:"team"`
			Enterprise *struct {
				ID string `json:"id"`
			} `json:"enterprise"`
		}
		if json.Unmarshal(e.Payload, &i) != nil {
			return nil
		}
		var from wireFor
		if i.Team != nil {
			from.Team = i.Team.ID
		}
		if i.Enterprise != nil {
			from.Enterprise = i.Enterprise.ID
		}
		all = append(all, from)
	case typeCommands:
		var c wireFor
		if json.Unmarshal(e.Payload, &c) == nil {
			all = append(all, c)
		}
	}
	return all
}

// isFor reports whether an installation is this one. Where a whole Grid installed Ella,
// the team may be missing.
func isFor(me identity, i wireFor) bool {
	return i.Team == me.Team || i.Team == "" && (i.Enterprise == "" || i.Enterprise == me.Enterprise)
}

// account is the one whose app it is, for the log; empty where it has several.
func (p *App) account() bot.AccountID {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.seats) == 1 {
		for id := range p.seats {
			return id
		}
	}
	return ""
}
