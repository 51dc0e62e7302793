package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"time"

	"ella/bot"
)

// tries is how often an update is tried before it is parked.
const tries = 3

// finish works one update until it is done, parked, or the engine stops.
func (e *Engine) finish(w Waiting) {
	for wait := 50 * time.Millisecond; ; wait = min(wait*2, 5*time.Second) {
		err := e.once(w)
		if err == nil {
			return
		}
		if errors.Is(err, errEnded) || e.run.Err() != nil {
			return
		}
		if !e.unavailable(err) {
			reason := reasonOf(err)
			w.Attempts++
			park := w.Attempts >= tries
			e.Log.Warn("update failed", "reason", string(reason), "attempt", w.Attempts, "parked", park, "err", err)
			ferr := e.fail(w, reason, park)
			if ferr == nil && park || errors.Is(ferr, errEnded) {
				return
			}
		} else {
			e.Log.Warn("the database takes no writes; trying again", "err", err)
		}
		select {
		case <-e.run.Done():
			return
		case <-time.After(wait):
		}
	}
}

// unavailable reports whether it is the database that could not do it for now, a
// commit that ran out of time included: then the update is not to blame, and it
// must not be set aside for it.
func (e *Engine) unavailable(err error) bool {
	return e.Store.Unavailable(err) || reasonOf(err) == NotStored && errors.Is(err, context.DeadlineExceeded)
}

// errEnded says that the update was ended before, by whoever had it.
var errEnded = errors.New("engine: update already ended")

// failure carries a closed reason; its text is safe to log.
type failure struct {
	reason Reason
	err    error
}

func (f *failure) Error() string { return string(f.reason) + ": " + f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

func reasonOf(err error) Reason {
	if f, ok := errors.AsType[*failure](err); ok {
		return f.reason
	}
	return NotStored
}

// once computes the update's outcome outside any transaction and commits it.
// When somebody changed the same conversation meanwhile it computes again.
func (e *Engine) once(w Waiting) error {
	adapter, ok := e.Adapters.Of(w.Account)
	if !ok {
		return &failure{NoAccount, errors.New("account is not served here")}
	}
	update, err := e.decode(adapter, w.Body)
	if err != nil {
		return &failure{Unreadable, bot.ErrUnreadable}
	}
	if typist, ok := adapter.(bot.Typist); ok && update.Group == "" && !quiet(update.Kind) {
		timer := time.AfterFunc(typingAfter, func() {
			ctx, cancel := context.WithTimeout(e.run, 5*time.Second)
			defer cancel()
			typist.Typing(ctx, update.Chat)
		})
		defer timer.Stop()
	}
	attempt := e.attempt
	switch {
	case update.Group != "":
		attempt = e.attemptInGroup
	case update.Kind == bot.PageOpened:
		attempt = e.look
	case update.Kind == bot.ProfileChanged:
		attempt = e.noteProfile
	}
	for n := range crowd {
		err = attempt(w, adapter, update)
		if !errors.Is(err, bot.ErrConflict) {
			return err
		}
		// Many want to change the same thing: each time at least one of them gets
		// through, so whoever comes back a little apart does too.
		select {
		case <-e.run.Done():
			return err
		case <-time.After(rand.N(time.Duration(min(n, 20)+1) * time.Millisecond)):
		}
	}
	return &failure{NotStored, fmt.Errorf("commit: %w", err)}
}

// crowd is how often an update is computed again because somebody else changed the
// same thing meanwhile, before that counts as a failed try.
const crowd = 200

// decode reads an update. One over which the adapter panics is as unreadable as
// any other.
func (e *Engine) decode(a bot.Adapter, body []byte) (u bot.Update, err error) {
	defer func() {
		if recover() != nil {
			e.Log.Error("an adapter panicked", "stack", string(debug.Stack()))
			u, err = bot.Update{}, bot.ErrUnreadable
		}
	}()
	return a.Decode(body)
}

// timeToCompute bounds one attempt: a step may read the database for a while but not
// for ever.
const timeToCompute = 20 * time.Second

// typingAfter is how long an answer may take before the platform shows that one
// is on its way. Nearly all take a few milliseconds.
const typingAfter = 300 * time.Millisecond

func (e *Engine) attempt(w Waiting, adapter bot.Adapter, update bot.Update) error {
	ctx, cancel := context.WithTimeout(e.run, timeToCompute)
	defer cancel()
	person, conversation, err := e.Store.Person(ctx, w.Account, update.Sender)
	isNew := errors.Is(err, bot.ErrNotFound)
	switch {
	case isNew:
		if !saysNothing(update.Kind) {
			update = acquaint(ctx, adapter, update)
		}
		person = e.newPerson(w.Account, update)
		conversation = Conversation{}
	case err != nil:
		return &failure{NotStored, fmt.Errorf("load member: %w", err)}
	}
	turn := e.turn(w.Account, person, conversation.Step, update, adapter)
	outcome, err := e.compute(ctx, turn, e.route)
	if err != nil {
		return err
	}
	outcome.Replies = append(outcome.Replies, takesBack(update, adapter)...)
	var queued []bot.Queued
	err = e.Store.Write(ctx, func(ctx context.Context, tx bot.Tx) error {
		queued = nil // a unit may run again
		if err := e.end(ctx, tx, w); err != nil {
			return err
		}
		if update.Kind == bot.Other || (isNew && saysNothing(update.Kind)) {
			return nil // nothing is kept of somebody who has not written, or is forgotten
		}
		if err := e.arrive(ctx, tx, person, update, conversation.Seen, isNew); err != nil {
			return err
		}
		var err error
		queued, err = e.write(ctx, tx, person, conversation, outcome)
		return err
	})
	if err != nil {
		return err
	}
	e.Outbox.Send(queued)
	if update.Press != "" {
		e.Outbox.Notice(w.Account, update.Chat, update.Press, outcome.Notice, outcome.NoticeLink)
	}
	e.showMenu(ctx, w.Account, person, update, adapter, len(outcome.Changes) > 0)
	e.showViews(ctx, w.Account, turn, adapter, outcome)
	return nil
}

// write writes what a turn has brought: its changes, where the conversation stands by
// now, and the replies.
func (e *Engine) write(ctx context.Context, tx bot.Tx, p bot.Person, c Conversation, o bot.Outcome) ([]bot.Queued, error) {
	for _, change := range o.Changes {
		if err := change(ctx, tx); err != nil {
			return nil, err
		}
	}
	if step, changed := e.next(p.Member, c.Step, o); changed {
		if err := e.Store.Converse(ctx, tx, p.Member.ID, step, c.Version); err != nil {
			return nil, err
		}
	}
	return e.Store.Queue(ctx, tx, p.Address, o.Replies)
}

// saysNothing reports what nobody begins a conversation with. Whoever was forgotten
// can still change what they had written before.
func saysNothing(kind bot.UpdateKind) bool {
	return kind == bot.ChatBlocked || kind == bot.ChatUnblocked || kind == bot.TextChanged || quiet(kind)
}

// quiet reports what is never answered in the conversation.
func quiet(kind bot.UpdateKind) bool {
	return kind == bot.Other || kind == bot.PageOpened || kind == bot.ProfileChanged
}

// timeToAsk bounds what the platform is asked of somebody new: they wait for it.
const timeToAsk = 2 * time.Second

// acquaint adds to the first update of somebody what their platform knows of them: a
// language, which only orders the picker, and a zone.
func acquaint(ctx context.Context, a bot.Adapter, u bot.Update) bot.Update {
	acquaintance, ok := a.(bot.Acquaintance)
	if !ok {
		return u
	}
	ctx, cancel := context.WithTimeout(ctx, timeToAsk)
	defer cancel()
	hints := acquaintance.Hints(ctx, u.Sender)
	if u.LocaleHint == "" {
		u.LocaleHint = hints.Locale
	}
	if u.Zone == "" {
		u.Zone = hints.Zone
	}
	return u
}

// known is a zone that times can be shown in; empty for any other.
func known(zone string) string {
	if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
		return "" // Local would be this machine's
	}
	return zone
}

func (e *Engine) newPerson(account bot.AccountID, u bot.Update) bot.Person {
	id := bot.MemberID(e.IDs.New())
	return bot.Person{
		Member:  bot.Member{ID: id, State: bot.Active, Zone: cmp.Or(known(u.Zone), e.Zone)},
		Address: bot.Address{ID: bot.AddressID(e.IDs.New()), Account: account, Member: id, Chat: u.Chat},
	}
}

// arrive writes what the update says about the member themselves.
func (e *Engine) arrive(ctx context.Context, tx bot.Tx, p bot.Person, u bot.Update, seen, isNew bool) error {
	if isNew {
		if err := e.Store.Join(ctx, tx, p, u.Sender); err != nil {
			return err
		}
	}
	if u.Kind == bot.ChatBlocked {
		return e.Store.Unreachable(ctx, tx, p.Address.ID, bot.Blocked)
	}
	switch {
	case isNew:
		return nil
	case seen:
		return e.Store.Present(ctx, tx, p.Member.ID)
	}
	return e.Store.Seen(ctx, tx, p)
}

// next is the step to store, and whether that changes anything. Whoever does
// something else in the middle of the first minute is met there again afterwards.
func (e *Engine) next(m bot.Member, now *bot.Step, o bot.Outcome) (*bot.Step, bool) {
	switch {
	case o.Next == nil && o.Done:
		if now == nil {
			return nil, false
		}
		return now.Under, true
	case o.Next == nil:
		return now, false
	}
	step := *o.Next
	if _, first := early(m); first && now != nil && step.Room != e.Home.Name() {
		if step.Under = now.Under; now.Room == e.Home.Name() {
			step.Under = now
		}
	}
	return &step, true
}

// router finds who answers. It returns the room's name too, whose own events it
// does not hear again.
type router func(ctx context.Context, t bot.Turn) (bot.Outcome, string, error)

// compute runs the step and then, in every other room, the events that it
// caused. A room that panics fails this update only.
func (e *Engine) compute(ctx context.Context, t bot.Turn, route router) (out bot.Outcome, err error) {
	defer func() {
		if r := recover(); r != nil {
			// The value may hold a person's words: only the stack is logged.
			e.Log.Error("a room panicked", "stack", string(debug.Stack()))
			out, err = bot.Outcome{}, &failure{Panicked, errors.New("a room panicked")}
		}
	}()
	out, room, err := route(ctx, t)
	if err != nil {
		if errors.Is(err, bot.ErrConflict) {
			return bot.Outcome{}, err
		}
		return bot.Outcome{}, &failure{RoomFailed, err}
	}
	pending := caused(nil, room, out)
	for depth := 0; len(pending) > 0; depth++ {
		if depth > 16 {
			return bot.Outcome{}, &failure{RoomFailed, errors.New("events go round in circles")}
		}
		h := pending[0]
		pending = pending[1:]
		t = after(t, h.event)
		for _, r := range e.Rooms {
			if r.Name() == h.room {
				continue
			}
			more, err := r.On(ctx, t, h.event)
			if err != nil {
				return bot.Outcome{}, &failure{RoomFailed, fmt.Errorf("event: %w", err)}
			}
			pending = caused(pending, r.Name(), more)
			out.Add(more)
		}
	}
	return out, nil
}

// happening is an event and the room that caused it, which does not hear of it.
type happening struct {
	room  string
	event bot.Event
}

func caused(pending []happening, room string, out bot.Outcome) []happening {
	for _, event := range out.Events {
		pending = append(pending, happening{room, event})
	}
	return pending
}

// after is the turn as it stands once an event has happened.
func after(t bot.Turn, e bot.Event) bot.Turn {
	switch e := e.(type) {
	case bot.LanguageChosen:
		t.Locale, t.Person.Member.Locale = e.Locale, e.Locale
	case bot.PlaceChosen:
		t.Person.Member.Sector, t.Person.Member.Outcode = e.Sector, e.Outcode
	case bot.SaidYes:
		if e.Organisation != "" && !t.Person.Belongs(e.Organisation) {
			t.Person.Organisations = append(slices.Clone(t.Person.Organisations), e.Organisation)
		}
	}
	return t
}

func (e *Engine) turn(account bot.AccountID, p bot.Person, step *bot.Step, u bot.Update, a bot.Adapter) bot.Turn {
	t := bot.Turn{
		Account: account, Person: p, Update: u, Step: step, Now: e.Clock.Now(),
		Locale: p.Member.Locale, Can: a.Capabilities(), Commands: e.commandsFor(p),
	}
	if t.Locale == "" {
		t.Locale = e.Language.Resolve(u.LocaleHint).Locale
	}
	return t
}
