package telegram_test

import (
	"strconv"
	"testing"
	"time"

	"ella/adapters/telegram"
	"ella/adapters/telegram/telegramtest"
	"ella/bot"
)

// TestTakeBack takes away all that a message became, and the reader's own.
func TestTakeBack(t *testing.T) {
	s := freeStage(t)
	ref := s.send(t, bot.Outgoing{Message: long()})
	s.Location(s.person, 51.6, -3.9)
	own := s.Said(s.person)
	location := own[len(own)-1]
	if _, err := s.adapter.Send(t.Context(), bot.Outgoing{Chat: s.chat, TakeBack: []bot.Ref{ref, bot.Ref(itoa(location.ID)), "x", ""}}); err != nil {
		t.Fatal(err)
	}
	if all := s.Shown(s.person); len(all) != 0 {
		t.Errorf("%d messages stand there", len(all))
	}
	own = s.Said(s.person)
	if own[len(own)-1].Deleted.IsZero() {
		t.Error("the location stands there")
	}
	if n := s.Calls("deleteMessages"); n != 1 {
		t.Errorf("it took %d calls", n)
	}
}

// TestTakeBackMany in as few calls as Telegram takes.
func TestTakeBackMany(t *testing.T) {
	s := freeStage(t)
	var refs []bot.Ref
	for range 205 {
		refs = append(refs, s.send(t, hello()))
	}
	if _, err := s.adapter.Send(t.Context(), bot.Outgoing{Chat: s.chat, TakeBack: refs}); err != nil || len(s.Shown(s.person)) != 0 {
		t.Errorf("%d messages stand there, %v", len(s.Shown(s.person)), err)
	}
	if n := s.Calls("deleteMessages"); n != 3 {
		t.Errorf("it took %d calls, want 3", n)
	}
}

// TestTakeBackTooOld: one that is too old keeps no other from going.
func TestTakeBackTooOld(t *testing.T) {
	now := time.Now()
	s := &stage{Server: telegramtest.New(t, telegramtest.Options{Now: func() time.Time { return now }, Limits: telegramtest.Limits{Off: true}})}
	s.adapter = faked(t, s.Server)
	telegram.Unpaced(s.adapter)
	s.person, s.chat = s.somebody()
	old := s.send(t, hello())
	now = now.Add(49 * time.Hour)
	young := s.send(t, hello())
	if _, err := s.adapter.Send(t.Context(), bot.Outgoing{Chat: s.chat, TakeBack: []bot.Ref{old, young}}); err != nil {
		t.Fatal(err)
	}
	if all := s.Shown(s.person); len(all) != 1 || bot.Ref(itoa(all[0].ID)) != old {
		t.Errorf("there stand %+v", all)
	}
	if _, err := s.adapter.Send(t.Context(), bot.Outgoing{Chat: s.chat, TakeBack: []bot.Ref{old}}); err != nil {
		t.Errorf("alone it fails with %v", err)
	}
}

// TestTakeBackFails is told where there is nothing else to do, and where it is worth
// trying again; a message that can be sent is sent.
func TestTakeBackFails(t *testing.T) {
	for name, c := range map[string]struct {
		fault  telegramtest.Fault
		alone  bot.SendKind
		beside bot.SendKind
	}{
		"throttled": {telegramtest.Throttled(3 * time.Second), bot.Throttled, bot.Throttled},
		"no answer": {telegramtest.ResetAfter(), bot.Unclear, ""},
		"refused":   {telegramtest.Refused(400, "message can't be deleted"), "", ""},
		"gone":      {telegramtest.Refused(400, "chat not found"), bot.Gone, bot.Gone},
	} {
		for _, alone := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				s := freeStage(t)
				ref := s.send(t, hello())
				s.Next("deleteMessages", c.fault)
				out, want := bot.Outgoing{Chat: s.chat, TakeBack: []bot.Ref{ref}}, c.alone
				if !alone {
					out.Message, want = hello().Message, c.beside
				}
				if _, err := s.adapter.Send(t.Context(), out); bot.SendKindOf(err) != want {
					t.Errorf("got %v, want %s", err, want)
				}
			})
		}
	}
}

func itoa(id int64) string { return strconv.FormatInt(id, 10) }

// TestTakeBackBesideOneTooOld: one that stays keeps none of 250 others, and costs few
// calls; whoever asks for it waits.
func TestTakeBackBesideOneTooOld(t *testing.T) {
	now := time.Now()
	s := &stage{Server: telegramtest.New(t, telegramtest.Options{Now: func() time.Time { return now }, Limits: telegramtest.Limits{Off: true}})}
	s.adapter = faked(t, s.Server)
	telegram.Unpaced(s.adapter)
	s.person, s.chat = s.somebody()
	old := s.send(t, hello())
	now = now.Add(49 * time.Hour)
	var refs []bot.Ref
	for i := range 250 {
		if i == 130 {
			refs = append(refs, old)
		}
		refs = append(refs, s.send(t, hello()))
	}
	if _, err := s.adapter.Send(t.Context(), bot.Outgoing{Chat: s.chat, TakeBack: refs}); err != nil {
		t.Fatal(err)
	}
	if all := s.Shown(s.person); len(all) != 1 || bot.Ref(itoa(all[0].ID)) != old {
		t.Errorf("there stand %d messages", len(all))
	}
	if n := s.Calls("deleteMessages") + s.Calls("deleteMessage"); n > 20 {
		t.Errorf("it took %d calls", n)
	}
}
