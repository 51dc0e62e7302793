package storage_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/engine"
	"ella/storage"
)

func (w *world) raw(key, sender, body string) bot.Raw {
	return bot.Raw{Account: w.account, Key: key, Sender: sender, Body: []byte(body)}
}

func (w *world) accept(raw bot.Raw) (engine.Waiting, bool) {
	w.t.Helper()
	got, fresh, err := w.Engine("").Accept(w.t.Context(), w.ids.New(), raw)
	if err != nil {
		w.t.Fatal(err)
	}
	return got, fresh
}

func (w *world) waiting(after string, limit int) []engine.Waiting {
	w.t.Helper()
	all, err := w.Engine("").Waiting(w.t.Context(), after, limit)
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

func (w *world) finish(id string) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error { return w.Engine("").Finish(ctx, tx, id) }
}

func (w *world) failed(id string, reason engine.Reason, park bool) bot.Change {
	return func(ctx context.Context, tx bot.Tx) error { return w.Engine("").Failed(ctx, tx, id, reason, park) }
}

func bodies(all []engine.Waiting) []string {
	var texts []string
	for _, u := range all {
		texts = append(texts, string(u.Body))
	}
	return texts
}

func TestAccept(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		other, err := w.Account(t.Context(), "memory", "two")
		if err != nil {
			t.Fatal(err)
		}
		first, fresh := w.accept(w.raw("1", "amina", "hello"))
		if !fresh || first.Sender != "amina" || string(first.Body) != "hello" || first.Attempts != 0 {
			t.Errorf("accepted as %+v, fresh %v", first, fresh)
		}
		if _, fresh := w.accept(w.raw("1", "amina", "hello")); fresh {
			t.Error("the same update is fresh again")
		}
		elsewhere := bot.Raw{Account: other, Key: "1", Sender: "amina", Body: []byte("elsewhere")}
		there, fresh := w.accept(elsewhere)
		if !fresh {
			t.Error("the key of another account is taken for the same")
		}
		if there.Lane == first.Lane {
			t.Error("senders of two accounts share a lane")
		}
		again, _ := w.accept(w.raw("2", "amina", "more"))
		if again.Lane != first.Lane {
			t.Error("one sender has two lanes")
		}
		if next, _ := w.accept(w.raw("3", "bo", "hi")); next.Lane == first.Lane {
			t.Error("two senders share a lane")
		}
		// Ended, it is still known: a platform delivers again for days.
		w.do(w.finish(first.ID))
		if _, fresh := w.accept(w.raw("1", "amina", "hello")); fresh {
			t.Error("a done update is fresh again")
		}
		if got := bodies(w.waiting("", 10)); !slices.Equal(got, []string{"elsewhere", "more", "hi"}) {
			t.Errorf("waiting: %q", got)
		}
	})
}

func TestAcceptSize(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		if _, fresh := w.accept(w.raw("fits", "amina", strings.Repeat("x", 1<<20))); !fresh {
			t.Error("1 MiB is refused")
		}
		_, fresh, err := w.Engine("").Accept(t.Context(), w.ids.New(), w.raw("long", "amina", strings.Repeat("x", 1<<20+1)))
		if !errors.Is(err, bot.ErrTooLarge) || fresh {
			t.Errorf("1 MiB and a byte: fresh %v, %v", fresh, err)
		}
		if got := w.waiting("", 10); len(got) != 1 || len(got[0].Body) != 1<<20 {
			t.Errorf("%d updates wait", len(got))
		}
		// Not text: whatever a platform sends is kept as it came.
		odd := string([]byte{0, 0xff, 0xfe, '\n'})
		w.accept(w.raw("odd", "amina", odd))
		if got := w.waiting("", 10); !bytes.Equal(got[1].Body, []byte(odd)) {
			t.Errorf("kept as %q", got[1].Body)
		}
	})
}

// However many deliver the same update at once, it is accepted once.
func TestAcceptAtOnce(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		var mu sync.Mutex
		fresh := map[string]int{}
		var all sync.WaitGroup
		for i := range 40 {
			all.Go(func() {
				key := fmt.Sprint(i % 4)
				_, yes, err := w.Engine("").Accept(t.Context(), w.ids.New(), w.raw(key, "amina", key))
				if err != nil {
					t.Error(err)
				}
				if yes {
					mu.Lock()
					defer mu.Unlock()
					fresh[key]++
				}
			})
		}
		all.Wait()
		if want := map[string]int{"0": 1, "1": 1, "2": 1, "3": 1}; !reflect.DeepEqual(fresh, want) {
			t.Errorf("fresh: %v", fresh)
		}
	})
}

func TestWaiting(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		var ids []string
		for i := range 7 {
			u, _ := w.accept(w.raw(fmt.Sprint(i), []string{"amina", "bo"}[i%2], fmt.Sprint(i)))
			ids = append(ids, u.ID)
			w.clock.Advance(time.Millisecond)
		}
		w.do(w.finish(ids[2]), w.failed(ids[3], engine.RoomFailed, true), w.failed(ids[4], engine.RoomFailed, false))
		for _, c := range []struct {
			after string
			limit int
			want  string
		}{
			{"", 10, "0 1 4 5 6"}, {"", 2, "0 1"}, {ids[1], 2, "4 5"}, {ids[4], 10, "5 6"}, {ids[6], 10, ""},
		} {
			if got := strings.Join(bodies(w.waiting(c.after, c.limit)), " "); got != c.want {
				t.Errorf("after %q at most %d: %s, want %s", c.after, c.limit, got, c.want)
			}
		}
		for _, u := range w.waiting("", 10) {
			if want := map[string]int{"4": 1}[string(u.Body)]; u.Attempts != want {
				t.Errorf("update %s was tried %d times, want %d", u.Body, u.Attempts, want)
			}
		}
		s := w.Engine("")
		if !s.Shared() {
			return
		}
		lane := w.waiting("", 1)[0].Lane
		in, mine, err := s.ClaimLane(t.Context(), lane)
		if got := bodies(in); err != nil || !mine || !slices.Equal(got, []string{"0", "4", "6"}) {
			t.Errorf("in one lane: %q, %v, %v", got, mine, err)
		}
		if left, err := s.ReleaseLane(t.Context(), lane); err != nil || !left {
			t.Errorf("after it was given back with work in it: %v, %v", left, err)
		}
		for _, u := range in {
			w.do(w.finish(u.ID))
		}
		if in, mine, err := s.ClaimLane(t.Context(), lane); err != nil || !mine || len(in) > 0 {
			t.Errorf("an empty lane: %q, %v, %v", bodies(in), mine, err)
		}
		if left, err := s.ReleaseLane(t.Context(), lane); err != nil || left {
			t.Errorf("after it was given back empty: %v, %v", left, err)
		}
	})
}

// An update ends once, done or parked, and then nothing changes it any more.
func TestEndOfAnUpdate(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		done, _ := w.accept(w.raw("1", "amina", "one"))
		parked, _ := w.accept(w.raw("2", "amina", "two"))
		w.do(w.failed(done.ID, engine.Panicked, false), w.failed(done.ID, engine.RoomFailed, false), w.finish(done.ID))
		w.do(w.failed(parked.ID, engine.Unreadable, true))
		for _, u := range []engine.Waiting{done, parked, {ID: "nowhere"}} {
			w.conflicts("finish again", w.finish(u.ID))
			w.conflicts("fail after the end", w.failed(u.ID, engine.RoomFailed, true))
		}
		w.rows("inbox", 4, `SELECT state, attempts, reason, raw_sealed IS NULL FROM inbox ORDER BY id`, nil,
			fmt.Sprint("done 2 room ", truth(w, true)), fmt.Sprint("parked 1 unreadable ", truth(w, false)))
	})
}

// truth is how an engine writes a boolean that a query computed.
func truth(w *world, v bool) any {
	switch {
	case strings.Contains(w.url, "://"):
		return v
	case v:
		return 1
	}
	return 0
}

// A row that does not open keeps nobody else waiting: it is handed out without
// its body, which no adapter can read.
func TestWaitingWithADamagedRow(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		bad, _ := w.accept(w.raw("1", "amina", "one"))
		shape, _ := w.accept(w.raw("2", "amina", "two"))
		w.accept(w.raw("3", "amina", "three"))
		w.Exec(t, `UPDATE inbox SET raw_sealed = $2 WHERE id = $1`, bad.ID, []byte("damaged"))
		w.Exec(t, `UPDATE inbox SET raw_sealed = $2 WHERE id = $1`, shape.ID, w.Seal(t, "inbox", "raw_sealed", shape.ID, []byte(`{"v":99,"body":"dHdv"}`)))
		if got := bodies(w.waiting("", 10)); !slices.Equal(got, []string{"", "", "three"}) {
			t.Errorf("waiting: %q", got)
		}
	})
}

func TestPerson(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		if _, _, err := w.Engine("").Person(ctx, w.account, "amina"); !errors.Is(err, bot.ErrNotFound) {
			t.Errorf("a stranger is %v", err)
		}
		p := w.member("amina")
		if got := w.person("amina"); !reflect.DeepEqual(got, p) {
			t.Errorf("just joined:\n got %+v\nwant %+v", got, p)
		}
		if _, _, err := w.Engine("").Person(ctx, "elsewhere", "amina"); !errors.Is(err, bot.ErrNotFound) {
			t.Errorf("in another account she is %v", err)
		}

		other := w.organisation("Luton Roma Trust")
		g := w.group("crmc")
		roles := []bot.Role{{Kind: bot.Leader, Organisation: w.home.ID, Group: g.ID}, {Kind: bot.Organiser, Organisation: other.ID}}
		for _, r := range roles {
			w.do(func(ctx context.Context, tx bot.Tx) error { return w.Roles().Grant(ctx, tx, p.Member.ID, r, w.now()) })
		}
		w.do(w.agree(p, w.home), w.agree(p, other))
		w.do(func(ctx context.Context, tx bot.Tx) error {
			return w.Members().SetLanguage(ctx, tx, p.Member.ID, "ar", "ku")
		})
		w.do(func(ctx context.Context, tx bot.Tx) error {
			return w.Groups().Settle(ctx, tx, p.Member.ID, "CV1 2", "CV1")
		})
		w.do(func(ctx context.Context, tx bot.Tx) error {
			return w.Members().SetState(ctx, tx, p.Member.ID, bot.Stopped)
		})
		got := w.person("amina")
		slices.SortFunc(got.Roles, func(a, b bot.Role) int { return strings.Compare(string(a.Kind), string(b.Kind)) })
		slices.Sort(got.Organisations)
		want := p
		want.Member.Locale, want.Member.Speaks, want.Member.State = "ar", "ku", bot.Stopped
		want.Member.Sector, want.Member.Outcode = "CV1 2", "CV1"
		want.Roles, want.Organisations = roles, []bot.OrganisationID{w.home.ID, other.ID}
		slices.Sort(want.Organisations)
		for i, r := range got.Roles {
			if r.ID == "" || r.Number != 1 {
				t.Errorf("a role is not named: %+v", r)
			}
			roles[i].ID, roles[i].Number = r.ID, r.Number
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("with everything:\n got %+v\nwant %+v", got, want)
		}
		w.Exec(t, `UPDATE roles SET state = 'suspended' WHERE kind = 'leader'`)
		if got := w.person("amina"); !slices.Equal(got.Roles, roles[1:]) {
			t.Errorf("with one role suspended: %+v", got.Roles)
		}
	})
}

// Two updates of a newcomer at once: one member comes of it.
func TestJoinTwice(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		const tries = 8
		errs := make([]error, tries)
		people := make([]bot.Person, tries)
		var race sync.WaitGroup
		for i := range tries {
			people[i] = w.stranger("amina")
			race.Go(func() { errs[i] = w.try(w.join(people[i], "amina")) })
		}
		race.Wait()
		joined := 0
		for i, err := range errs {
			switch {
			case err == nil:
				joined++
				if got := w.person("amina"); got.Member.ID != people[i].Member.ID {
					t.Error("another member than the one who joined is found")
				}
			case !errors.Is(err, bot.ErrConflict):
				t.Errorf("the slower one gets %v", err)
			}
		}
		if joined != 1 {
			t.Errorf("%d joined", joined)
		}
		w.rows("members", 1, `SELECT count(*) FROM members`, nil, "1")
		w.rows("addresses", 1, `SELECT count(*) FROM addresses`, nil, "1")
	})
}

func TestConverse(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		p := w.member("amina")
		converse := func(step *bot.Step, version int64) bot.Change {
			return func(ctx context.Context, tx bot.Tx) error {
				return w.Engine("").Converse(ctx, tx, p.Member.ID, step, version)
			}
		}
		stands := func(step *bot.Step, version int64) {
			t.Helper()
			_, c, err := w.Engine("").Person(t.Context(), w.account, "amina")
			if err != nil || c.Version != version || !reflect.DeepEqual(c.Step, step) {
				t.Errorf("stands at %+v version %d (%v), want %+v version %d", c.Step, c.Version, err, step, version)
			}
		}
		stands(nil, 0)
		first, second := bot.NewStep("group", "place", nil), bot.NewStep("alert", "text", map[string]string{"alert": "a1"})
		w.do(converse(first, 0))
		stands(first, 1)
		w.conflicts("begin what has begun", converse(second, 0))
		w.conflicts("a version to come", converse(second, 2))
		w.do(converse(second, 1))
		w.conflicts("from an old version", converse(first, 1))
		stands(second, 2)
		w.do(converse(nil, 2))
		stands(nil, 3)
		w.do(converse(first, 3))
		stands(first, 4)
		// A conflict takes everything beside it along.
		q := w.stranger("bo")
		w.conflicts("with a join beside it", w.join(q, "bo"), converse(second, 1))
		if _, _, err := w.Engine("").Person(t.Context(), w.account, "bo"); !errors.Is(err, bot.ErrNotFound) {
			t.Errorf("what stood beside a conflict is %v", err)
		}
	})
}

// A step that cannot be read is one that no room knows, and not an error that
// would lock its member out.
func TestUnreadableStep(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		for name, stored := range map[string]func(id string) []byte{
			"broken JSON":   func(id string) []byte { return w.Seal(t, "conversations", "step_sealed", id, []byte(`{"room":`)) },
			"another shape": func(id string) []byte { return w.Seal(t, "conversations", "step_sealed", id, []byte(`[1]`)) },
			"of another row": func(string) []byte {
				return w.Seal(t, "conversations", "step_sealed", "x", []byte(`{"room":"alert","name":"text","v":1}`))
			},
			"damaged": func(string) []byte { return []byte("damaged") },
		} {
			p := w.member(name)
			w.do(func(ctx context.Context, tx bot.Tx) error {
				return w.Engine("").Converse(ctx, tx, p.Member.ID, bot.NewStep("alert", "text", nil), 0)
			})
			w.Exec(t, `UPDATE conversations SET step_sealed = $2 WHERE member_id = $1`, string(p.Member.ID), stored(string(p.Member.ID)))
			_, c, err := w.Engine("").Person(t.Context(), w.account, name)
			if err != nil || c.Step == nil || c.Step.Room != "" || c.Version != 1 {
				t.Errorf("%s: %+v, version %d, %v", name, c.Step, c.Version, err)
			}
		}
	})
}

func TestSeen(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		p := w.member("amina")
		seen := func() bool {
			t.Helper()
			_, c, err := w.Engine("").Person(t.Context(), w.account, "amina")
			if err != nil {
				t.Fatal(err)
			}
			return c.Seen
		}
		note := func(ctx context.Context, tx bot.Tx) error { return w.Engine("").Seen(ctx, tx, p) }
		if !seen() {
			t.Error("who has just joined is not noted as here today")
		}
		w.clock.Advance(24 * time.Hour)
		if seen() {
			t.Error("yesterday counts as today")
		}
		w.do(note)
		if !seen() {
			t.Error("today is not noted")
		}
		for _, kind := range []bot.SendKind{bot.Blocked, bot.Gone, bot.Forbidden} {
			w.do(func(ctx context.Context, tx bot.Tx) error {
				return w.Engine("").Unreachable(ctx, tx, p.Address.ID, kind)
			})
			if seen() {
				t.Errorf("%s: counts as reachable", kind)
			}
			w.do(note)
			if !seen() {
				t.Errorf("%s: stays off after its owner wrote", kind)
			}
		}
		// Kept no finer than the day.
		w.rows("seen_at", 1, `SELECT seen_at % 86400000 FROM members`, nil, "0")
	})
}

// Replies go to the address that wrote, or to whoever they name; those to
// somebody who can't be reached are dropped.
func TestQueue(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		amina, bo, cut := w.member("amina"), w.member("bo"), w.member("cut")
		w.do(func(ctx context.Context, tx bot.Tx) error {
			return w.Engine("").Unreachable(ctx, tx, cut.Address.ID, bot.Blocked)
		})
		to := func(p bot.Person, r bot.Reply) bot.Reply { r.To = p.Member.ID; return r }
		edit := say("changed")
		edit.Topic, edit.Replace, edit.Edit = "card", true, "ref-1"
		queued := w.queue("me", amina, say("one"), to(bo, say("two")), to(cut, say("lost")), to(amina, edit), to(bot.Person{Member: bot.Member{ID: "nobody"}}, say("lost too")))
		if got := words(queued); !slices.Equal(got, []string{"one", "two", "changed"}) {
			t.Fatalf("queued: %q", got)
		}
		for i, p := range []bot.Person{amina, bo, amina} {
			if q := queued[i]; q.Address != p.Address.ID || q.Chat != p.Address.Chat || q.Account != w.account || q.Attempts != 1 {
				t.Errorf("reply %d goes out as %+v", i, q)
			}
		}
		if q := queued[2]; q.Topic != "card" || !q.Replace || q.Edit != "ref-1" {
			t.Errorf("an edit goes out as %+v", q)
		}
		w.rows("outbox", 4, `SELECT state, attempts, owner, topic FROM outbox ORDER BY id`, nil, "sending 1 me ", "sending 1 me ", "sending 1 me card")
	})
}

func TestShared(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		if got, want := w.Engine("").Shared(), strings.Contains(w.url, "://"); got != want {
			t.Errorf("Shared = %v", got)
		}
		if w.Engine("").Unavailable(bot.ErrConflict) || !w.Engine("").Unavailable(fmt.Errorf("while closing: %w", storage.ErrClosed)) {
			t.Error("what is unavailable is mixed up")
		}
	})
}
