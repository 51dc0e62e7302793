package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/bottest"
	"ella/bot/engine"
	"ella/bot/language"
	"ella/bot/message"
	"ella/locales"
	"ella/storage"
	"ella/storage/storagetest"
)

func TestMain(m *testing.M) { storagetest.Main(m) }

// room is a room that does what a test tells it to. It says "NAME: what was
// asked" where the test tells nothing, and is the home as well.
type room struct {
	name     string
	commands []bot.Command
	command  func(ctx context.Context, t bot.Turn, name, rest string) (bot.Outcome, error)
	press    func(ctx context.Context, t bot.Turn, v message.Verb) (bot.Outcome, error)
	step     func(ctx context.Context, t bot.Turn) (bot.Outcome, error)
	on       func(ctx context.Context, t bot.Turn, e bot.Event) (bot.Outcome, error)
	lost     func(ctx context.Context, t bot.Turn, why bot.Lostness) (bot.Outcome, error)
}

var _ bot.Home = (*room)(nil)

func (r *room) Name() string { return r.name }
func (r *room) Commands() []bot.Command {
	commands := slices.Clone(r.commands)
	for i := range commands {
		commands[i].Early = true // members of these tests choose no language
	}
	return commands
}

func (r *room) Command(ctx context.Context, t bot.Turn, name, rest string) (bot.Outcome, error) {
	if r.command != nil {
		return r.command(ctx, t, name, rest)
	}
	return says(r.name, "/"+name, rest), nil
}

func (r *room) Press(ctx context.Context, t bot.Turn, v message.Verb) (bot.Outcome, error) {
	if r.press != nil {
		return r.press(ctx, t, v)
	}
	return says(r.name, "pressed", v.Name, v.ID, v.Arg), nil
}

func (r *room) Step(ctx context.Context, t bot.Turn) (bot.Outcome, error) {
	if r.step != nil {
		return r.step(ctx, t)
	}
	return says(r.name, "step", t.Step.Name, t.Update.Text), nil
}

func (r *room) On(ctx context.Context, t bot.Turn, e bot.Event) (bot.Outcome, error) {
	if r.on != nil {
		return r.on(ctx, t, e)
	}
	return bot.Outcome{}, nil
}

func (r *room) Lost(ctx context.Context, t bot.Turn, why bot.Lostness) (bot.Outcome, error) {
	if r.lost != nil {
		if out, err := r.lost(ctx, t, why); err != nil || len(out.Replies) > 0 {
			return out, err
		}
	}
	return says(r.name, "lost", string(why)), nil
}

// says is an outcome of one reply.
func says(words ...string) (out bot.Outcome) {
	out.Say(message.Message{Locale: "en", Blocks: []message.Block{message.Say(strings.TrimSpace(strings.Join(words, " ")))}})
	return out
}

// outbox remembers what was handed to it.
type outbox struct {
	mu      sync.Mutex
	sent    []bot.Queued
	notices []string
	aloud   []string
	menus   []shownMenu
	pages   []message.Message
	windows []shownWindow
}

// shownWindow is a form that was handed to an outbox.
type shownWindow struct {
	window  string
	form    message.Form
	instead message.Message
}

// shownMenu is a list of commands that was handed to an outbox.
type shownMenu struct {
	address  bot.Address
	commands []bot.MenuItem
}

func (o *outbox) Send(replies []bot.Queued) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sent = append(o.sent, replies...)
}

func (o *outbox) Notice(_ bot.AccountID, chat, press, text, link string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.notices = append(o.notices, strings.TrimSpace(chat+" "+press+" "+text+" "+link))
}

func (o *outbox) Menu(a bot.Address, commands []bot.MenuItem) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.menus = append(o.menus, shownMenu{a, commands})
}

func (o *outbox) Page(_ bot.AccountID, _ string, page message.Message) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.pages = append(o.pages, page)
}

func (o *outbox) Window(_ bot.AccountID, _, window string, form message.Form, instead message.Message) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.windows = append(o.windows, shownWindow{window, form, instead})
}

func (o *outbox) Aloud(_ bot.AccountID, group string, m message.Message) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.aloud = append(o.aloud, group+": "+m.Text())
}

// heard is what a chat was told, in order.
func (o *outbox) heard(chat string) []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var texts []string
	for _, q := range o.sent {
		if q.Chat == chat {
			texts = append(texts, q.Message.Text())
		}
	}
	return texts
}

func (o *outbox) count() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.sent)
}

// syncBuffer takes a log from many at once.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

var bundle = sync.OnceValues(func() (*language.Bundle, error) { return language.Load(locales.Files) })

// house is an engine with fake rooms on a real database.
type house struct {
	*engine.Engine
	t        *testing.T
	db       *storage.DB
	clock    *bottest.Clock
	platform *bottest.Platform
	account  bot.AccountID
	outbox   *outbox
	log      *syncBuffer
	options  engine.Options
}

// options says how a house differs from the usual one.
type options struct {
	db    *storage.DB
	rooms []*room // the first one is the home
	// adapter stands between the engine and the platform.
	adapter func(*bottest.Platform) bot.Adapter
	// store stands between the engine and the database.
	store  func(engine.Store) engine.Store
	change func(*engine.Options)
	owner  string
}

// newHouse builds a house. It is not started: Accept works at once.
func newHouse(t *testing.T, o options) *house {
	t.Helper()
	h := &house{t: t, db: o.db, outbox: &outbox{}, log: &syncBuffer{}, platform: bottest.NewPlatform(), clock: bottest.NewClock(time.Date(2026, time.November, 24, 9, 30, 0, 0, time.UTC))}
	if h.db == nil {
		h.db = storagetest.SQLite(t)
	}
	if len(o.rooms) == 0 {
		o.rooms = []*room{{name: "home"}}
	}
	var err error
	if h.account, err = h.db.Account(t.Context(), "memory", "test"); err != nil {
		t.Fatal(err)
	}
	words, err := bundle()
	if err != nil {
		t.Fatal(err)
	}
	var store engine.Store = h.db.Engine(o.owner)
	if o.store != nil {
		store = o.store(store)
	}
	var adapter bot.Adapter = h.platform
	if o.adapter != nil {
		adapter = o.adapter(h.platform)
	}
	h.options = engine.Options{
		Store: store, Outbox: h.outbox, Adapters: bot.NewAdapters(map[bot.AccountID]bot.Adapter{h.account: adapter}), Home: o.rooms[0],
		Language: words, Clock: h.clock, IDs: bot.NewIDs(h.clock, storagetest.NewRandom(7)), Zone: "Europe/London",
		Log: slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, r := range o.rooms {
		h.options.Rooms = append(h.options.Rooms, r)
	}
	if o.change != nil {
		o.change(&h.options)
	}
	h.restart()
	return h
}

// restart puts another engine in the place of the one before, on the same store.
func (h *house) restart() {
	e := engine.New(h.options)
	h.Engine = e
	h.t.Cleanup(e.Stop)
}

func text(from, words string) bot.Update {
	return bot.Update{Kind: bot.TextSent, Sender: from, Chat: from, Text: words}
}

// accept hands in updates under keys of their own.
func (h *house) accept(updates ...bot.Update) {
	h.t.Helper()
	for _, u := range updates {
		if err := h.Accept(h.t.Context(), h.platform.Raw(h.account, u)); err != nil {
			h.t.Fatal(err)
		}
	}
}

// say has somebody say something, and waits until it has been worked.
func (h *house) say(from string, words ...string) {
	h.t.Helper()
	for _, s := range words {
		h.accept(text(from, s))
	}
	h.Wait()
}

// hears expects what a chat was told since it was last asked.
func (h *house) hears(what, chat string, want ...string) {
	h.t.Helper()
	got := h.outbox.heard(chat)
	if !slices.Equal(got, want) {
		h.t.Errorf("%s: %s hears %q, want %q", what, chat, got, want)
	}
	h.outbox.mu.Lock()
	defer h.outbox.mu.Unlock()
	h.outbox.sent = slices.DeleteFunc(h.outbox.sent, func(q bot.Queued) bool { return q.Chat == chat })
}

// committed are the replies that are durable, in the order of their commits: a
// process that comes after would find them.
func (h *house) committed() []bot.Queued {
	h.t.Helper()
	all, err := h.db.Delivery("after").LeftReplies(h.t.Context(), "after", func(string) bool { return false }, time.Now().Add(time.Hour), 1<<20)
	if err != nil {
		h.t.Fatal(err)
	}
	return all
}

// waiting are the updates that have not ended.
func (h *house) waiting() []engine.Waiting {
	h.t.Helper()
	all, err := h.options.Store.Waiting(h.t.Context(), "", 1<<20)
	if err != nil {
		h.t.Fatal(err)
	}
	return all
}

// parked are the numbers of parked updates by reason.
func (h *house) parked() map[string]int {
	h.t.Helper()
	c, err := h.db.Checkup(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	return c.Parked
}

func (h *house) stands(from string) engine.Conversation {
	h.t.Helper()
	_, c, err := h.db.Engine("").Person(h.t.Context(), h.account, from)
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

// counter is a home in which everybody counts: whoever sends n must have sent
// n-1 before, by what is committed. It finds what is lost, doubled or out of order.
func counter(t *testing.T, enter func(bot.Turn)) *room {
	count := func(_ context.Context, turn bot.Turn) (bot.Outcome, error) {
		if enter != nil {
			enter(turn)
		}
		last, n := 0, 0
		if turn.Step != nil {
			if err := json.Unmarshal(turn.Step.Data, &last); err != nil {
				return bot.Outcome{}, err
			}
		}
		if _, err := fmt.Sscan(turn.Update.Text, &n); err != nil {
			return bot.Outcome{}, err
		}
		next := n
		switch {
		case n == last+1:
		case n > 0 && n <= last:
			// A process that lost its lane may still commit while another computes the
			// same updates. That is refused at the commit; if it ever were not, every
			// later count would be wrong.
			next = n + 1_000_000
		default:
			t.Errorf("%s sent %d after %d", turn.Update.Sender, n, last)
		}
		out := says(turn.Update.Text)
		out.Next = bot.NewStep("home", "count", next)
		return out, nil
	}
	return &room{
		name: "home", step: count,
		lost: func(ctx context.Context, turn bot.Turn, why bot.Lostness) (bot.Outcome, error) {
			if why != bot.NoCommand {
				return bot.Outcome{}, nil
			}
			return count(ctx, turn)
		},
	}
}

// counted expects that everybody has counted up to n, once.
func (h *house) counted(people []string, n int) {
	h.t.Helper()
	for _, p := range people {
		c := h.stands(p)
		last := 0
		if c.Step != nil {
			if err := json.Unmarshal(c.Step.Data, &last); err != nil {
				h.t.Fatal(err)
			}
		}
		if last != n || c.Version != int64(n) {
			h.t.Errorf("%s has counted to %d in %d commits, want %d", p, last, c.Version, n)
		}
	}
	if left := h.waiting(); len(left) > 0 {
		h.t.Errorf("%d updates still wait", len(left))
	}
	if parked := h.parked(); len(parked) > 0 {
		h.t.Errorf("parked: %v", parked)
	}
	told := map[string][]string{}
	for _, q := range h.committed() {
		told[q.Chat] = append(told[q.Chat], q.Message.Text())
	}
	for _, p := range people {
		if len(told[p]) != n {
			h.t.Errorf("%s has %d replies, want %d", p, len(told[p]), n)
		}
	}
}

func people(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("member-%d", i)
	}
	return all
}

// within gives up waiting for something that should have happened long ago.
func within(t *testing.T, what string, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("waited too long: " + what)
	}
}

// until looks again and again whether something is so.
func until(t *testing.T, what string, so func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(20 * time.Second)
	for !so() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("waited too long: " + what)
		}
	}
}
