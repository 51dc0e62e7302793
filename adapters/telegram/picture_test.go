package telegram_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ella/adapters/telegram"
	"ella/adapters/telegram/telegramtest"
	"ella/bot"
	form "ella/bot/message"
)

func pictured(shade uint8) bot.Outgoing {
	return bot.Outgoing{Message: of(form.Picture{PNG: testPNG(shade), Alt: "words"})}
}

// TestPictureIsUploadedOnce, however many people get it at the same time.
func TestPictureIsUploadedOnce(t *testing.T) {
	s := freeStage(t)
	var wait sync.WaitGroup
	for range 100 {
		_, chat := s.somebody()
		wait.Go(func() {
			out := pictured(1)
			out.Chat = chat
			if _, err := s.adapter.Send(t.Context(), out); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if n, sent := s.Uploads(), len(s.Accepted()); n != 1 || sent != 100 {
		t.Errorf("%d pictures were sent and %d uploaded", sent, n)
	}
	s.send(t, pictured(2))
	if n := s.Uploads(); n != 2 {
		t.Errorf("of two pictures %d were uploaded", n)
	}
}

// TestPictureIsUploadedByTheNext when the first one fails.
func TestPictureIsUploadedByTheNext(t *testing.T) {
	s := freeStage(t)
	s.Next("sendPhoto", telegramtest.Refused(403, "bot was blocked by the user"), telegramtest.ResetAfter(), telegramtest.Garbled())
	kinds := map[bot.SendKind]int{}
	var mu sync.Mutex
	var wait sync.WaitGroup
	for range 10 {
		wait.Go(func() {
			out := pictured(1)
			out.Chat = s.chat
			_, err := s.adapter.Send(t.Context(), out)
			mu.Lock()
			defer mu.Unlock()
			kinds[bot.SendKindOf(err)]++
		})
	}
	wait.Wait()
	if kinds[bot.Blocked] != 1 || kinds[bot.Unclear] != 2 || kinds[""] != 7 {
		t.Errorf("they ended as %v", kinds)
	}
}

// TestPictureIsKnownAfterARestart, from the shelf, where its name says nothing.
func TestPictureIsKnownAfterARestart(t *testing.T) {
	known := &shelf{}
	s := newStage(t, func(o *telegram.Options) { o.Shelf = known })
	s.send(t, pictured(1))
	again := faked(t, s.Server, func(o *telegram.Options) { o.Shelf = known })
	ref, err := again.Send(t.Context(), bot.Outgoing{Chat: s.chat, Message: pictured(1).Message})
	if err != nil {
		t.Fatal(err)
	}
	if n := s.Uploads(); n != 1 {
		t.Errorf("%d uploads", n)
	}
	// An edit knows it, too.
	if _, err := again.Send(t.Context(), bot.Outgoing{Chat: s.chat, Message: of(form.Picture{PNG: testPNG(1), Alt: "others"}), Edit: ref}); err != nil || s.Uploads() != 1 {
		t.Errorf("%d uploads, %v", s.Uploads(), err)
	}
	items, err := known.List(t.Context(), "one", "photo/")
	if err != nil || len(items) != 1 || len(items[0].Key) != len("photo/00") || strings.Contains(items[0].Key, s.chat) {
		t.Errorf("on the shelf stand %+v, %v", items, err)
	}
}

// TestPictureThatTelegramForgot is uploaded afresh, once.
func TestPictureThatTelegramForgot(t *testing.T) {
	s := freeStage(t)
	s.send(t, pictured(1))
	s.Next("sendPhoto", telegramtest.Refused(400, "wrong file identifier/HTTP URL specified"))
	s.send(t, pictured(1))
	if n := s.Uploads(); n != 2 {
		t.Errorf("%d uploads, want 2", n)
	}
	s.send(t, pictured(1))
	if n := s.Uploads(); n != 2 {
		t.Errorf("%d uploads, want still 2", n)
	}
	s.Next("sendPhoto", telegramtest.Refused(400, "wrong file identifier/HTTP URL specified"), telegramtest.Refused(400, "wrong file identifier/HTTP URL specified"))
	s.fails(t, bot.Invalid, pictured(1))
}

// TestPictureOfAnotherBot on the shelf is uploaded, and the shelf put right.
func TestPictureOfAnotherBot(t *testing.T) {
	known := &shelf{}
	one := newStage(t, func(o *telegram.Options) { o.Shelf = known })
	one.send(t, pictured(1))
	m := &mailbox{answer: func(p posted) *scriptedAnswer {
		if p.method == "sendPhoto" && len(p.files) == 0 {
			return refused(400, "Bad Request: wrong file identifier/HTTP URL specified")
		}
		if p.method == "sendPhoto" {
			return result(`{"message_id":1,"photo":[{"file_id":"small","width":1,"height":1},{"file_id":"large","width":4,"height":4}]}`)
		}
		return nil
	}}
	other := posting(t, m, func(o *telegram.Options) { o.Shelf = known })
	if _, err := other.Send(t.Context(), bot.Outgoing{Chat: "7", Message: pictured(1).Message}); err != nil {
		t.Fatal(err)
	}
	items, err := known.List(t.Context(), "one", "photo/")
	if err != nil || len(items) != 1 || !strings.Contains(string(items[0].Value), `"large"`) {
		t.Errorf("on the shelf stands %s, %v", items[0].Value, err)
	}
}

// TestPictureWithoutAShelf costs an upload, and no message.
func TestPictureWithoutAShelf(t *testing.T) {
	broken := &shelf{}
	s := newStage(t, func(o *telegram.Options) { o.Shelf = broken })
	broken.fail(errors.New("no space left"))
	s.send(t, pictured(1))
}

// TestPictureAfterAPanic: whoever waits for a picture that was being uploaded does not
// wait for ever.
func TestPictureAfterAPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &faulty{}
		a := posting(t, &mailbox{}, func(o *telegram.Options) { o.Shelf = store })
		store.faulty = true
		out := bot.Outgoing{Chat: "7", Message: of(form.Picture{PNG: testPNG(1), Alt: "x"})}
		func() {
			defer func() { _ = recover() }()
			_, _ = a.Send(t.Context(), out)
		}()
		store.faulty = false
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := a.Send(ctx, out); err != nil {
			t.Errorf("the next gets %v", err)
		}
	})
}

// faulty is a shelf that panics.
type faulty struct {
	shelf
	faulty bool
}

// List implements bot.Shelf.
func (f *faulty) List(ctx context.Context, account bot.AccountID, prefix string) ([]bot.ShelfItem, error) {
	if f.faulty {
		panic("a fault of ours")
	}
	return f.shelf.List(ctx, account, prefix)
}

// TestPictureIsRefused: its words say the same, and go alone.
func TestPictureIsRefused(t *testing.T) {
	for _, code := range []string{"PHOTO_INVALID_DIMENSIONS", "IMAGE_PROCESS_FAILED"} {
		s := freeStage(t)
		s.Next("sendPhoto", telegramtest.Refused(400, code))
		ref := s.send(t, bot.Outgoing{Message: of(form.Picture{PNG: testPNG(1), Alt: "3 yes"}, choices("Again"))})
		all := s.Shown(s.person)
		if len(all) != 1 || all[0].Kind != telegramtest.Text || all[0].Text != "3 yes" || len(all[0].Presses()) != 1 {
			t.Errorf("there stands %+v", all)
		}
		// What stands there can be changed, or takes the picture's place.
		s.send(t, bot.Outgoing{Message: of(form.Picture{PNG: testPNG(2), Alt: "4 yes"}, choices("Again")), Edit: ref})
		if all := s.Shown(s.person); len(all) != 1 || all[0].Text != "4 yes" {
			t.Errorf("then there stands %+v", all)
		}
	}
}
