package telegram

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"ella/bot"
)

// allowedUpdates are the kinds of update that Ella asks for, in every request: one
// that leaves them out keeps what was asked for before. Left out are posts in
// channels, members who come and go, reactions, polls, inline queries and business
// chats: nothing there is meant for her, and what does not come in is not kept.
func allowedUpdates() []string {
	return []string{"message", "edited_message", "callback_query", "my_chat_member"}
}

// Receive takes updates in by long polling, or by webhook where one is configured.
// The only error that it returns is that the token is refused.
func (a *Adapter) Receive(ctx context.Context, inbox bot.Inbox) error {
	a.ear.open()
	var wait sync.WaitGroup
	defer wait.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	wait.Go(func() { a.present(ctx) })
	if a.webhook.URL != "" {
		return a.serve(ctx, inbox)
	}
	return a.poll(ctx, inbox)
}

// take hands one raw update to the inbox. Nil means that it may be acknowledged.
func (a *Adapter) take(ctx context.Context, inbox bot.Inbox, raw []byte) error {
	r := a.name(raw)
	err := inbox.Accept(ctx, r)
	switch {
	case errors.Is(err, bot.ErrTooLarge):
		a.tellTooLong()
	case err != nil:
		return fmt.Errorf("%w: %w", errNotTaken, err)
	}
	return nil
}

func (a *Adapter) tellTooLong() {
	a.log.Warn("telegram: an update was too long to be kept", "account", string(a.account))
}

// nobody is the sender of an update that names none.
const nobody = "nobody"

// name finds an update's key and sender. One without an id is known by what it
// says, so that it can be set aside.
func (a *Adapter) name(raw []byte) bot.Raw {
	r := bot.Raw{Account: a.account, Sender: nobody, Body: raw}
	if id, ok := idOf(raw); ok {
		r.Key = "u" + strconv.FormatInt(id, 10)
	} else {
		sum := sha256.Sum256(raw)
		r.Key = "h" + hex.EncodeToString(sum[:])
	}
	if u, err := decode(raw, a.me); err == nil && u.Sender != "" {
		r.Sender = u.Sender
		if writes(u) {
			a.located(u.Chat)
		}
	}
	return r
}

// writes reports whether somebody wrote or showed something to Ella alone: a
// keyboard that asked for it has then done its work.
func writes(u bot.Update) bool {
	switch u.Kind {
	case bot.TextSent, bot.LocationShared, bot.VoiceSent, bot.Unsupported:
		return u.Group == ""
	}
	return false
}

// idOf is an update's number. One that is not positive, or near the end of all
// numbers, is none: as an offset it would make Telegram forget what waits.
func idOf(raw []byte) (int64, bool) {
	var u struct {
		ID int64 `json:"update_id"`
	}
	if json.Unmarshal(raw, &u) != nil || u.ID < 1 || u.ID > maxUpdate {
		return 0, false
	}
	return u.ID, true
}

// maxUpdate is far above every number of an update: they begin in 31 bits.
const maxUpdate = 1 << 52

// ear knows when Telegram was last heard.
type ear struct {
	mu     sync.Mutex
	loaded bool
	last   time.Time
	stored time.Time
}

// open forgets what this process knew: another one may have received meanwhile.
func (e *ear) open() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.loaded, e.last, e.stored = false, time.Time{}, time.Time{}
}

const (
	// shelfHeard is where it stands when Telegram was last heard, in milliseconds
	// since 1970.
	shelfHeard = "heard"
	// heardEvery is how often that is written.
	heardEvery = 30 * time.Second
	// pressLife is how long Telegram keeps a button press for whoever does not ask;
	// everything else it keeps for 24 hours (github.com/tdlib/telegram-bot-api,
	// Client.cpp).
	pressLife = 150 * time.Second
)

// heard notes that everything that had happened was taken in, and tells of the gap
// before it when presses were lost in that.
func (a *Adapter) heard(ctx context.Context) {
	a.ear.mu.Lock()
	defer a.ear.mu.Unlock()
	now := a.wall()
	if !a.ear.loaded {
		last, err := a.lastHeard(ctx)
		if err != nil {
			a.tellShelf(ctx, err)
			return
		}
		a.ear.loaded, a.ear.last, a.ear.stored = true, last, last
	}
	last := a.ear.last
	a.ear.last = now
	if gap := now.Sub(last); !last.IsZero() && gap > pressLife {
		a.log.Warn("telegram was out of reach for so long that button presses are lost", "account", string(a.account), "took", gap.Round(time.Second))
		if a.away != nil {
			a.away(ctx, last, now)
		}
	}
	if since := now.Sub(a.ear.stored); since >= 0 && since < heardEvery {
		return
	}
	err := a.shelf.Put(ctx, a.account, map[string][]byte{shelfHeard: strconv.AppendInt(nil, now.UnixMilli(), 10)})
	if err != nil {
		a.tellShelf(ctx, err)
		return
	}
	a.ear.stored = now
}

// wall is the time as a clock on the wall shows it. What Telegram forgets while this
// machine sleeps is not in the time that Go measures between two readings.
func (a *Adapter) wall() time.Time { return a.clock.Now().Round(0) }

func (a *Adapter) tellShelf(ctx context.Context, err error) {
	if ctx.Err() == nil {
		a.log.Warn("telegram: when it was last heard can't be kept", "account", string(a.account), "err", err)
	}
}

func (a *Adapter) lastHeard(ctx context.Context) (time.Time, error) {
	return LastHeard(ctx, a.shelf, a.account)
}

// LastHeard is when an account last took in everything that had happened, or zero.
func LastHeard(ctx context.Context, shelf bot.Shelf, account bot.AccountID) (time.Time, error) {
	items, err := shelf.List(ctx, account, shelfHeard)
	if err != nil {
		return time.Time{}, fmt.Errorf("look up when Telegram was last heard: %w", err)
	}
	for _, item := range items {
		if ms, err := strconv.ParseInt(string(item.Value), 10, 64); item.Key == shelfHeard && err == nil {
			return time.UnixMilli(ms).UTC(), nil
		}
	}
	return time.Time{}, nil
}
