package storage_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/alert"
	"ella/bot/delivery"
	"ella/bot/group"
	"ella/bot/message"
	"ella/storage"
	"ella/storage/storagetest"
)

// world is a database with an account and an organisation, and the short words
// that the tests of the stores are written in.
type world struct {
	*storage.DB
	t       *testing.T
	clock   *storagetest.Clock
	ids     bot.IDs
	url     string
	account bot.AccountID
	home    bot.Organisation
	author  bot.Person // of drafts, from the first one on
}

// eachWorld runs a test on both engines.
func eachWorld(t *testing.T, f func(t *testing.T, w *world)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, newWorld(t, storagetest.SQLite)) })
	t.Run("postgres", func(t *testing.T) { f(t, newWorld(t, storagetest.Postgres)) })
}

func newWorld(t *testing.T, open func(testing.TB, ...func(*storage.Options)) *storage.DB) *world {
	t.Helper()
	w := &world{t: t, clock: &storagetest.Clock{}}
	w.ids = bot.NewIDs(w.clock, storagetest.NewRandom(9))
	w.DB = open(t, func(o *storage.Options) { o.Clock, w.url = w.clock, o.URL })
	var err error
	if w.account, err = w.Account(t.Context(), "memory", "one"); err != nil {
		t.Fatal(err)
	}
	w.home = w.organisation("Common Ground")
	return w
}

func (w *world) now() time.Time { return w.clock.Now() }

// do commits changes, all or none.
func (w *world) do(changes ...bot.Change) {
	w.t.Helper()
	if err := w.try(changes...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) try(changes ...bot.Change) error {
	return w.Write(w.t.Context(), func(ctx context.Context, tx bot.Tx) error {
		for _, c := range changes {
			if err := c(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
}

// conflicts expects that changes are refused as made from an old view.
func (w *world) conflicts(what string, changes ...bot.Change) {
	w.t.Helper()
	if err := w.try(changes...); !errors.Is(err, bot.ErrConflict) {
		w.t.Errorf("%s: %v, want bot.ErrConflict", what, err)
	}
}

// rows expects what a query returns, the columns of a row with a space between.
func (w *world) rows(what string, columns int, query string, args []any, want ...string) {
	w.t.Helper()
	if got := w.Ask(w.t, columns, query, args...); !slices.Equal(got, want) {
		w.t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

func (w *world) organisation(name string) bot.Organisation {
	w.t.Helper()
	o := bot.Organisation{ID: bot.OrganisationID(w.ids.New()), Name: name, Zone: "Europe/London"}
	w.do(func(ctx context.Context, tx bot.Tx) error { return w.Members().AddOrganisation(ctx, tx, o) })
	return o
}

// stranger is somebody who has not joined yet.
func (w *world) stranger(name string) bot.Person {
	id := bot.MemberID(w.ids.New())
	return bot.Person{
		Member:  bot.Member{ID: id, State: bot.Active, Zone: "Europe/London", Locale: "en", Consent: 1},
		Address: bot.Address{ID: bot.AddressID(w.ids.New()), Account: w.account, Member: id, Chat: "chat of " + name},
	}
}

func (w *world) join(p bot.Person, sender string) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error { return w.Engine("").Join(ctx, tx, p, sender) }
}

func (w *world) agree(p bot.Person, o bot.Organisation) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error {
		return w.Members().Agree(ctx, tx, p.Member.ID, o.ID, w.now())
	}
}

// member joins under that name and agrees to hear from the organisations.
func (w *world) member(name string, from ...bot.Organisation) bot.Person {
	w.t.Helper()
	p := w.stranger(name)
	w.do(w.join(p, name))
	for _, o := range from {
		w.do(w.agree(p, o))
	}
	return p
}

// person loads somebody as the engine does.
func (w *world) person(sender string) bot.Person {
	w.t.Helper()
	p, _, err := w.Engine("").Person(w.t.Context(), w.account, sender)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func (w *world) group(name string) group.Group {
	w.t.Helper()
	g := group.Group{
		ID: bot.GroupID(w.ids.New()), Organisation: w.home.ID, Source: "csv", ForeignID: name, Name: name,
		About: map[string]string{"en": "They help."}, Languages: []string{"en", "ar"}, Town: "Coventry", Place: "CV1",
	}
	w.do(w.save(g))
	return g
}

func (w *world) save(groups ...group.Group) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error { return w.Groups().Save(ctx, tx, groups, w.now()) }
}

// draft writes an alert that is not sent yet.
func (w *world) draft(text string) alert.Alert {
	w.t.Helper()
	if w.author.Member.ID == "" {
		w.author = w.organiser("author")
	}
	a := alert.Alert{
		ID: bot.AlertID(w.ids.New()), Organisation: w.home.ID, Author: w.author.Member.ID, State: alert.Draft,
		Expires: w.now().Add(48 * time.Hour), Variants: []alert.Variant{{Locale: "en", Text: text}},
	}
	w.do(func(ctx context.Context, tx bot.Tx) error { return w.Alerts().Create(ctx, tx, a, w.now()) })
	return w.alert(a.ID)
}

func (w *world) alert(id bot.AlertID) alert.Alert {
	w.t.Helper()
	a, err := w.Alerts().Alert(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

func (w *world) submit(a alert.Alert) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error { return w.Alerts().Submit(ctx, tx, a, w.now()) }
}

func (w *world) freeze(a alert.Alert, to bot.MemberID, members ...bot.MemberID) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error {
		return w.Alerts().Freeze(ctx, tx, a.ID, members, to, w.now())
	}
}

func (w *world) release(a alert.Alert) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error {
		return w.Alerts().Release(ctx, tx, a.ID)
	}
}

// sending is an alert on its way to these people.
func (w *world) sending(text string, to ...bot.Person) alert.Alert {
	w.t.Helper()
	a := w.draft(text)
	w.do(w.submit(a), w.freeze(a, "zzzzzzzzzzzzzzzz", memberIDs(to)...), w.release(a))
	return w.alert(a.ID)
}

func memberIDs(people []bot.Person) []bot.MemberID {
	ids := make([]bot.MemberID, len(people))
	for i, p := range people {
		ids[i] = p.Member.ID
	}
	return ids
}

// queue commits replies in the name of an owner, as the engine does.
func (w *world) queue(owner string, p bot.Person, replies ...bot.Reply) []bot.Queued {
	w.t.Helper()
	var queued []bot.Queued
	w.do(func(ctx context.Context, tx bot.Tx) (err error) {
		queued, err = w.Engine(owner).Queue(ctx, tx, p.Address, replies)
		return err
	})
	return queued
}

func say(text string) bot.Reply {
	return bot.Reply{Message: message.Message{Locale: "en", Blocks: []message.Block{message.Say(text)}}}
}

func words(replies []bot.Queued) []string {
	all := make([]string, len(replies))
	for i, q := range replies {
		all[i] = strings.TrimSpace(q.Message.Text())
	}
	return all
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

// none is what a process holds that has just begun.
func none(string) bool { return false }

func replyEnded(w *world, owner string, q bot.Queued, end delivery.End) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error { return w.Delivery(owner).ReplyEnded(ctx, tx, q, end) }
}
