package telegramtest_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"ella/adapters/telegram/telegramtest"
)

func TestOffsets(t *testing.T) {
	s, b := newBot(t, telegramtest.Options{FirstUpdate: 1000, Limits: telegramtest.Limits{Off: true}})
	user := s.AddUser(telegramtest.User{FirstName: "x"})
	for _, text := range []string{"a", "b", "c", "d", "e"} {
		s.Say(user, text)
	}
	get := func(p set, want ...int64) {
		t.Helper()
		if got := ids(b.updates(p)); !slices.Equal(got, want) {
			t.Errorf("getUpdates of %v gives %d, want %d", p, got, want)
		}
	}
	get(nil, 1000, 1001, 1002, 1003, 1004)
	get(set{"offset": 0, "limit": 2}, 1000, 1001)
	get(set{"offset": 1000}, 1000, 1001, 1002, 1003, 1004)
	get(set{"offset": 1002}, 1002, 1003, 1004)
	get(set{"offset": 1000}, 1002, 1003, 1004) // what was confirmed is gone
	get(nil, 1002, 1003, 1004)
	if s.Acknowledged(1002) || !s.Acknowledged(1001) || !slices.Equal(s.Pending(), []int64{1002, 1003, 1004}) {
		t.Errorf("pending are %d", s.Pending())
	}
	get(set{"offset": -2}, 1003, 1004)
	get(nil, 1003, 1004)
	if s.Acknowledged(1002) {
		t.Error("what a negative offset forgot was acknowledged")
	}
	get(set{"offset": 1005})
	if len(s.Pending()) != 0 {
		t.Errorf("pending are %d", s.Pending())
	}
	s.Say(user, "f")
	get(set{"offset": 1005}, 1005)
	for range 150 {
		s.Say(user, "x")
	}
	if got := b.updates(set{"offset": 1006}); len(got) != 100 {
		t.Errorf("%d came at once", len(got))
	}
	if polls := s.Polls(); len(polls) != 11 || polls[1].Limit != 2 || polls[9].Offset != 1005 || polls[0].Allowed != nil {
		t.Errorf("the polls were %+v", polls)
	}
	b.breaches()
}

// TestJump goes on with lower ids, as it may happen after an idle week.
func TestJump(t *testing.T) {
	for _, c := range []struct {
		far  telegramtest.FarOffset
		want []int64
	}{
		{telegramtest.FarOffsetDeaf, nil},
		{telegramtest.FarOffsetAll, []int64{500, 501}},
	} {
		s, b := newBot(t, telegramtest.Options{FirstUpdate: 1_000_000, FarOffset: c.far})
		user := s.AddUser(telegramtest.User{FirstName: "x"})
		late := s.Say(user, "before").Update
		s.JumpTo(500)
		first, second := s.Say(user, "after").Update, s.Say(user, "after").Update
		if first != 500 || second != 501 || s.Acknowledged(late) {
			t.Errorf("the ids are %d, %d", first, second)
		}
		for range 2 {
			if got := ids(b.updates(set{"offset": late + 1})); !slices.Equal(got, c.want) {
				t.Errorf("the old offset gives %d, want %d", got, c.want)
			}
		}
		if got := ids(b.updates(set{"offset": 0})); !slices.Equal(got, []int64{500, 501}) {
			t.Errorf("offset 0 gives %d", got)
		}
		if got := ids(b.updates(set{"offset": 501})); !slices.Equal(got, []int64{501}) {
			t.Errorf("the new offset gives %d", got)
		}
		// Far up the old offset is of the past, and all come.
		s.JumpTo(9_000_000)
		s.Say(user, "once more")
		if got := ids(b.updates(set{"offset": 502})); !slices.Equal(got, []int64{9_000_000}) {
			t.Errorf("after a jump up the old offset gives %d", got)
		}
		b.breaches()
	}
}

func TestExpiry(t *testing.T) {
	c := newClock()
	s, b := newBot(t, telegramtest.Options{Now: c.Now, Limits: telegramtest.Limits{Off: true}})
	user := s.AddUser(telegramtest.User{FirstName: "x"})
	text := s.Say(user, "x").Update
	press := s.Press(user, b.choice(user), 0).Update
	get := func(want ...int64) {
		t.Helper()
		if got := ids(b.updates(nil)); !slices.Equal(got, want) {
			t.Errorf("there come %d, want %d", got, want)
		}
	}
	c.Add(150 * time.Second)
	get(text, press)
	c.Add(time.Second)
	get(text)
	blocked := s.Block(user).Update
	c.Add(24*time.Hour - 151*time.Second)
	get(text, blocked)
	c.Add(time.Second)
	get(blocked)
	c.Add(24 * time.Hour)
	get()
	if s.Acknowledged(press) || s.Acknowledged(text) || len(s.Pending()) != 0 {
		t.Errorf("what expired was acknowledged, or waits on: %d", s.Pending())
	}
}

func TestLongPoll(t *testing.T) {
	s, b := unlimited(t)
	user := s.AddUser(telegramtest.User{FirstName: "x"})
	got := make(chan reply, 1)
	poll := func(ctx context.Context) {
		go func() { got <- b.callIn(ctx, "getUpdates", set{"timeout": 50, "offset": 1}) }()
		waitFor(t, s.Polling)
	}
	poll(t.Context())
	id := s.Say(user, "wake up").Update
	if all := b.read(await(t, got, "the poll").Result); len(all) != 1 || all[0].ID != id {
		t.Errorf("the poll gives %+v", all)
	}
	b.updates(set{"offset": id + 1})
	// A second poll ends the first one.
	poll(t.Context())
	b.updates(set{"offset": id + 1})
	first := await(t, got, "the first poll")
	if first.Code != 409 || first.said() != "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running" || s.Conflicts() != 1 {
		t.Errorf("the first poll is answered with %d %q", first.Code, first.said())
	}
	// A client that goes away takes nothing with it.
	ctx, cancel := context.WithCancel(t.Context())
	poll(ctx)
	cancel()
	await(t, got, "the client to go away")
	waitFor(t, func() bool { return !s.Polling() })
	id = s.Say(user, "are you there?").Update
	if all := ids(b.updates(nil)); !slices.Equal(all, []int64{id}) {
		t.Errorf("there come %d", all)
	}
	// A short wait ends by itself.
	if all := b.updates(set{"offset": id + 1, "timeout": 1}); len(all) != 0 {
		t.Errorf("there come %+v", all)
	}
	ctx, cancel = context.WithCancel(t.Context())
	go func() { got <- b.callIn(ctx, "getUpdates", set{"offset": id + 1, "timeout": 9999}) }()
	waitFor(t, s.Polling)
	cancel()
	await(t, got, "the client to go away")
	if polls := s.Polls(); polls[len(polls)-1].Timeout != 50*time.Second {
		t.Errorf("it would wait for %v", polls[len(polls)-1].Timeout)
	}
}

func TestAllowedUpdates(t *testing.T) {
	s, b := unlimited(t)
	user := s.AddUser(telegramtest.User{FirstName: "x", Started: true})
	m := b.choice(user)
	if s.Say(user, "x").Update == 0 || s.Press(user, m, 0).Update == 0 || s.Block(user).Update == 0 || s.Unblock(user).Update == 0 {
		t.Error("by default something does not come")
	}
	b.updates(set{"allowed_updates": []string{"message"}, "offset": -1})
	if s.Say(user, "x").Update == 0 || s.Press(user, m, 0).Update != 0 || s.Block(user).Update != 0 || s.Unblock(user).Update != 0 {
		t.Error("what was not asked for comes, or the other way round")
	}
	b.updates(nil) // not sent: as before
	if s.Press(user, m, 0).Update != 0 {
		t.Error("allowed_updates did not stick")
	}
	b.updates(set{"allowed_updates": []string{}}) // empty: the usual ones
	if s.Press(user, m, 0).Update == 0 {
		t.Error("an empty list does not bring back the usual ones")
	}
	polls := s.Polls()
	if !slices.Equal(polls[0].Allowed, []string{"message"}) || polls[1].Allowed != nil || polls[2].Allowed == nil {
		t.Errorf("the polls were %+v", polls)
	}
}

func TestRedelivery(t *testing.T) {
	s, b := unlimited(t)
	user := s.AddUser(telegramtest.User{FirstName: "x"})
	first, second := s.Say(user, "a").Update, s.Say(user, "b").Update
	texts := b.updates(nil)
	b.updates(set{"offset": second + 1})
	s.Redeliver(first)
	s.Redeliver(first)
	got := b.updates(set{"offset": second + 1})
	if len(got) != 2 || got[0].raw != texts[0].raw || got[1].raw != texts[0].raw {
		t.Errorf("there come %+v", got)
	}
	if again := b.updates(set{"offset": second + 1}); len(again) != 0 {
		t.Errorf("there come %+v", again)
	}
	waiting := s.Say(user, "c").Update
	s.Redeliver(waiting)
	if got := ids(b.updates(nil)); !slices.Equal(got, []int64{waiting, waiting}) {
		t.Errorf("there come %d", got)
	}
}

func TestShuffle(t *testing.T) {
	s, b := unlimited(t)
	s.Shuffle()
	user := s.AddUser(telegramtest.User{FirstName: "x"})
	var want []int64
	for range 50 {
		want = append(want, s.Say(user, "x").Update)
	}
	got := ids(b.updates(nil))
	if slices.IsSorted(got) {
		t.Error("they come in order")
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("there come %d", got)
	}
}

// TestDeliver is what a contract of adapters needs: to know whether an update was
// acknowledged, as soon as it is sure.
func TestDeliver(t *testing.T) {
	s, b := unlimited(t)
	user := s.AddUser(telegramtest.User{FirstName: "x"})
	id := s.Say(user, "x").Update
	deliver := func(ctx context.Context) <-chan bool {
		done := make(chan bool, 1)
		go func() { done <- s.Deliver(ctx, id) }()
		return done
	}
	// polled asks with an offset until it is sure what became of the delivery.
	polled := func(offset int64) bool {
		for done := deliver(t.Context()); ; {
			select {
			case acknowledged := <-done:
				return acknowledged
			default:
				b.updates(set{"offset": offset})
			}
		}
	}
	if polled(id) {
		t.Error("it was acknowledged by an offset that does not confirm it")
	}
	for range 3 { // what was acknowledged is delivered once more
		if !polled(id + 1) {
			t.Error("it was not acknowledged")
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := deliver(ctx)
	cancel()
	if await(t, done, "the end") {
		t.Error("it was acknowledged when nobody received")
	}
}

func TestHeldRepeats(t *testing.T) {
	c := newClock()
	s, b := newBot(t, telegramtest.Options{Now: c.Now, HoldRepeats: true})
	user := s.AddUser(telegramtest.User{FirstName: "x"})
	s.Say(user, "a")
	s.Say(user, "b")
	if n := len(b.updates(nil)); n != 2 {
		t.Errorf("%d come", n)
	}
	if n := len(b.updates(nil)); n != 1 {
		t.Errorf("asked again at once, %d come", n)
	}
	c.Add(time.Second)
	if n := len(b.updates(nil)); n != 2 {
		t.Errorf("asked again later, %d come", n)
	}
}
