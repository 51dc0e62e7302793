// Package web is the try page: a few phones side by side in a browser, a real
// chat platform in miniature. Each phone is one conversation through the same
// engine and outbox as on any platform; nothing on the page is scripted.
//
// It is meant for one machine. It listens on loopback alone, refuses requests
// that come from another site or under another name, and loads nothing from
// elsewhere.
package web

import (
	"context"
	"crypto/rand"
	"log/slog"
	"sync"
	"time"

	"ella/bot"
)

// CrowdPrefix begins the names of chats that have no phone on the page: the
// sample crowd. What is sent to them is checked like any message, counts as
// delivered, and is dropped.
const CrowdPrefix = "crowd-"

// Roles of phones. A role only labels the phone; what its member may do is
// decided by the engine from its own tables.
const (
	RoleMember    = "member"
	RoleLeader    = "leader"
	RoleOrganiser = "organiser"
)

// Phone is one phone on the page.
type Phone struct {
	// ID is the platform's name of both the person and the chat: a to z, digits
	// and hyphens, at most 32, not beginning with CrowdPrefix.
	ID string `json:"id"`
	// Role is one of RoleMember, RoleLeader and RoleOrganiser.
	Role string `json:"role"`
}

// Options is what an Adapter needs.
type Options struct {
	Account bot.AccountID
	// Address is where the page is opened, such as "http://127.0.0.1:8080": of a
	// listener that Listen opened, so that a port that the system chose is known.
	// Without it there is no start link.
	Address string
	// Shelf keeps what the phones show, so that a restart goes on where it was.
	// Required.
	Shelf bot.Shelf
	// Strings gives the page's own words (see StringKeys) in the catalogue that
	// fits a language tag, exactly or by a declared fallback of the same
	// language; nil where there is none. Missing entries are shown in English.
	// It is called with tags that a browser sent. Nil means English only.
	Strings func(locale string) map[string]string
	// Clock is the machine's when nil.
	Clock bot.Clock
	// Log gets no text, no name and no chat. Nil means none.
	Log *slog.Logger
	// Phones are those that are always there, in this order. None means a
	// member, a leader and an organiser, with their roles as ids.
	Phones []Phone
	// OnNewPhone, when set, is called before a phone that somebody added first
	// shows. Its error keeps the phone from being added. It may be called again
	// for the same phone.
	OnNewPhone func(ctx context.Context, p Phone) error
}

// Adapter is the try page. It is safe for concurrent use.
type Adapter struct {
	account    bot.AccountID
	startLink  string
	shelf      bot.Shelf
	strings    func(string) map[string]string
	clock      bot.Clock
	log        *slog.Logger
	onNewPhone func(context.Context, Phone) error

	// loading and adding let one caller at a time read the shelf and add a phone.
	loading, adding gate
	// ended is closed when Receive returns, and with it every stream.
	ended chan struct{}
	// accepting counts the calls of inbox.Accept under way.
	accepting sync.WaitGroup

	// mu guards all below. It is never held during I/O.
	mu      sync.Mutex
	loaded  bool
	take    func(context.Context, bot.Raw) error // hands to the inbox; nil unless Receive runs
	chats   []*chat
	journal journal
}

var (
	_ bot.Adapter = (*Adapter)(nil)
	_ bot.Typist  = (*Adapter)(nil)
)

// New makes the page. It does no I/O: what the phones showed is read from the
// shelf when it is first needed.
func New(o Options) *Adapter {
	a := &Adapter{
		account: o.Account, startLink: startLink(o.Address), shelf: o.Shelf, strings: o.Strings, clock: o.Clock,
		log: o.Log, onNewPhone: o.OnNewPhone,
		loading: newGate(), adding: newGate(), ended: make(chan struct{}),
		journal: newJournal(rand.Text()),
	}
	if a.strings == nil {
		a.strings = func(string) map[string]string { return nil }
	}
	if a.clock == nil {
		a.clock = bot.SystemClock{}
	}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	phones := o.Phones
	if len(phones) == 0 {
		phones = []Phone{
			{ID: RoleMember, Role: RoleMember},
			{ID: RoleLeader, Role: RoleLeader},
			{ID: RoleOrganiser, Role: RoleOrganiser},
		}
	}
	for _, p := range phones {
		a.chats = append(a.chats, newChat(p))
	}
	return a
}

// Capabilities states what the page can do. It is of no company: nobody else can
// see what is written on one's own machine.
func (a *Adapter) Capabilities() bot.Capabilities {
	return bot.Capabilities{
		StartLink: a.startLink, Files: true, Edit: true, Pictures: true, Location: true,
		ButtonRow: ButtonRow, Buttons: MaxButtons,
		MessageUnits: MaxUnits, AlertsPerSecond: AlertsPerSecond,
	}
}

func (a *Adapter) now() int64 { return a.clock.Now().UnixMilli() }

// gate lets one through at a time, and lets those who wait give up.
type gate chan struct{}

func newGate() gate { return make(gate, 1) }

// enter waits for its turn or for ctx. After nil, call leave.
func (g gate) enter(ctx context.Context) error {
	select {
	case g <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (g gate) leave() { <-g }

// heartbeat is how often a silent stream says that it is alive.
const heartbeat = 15 * time.Second
