package delivery_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ella/bot"
	"ella/bot/alert"
	"ella/bot/bottest"
	"ella/bot/delivery"
	"ella/bot/message"
	"ella/storage"
	"ella/storage/storagetest"
)

func TestMain(m *testing.M) { storagetest.Main(m) }

// bubble runs a test in which time passes only when everything waits, on a real
// SQLite database: what takes an hour takes no time.
func bubble(t *testing.T, f func(p *post)) {
	t.Helper()
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ella.db")
	synctest.Test(t, func(t *testing.T) { f(newPost(t, path)) })
}

// sharedBubble is a bubble on PostgreSQL.
func sharedBubble(t *testing.T, f func(p *post)) {
	t.Helper()
	t.Parallel()
	// Outside, since a server that is started for the tests outlives this one.
	url := ""
	storagetest.Postgres(t, func(o *storage.Options) { url = o.URL })
	synctest.Test(t, func(t *testing.T) { f(newPost(t, url)) })
}

// sleep lets time pass in a bubble, and then everything happen that is due.
func sleep(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// sent is one call of the adapter.
type sent struct {
	at   time.Time
	chat string
	text string
	edit bot.Ref
}

// platform answers sends as a test tells it, and remembers every one.
type platform struct {
	*bottest.Platform
	mu sync.Mutex
	// answer says how the n-th send to a chat ends, counted from 1; nil is well.
	answer func(n int, out bot.Outgoing) error
	calls  []sent
	counts map[string]int
}

func (p *platform) Send(ctx context.Context, out bot.Outgoing) (bot.Ref, error) {
	p.mu.Lock()
	p.counts[out.Chat]++
	n, answer := p.counts[out.Chat], p.answer
	p.calls = append(p.calls, sent{time.Now(), out.Chat, out.Message.Text(), out.Edit})
	p.mu.Unlock()
	if answer != nil {
		if err := answer(n, out); err != nil {
			return "", err
		}
	}
	return p.Platform.Send(ctx, out)
}

// to are the sends to a chat.
func (p *platform) to(chat string) []sent {
	p.mu.Lock()
	defer p.mu.Unlock()
	var calls []sent
	for _, c := range p.calls {
		if c.chat == chat {
			calls = append(calls, c)
		}
	}
	return calls
}

func (p *platform) answers(f func(n int, out bot.Outgoing) error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer, p.calls, p.counts = f, nil, map[string]int{}
}

// composer writes "ALERT in LOCALE", and says when it is a repeat.
type composer struct {
	compose  func() error
	progress []bot.Reply
	// named copies say which alert they are of.
	named bool
}

// ComposeChat writes the languages that it was asked for.
func (c *composer) ComposeChat(_ context.Context, _ bot.AlertID, locales []string, repeat bool) (message.Message, error) {
	return message.Message{Locale: locales[0], Blocks: []message.Block{message.Say(fmt.Sprint("chat ", locales, repeat))}}, nil
}

func (c *composer) Compose(_ context.Context, id bot.AlertID, reader bot.Reader, repeat bool) (message.Message, string, error) {
	if c.compose != nil {
		if err := c.compose(); err != nil {
			return message.Message{}, "", err
		}
	}
	words := "alert in " + reader.Locale
	if c.named {
		words = "alert " + string(id)
	}
	if repeat {
		words = "again: " + words
	}
	var k message.Keyboard
	k.Add("Yes", bot.VerbRSVP, string(id), "yes")
	choices, err := k.Choices()
	return message.Message{Locale: reader.Locale, Blocks: []message.Block{message.Say(words), choices}}, reader.Locale, err
}

// inPolish is what a copy looks like to most people of these tests.
const inPolish = "alert in pl\n[Yes]"

func (c *composer) Progress(context.Context, bot.AlertID) ([]bot.Reply, error) {
	return c.progress, nil
}

// post is a delivery on a real database, with a platform that fails on demand.
type post struct {
	*delivery.Delivery
	t        *testing.T
	db       *storage.DB
	raw      *sql.DB
	platform *platform
	account  bot.AccountID
	composer *composer
	home     bot.Organisation
	ids      bot.IDs
	// organiser writes the alerts, from the first one on.
	organiser bot.MemberID
	log       *bytes.Buffer
	options   delivery.Options
	owners    int
}

func newPost(t *testing.T, url string) *post {
	t.Helper()
	p := &post{
		t: t, composer: &composer{}, log: &bytes.Buffer{}, ids: bot.NewIDs(bot.SystemClock{}, storagetest.NewRandom(3)),
		platform: &platform{Platform: bottest.NewPlatform(), counts: map[string]int{}},
	}
	p.db = storagetest.Open(t, url, func(o *storage.Options) { o.Clock = bot.SystemClock{} })
	driver, name := "sqlite", "file:"+url+"?_pragma=busy_timeout(10000)"
	if strings.Contains(url, "://") {
		driver, name = "pgx", url
	}
	var err error
	if p.raw, err = sql.Open(driver, name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.raw.Close() })
	if p.account, err = p.db.Account(t.Context(), "memory", "one"); err != nil {
		t.Fatal(err)
	}
	p.home = bot.Organisation{ID: bot.OrganisationID(p.ids.New()), Name: "Common Ground", Zone: "Europe/London"}
	p.do(func(ctx context.Context, tx bot.Tx) error { return p.db.Members().AddOrganisation(ctx, tx, p.home) })
	p.options = delivery.Options{
		Adapters: bot.NewAdapters(map[bot.AccountID]bot.Adapter{p.account: p.platform}), Composer: p.composer, Clock: bot.SystemClock{},
		Log: slog.New(slog.NewTextHandler(&locked{w: p.log}, nil)),
	}
	p.fresh()
	t.Cleanup(func() { p.Stop() })
	return p
}

// fresh is another process on the same database.
func (p *post) fresh() {
	p.owners++
	p.options.Owner = fmt.Sprint("owner-", p.owners)
	p.options.Store = p.db.Delivery(p.options.Owner)
	p.Delivery = newDelivery(p)
}

func newDelivery(p *post) *delivery.Delivery { return delivery.New(p.options) }

func (p *post) start() {
	p.t.Helper()
	if err := p.Start(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
}

// restart stops one process and starts the next.
func (p *post) restart() {
	p.t.Helper()
	p.Stop()
	p.fresh()
	p.start()
}

func (p *post) do(changes ...bot.Change) {
	p.t.Helper()
	err := p.db.Write(p.t.Context(), func(ctx context.Context, tx bot.Tx) error {
		for _, c := range changes {
			if err := c(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *post) exec(query string, args ...any) {
	p.t.Helper()
	if _, err := p.raw.ExecContext(p.t.Context(), query, args...); err != nil {
		p.t.Fatal(err)
	}
}

// rows are the rows of a query, its columns with a space between.
func (p *post) rows(query string, args ...any) []string {
	p.t.Helper()
	rows, err := p.raw.QueryContext(p.t.Context(), query, args...)
	if err != nil {
		p.t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		p.t.Fatal(err)
	}
	var all []string
	for rows.Next() {
		values, into := make([]string, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			p.t.Fatal(err)
		}
		all = append(all, strings.Join(values, " "))
	}
	if err := rows.Err(); err != nil {
		p.t.Fatal(err)
	}
	return all
}

func (p *post) expect(what string, got []string, want ...string) {
	p.t.Helper()
	if !slices.Equal(got, want) {
		p.t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// member joins, agrees, and has a chat of the same name.
func (p *post) member(name string) bot.Person {
	p.t.Helper()
	return p.memberOf(p.account, name)
}

func (p *post) memberOf(account bot.AccountID, name string) bot.Person {
	p.t.Helper()
	id := bot.MemberID(p.ids.New())
	person := bot.Person{
		Member:  bot.Member{ID: id, State: bot.Active, Locale: "pl"},
		Address: bot.Address{ID: bot.AddressID(p.ids.New()), Account: account, Member: id, Chat: name},
	}
	p.do(
		func(ctx context.Context, tx bot.Tx) error { return p.db.Engine("").Join(ctx, tx, person, name) },
		func(ctx context.Context, tx bot.Tx) error {
			return p.db.Members().Agree(ctx, tx, id, p.home.ID, time.Now())
		},
	)
	p.platform.Open(name)
	return person
}

// queue commits replies as the engine does, without handing them on.
func (p *post) queue(to bot.Person, replies ...bot.Reply) []bot.Queued {
	p.t.Helper()
	var queued []bot.Queued
	p.do(func(ctx context.Context, tx bot.Tx) (err error) {
		queued, err = p.options.Store.Queue(ctx, tx, to.Address, replies)
		return err
	})
	return queued
}

// say commits replies and hands them on.
func (p *post) say(to bot.Person, words ...string) {
	p.t.Helper()
	for _, w := range words {
		p.Send(p.queue(to, bot.Reply{Message: plain(w)}))
	}
}

func plain(words string) message.Message {
	return message.Message{Locale: "en", Blocks: []message.Block{message.Say(words)}}
}

// author is an organiser, the same one each time, who can't be reached.
func (p *post) author() bot.MemberID {
	p.t.Helper()
	if p.organiser == "" {
		p.organiser = bot.MemberID(p.ids.New())
		person := bot.Person{
			Member:  bot.Member{ID: p.organiser, State: bot.Active, Locale: "pl"},
			Address: bot.Address{ID: bot.AddressID(p.ids.New()), Account: p.account, Member: p.organiser, Chat: "organiser"},
		}
		p.do(
			func(ctx context.Context, tx bot.Tx) error { return p.db.Engine("").Join(ctx, tx, person, "organiser") },
			func(ctx context.Context, tx bot.Tx) error {
				return p.db.Roles().Grant(ctx, tx, p.organiser, bot.Role{Kind: bot.Organiser, Organisation: p.home.ID}, time.Now())
			},
		)
	}
	return p.organiser
}

// alert submits an alert to these people: it is on its way.
func (p *post) alert(life time.Duration, to ...bot.Person) bot.AlertID {
	p.t.Helper()
	author := p.author()
	a := alert.Alert{
		ID: bot.AlertID(p.ids.New()), Organisation: p.home.ID, Author: author, Expires: time.Now().Add(life),
		Variants: []alert.Variant{{Locale: "en", Text: "Come."}},
	}
	members := make([]bot.MemberID, len(to))
	for i, person := range to {
		members[i] = person.Member.ID
	}
	store, now := p.db.Alerts(), time.Now()
	p.do(
		func(ctx context.Context, tx bot.Tx) error { return store.Create(ctx, tx, a, now) },
		func(ctx context.Context, tx bot.Tx) error { return store.Submit(ctx, tx, a, now) },
		func(ctx context.Context, tx bot.Tx) error { return store.Freeze(ctx, tx, a.ID, members, "zzzz", now) },
		func(ctx context.Context, tx bot.Tx) error { return store.Release(ctx, tx, a.ID) },
	)
	p.Wake()
	return a.ID
}

func (p *post) cancel(id bot.AlertID) {
	p.t.Helper()
	p.do(func(ctx context.Context, tx bot.Tx) error { return p.db.Alerts().Cancel(ctx, tx, id, time.Now()) })
}

// outbox are the replies that have a row: state, attempts, reason.
func (p *post) outbox() []string {
	p.t.Helper()
	return p.rows(`SELECT state, attempts, reason FROM outbox ORDER BY id`)
}

// ledger are the copies, in the order in which their members joined.
func (p *post) ledger() []string {
	p.t.Helper()
	return p.rows(`SELECT state, attempts, reason FROM deliveries ORDER BY alert_id, member_id`)
}

func (p *post) address(person bot.Person) string {
	p.t.Helper()
	return p.rows(`SELECT state FROM addresses WHERE id = $1`, string(person.Address.ID))[0]
}

// heard is what stands in a chat.
func (p *post) heard(chat string) []string {
	var texts []string
	for _, s := range p.platform.Shown(chat) {
		texts = append(texts, s.Message.Text())
	}
	return texts
}

// locked makes a writer safe for many.
type locked struct {
	mu sync.Mutex
	w  *bytes.Buffer
}

func (l *locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

func fails(kind bot.SendKind) error { return &bot.SendError{Kind: kind} }

// first answers the first n sends to each chat with an error.
func first(n int, err error) func(int, bot.Outgoing) error {
	return func(k int, _ bot.Outgoing) error {
		if k <= n {
			return err
		}
		return nil
	}
}

var errForeign = errors.New("an adapter that breaks its promise")
