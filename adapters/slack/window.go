package slack

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	library "github.com/slack-go/slack"

	"ella/bot"
	"ella/bot/message"
)

// Slack lets a window be opened for three seconds after a press, once, and by nobody who
// was not pressed (https://docs.slack.dev/interactivity/handling-user-interaction). That
// is no time to look anything up in, so it is opened when the press is taken in, says
// that it takes a moment, and is filled once the press was acted on. It goes by a name of
// our own, made of the press alone: whoever reads the press later knows it.

const (
	// openFor is how long it is tried to open a window.
	openFor = 3 * time.Second
	// atOnce is how many are being opened at a time.
	atOnce = 32
	// settleFor is how long after a form was acknowledged its window is left alone: the
	// acknowledgement says what stands there meanwhile, and must not come after what is
	// to stay.
	settleFor = 500 * time.Millisecond
	// lateTries and lateAfter are how often, and how long after each other, a window is
	// looked for that another process may be opening.
	lateTries = 4
	lateAfter = 500 * time.Millisecond
	// maxWindows and windowLife bound what is remembered.
	maxWindows = 1024
	windowLife = time.Hour

	codeNoView = "not_found"
	// codeOpen is that of a window that stands there already, by another process that got
	// the same press.
	codeOpen = "duplicate_external_id"
)

// modals are the windows, as Slack calls them, that this process opened, or acknowledged, not long ago.
type modals struct {
	mu   sync.Mutex
	all  map[string]*modal
	busy chan struct{}
}

// modal is one of them.
type modal struct {
	at time.Time
	// opened is closed once it is known whether it stands there; gone says that it does
	// not.
	opened chan struct{}
	gone   bool
	// settled is from when on it may be filled.
	settled time.Time
}

func newModals() *modals {
	return &modals{all: map[string]*modal{}, busy: make(chan struct{}, atOnce)}
}

// begin is a window that is to be opened. It reports false when it was already.
func (w *modals) begin(name string) (*modal, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if known := w.all[name]; known != nil {
		return known, false
	}
	w.sweep()
	one := &modal{at: time.Now(), opened: make(chan struct{})}
	w.all[name] = one
	return one, true
}

// acknowledged tells of a window whose form was sent just now.
func (w *modals) acknowledged(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sweep()
	one := &modal{at: time.Now(), opened: make(chan struct{}), settled: time.Now().Add(settleFor)}
	close(one.opened)
	w.all[name] = one
}

// of is a window of this process; nil if it is none.
func (w *modals) of(name string) *modal {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.all[name]
}

// sweep forgets the oldest if there are too many. w.mu is held.
func (w *modals) sweep() {
	if len(w.all) < maxWindows {
		return
	}
	oldest, at := "", time.Now()
	for name, one := range w.all {
		if time.Since(one.at) > windowLife {
			delete(w.all, name)
		} else if one.at.Before(at) {
			oldest, at = name, one.at
		}
	}
	if len(w.all) >= maxWindows {
		delete(w.all, oldest)
	}
}

// window is the name of the window that goes with an interaction: the one that opens with
// it, or the one that it came from; empty where there is none.
func (i *wireInteraction) window(me identity) string {
	switch {
	case i.isOn(viewModal) && isID(i.View.ID):
		return i.View.ID
	case i.asks(me):
		return digest("w", []byte(strings.Join([]string{me.Team, i.User.ID, i.Trigger}, "\n")))
	}
	return ""
}

// asks reports whether a window is to be opened at once.
func (i *wireInteraction) asks(me identity) bool {
	switch {
	case i.Trigger == "" || !isID(i.User.ID) || i.isStranger(me) || i.isOn(viewModal):
		return false
	case i.Type == "block_actions":
		return len(i.Actions) > 0 && strings.HasPrefix(string(i.Actions[0].ID), formPress)
	}
	return i.command() != ""
}

// noticed does what can't wait until an update is acted on, once that is kept: it opens
// the window that a press asks for, and remembers where a press can be answered. It does
// not block.
func (a *Adapter) noticed(ctx context.Context, frame []byte) {
	e, ok := open(frame)
	if !ok || e.Type != typeInteractive {
		return
	}
	var i wireInteraction
	if json.Unmarshal(e.Payload, &i) != nil {
		return
	}
	if i.asks(a.me) {
		a.open(ctx, i.window(a.me), i.Trigger)
	}
	if i.isForm() {
		a.windows.acknowledged(i.View.ID)
	}
	if channel := i.channel(); i.Type == "block_actions" && !i.Container.Ephemeral && i.Container.Message.isSound() && a.takesAnswers(i.Response) {
		a.addresses.keep(channel+":"+string(i.Container.Message), i.Response)
	}
}

// open has a window opened, beside everything else: the press is acknowledged meanwhile.
// Who brought it over HTTP does not wait for the answer, so that it outlives ctx, but not
// by more than openFor.
func (s *sender) open(ctx context.Context, name, trigger string) {
	w, mine := s.windows.begin(name)
	if !mine {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), openFor)
	go func() {
		defer cancel()
		defer close(w.opened)
		select {
		case s.windows.busy <- struct{}{}:
			defer func() { <-s.windows.busy }()
		case <-ctx.Done():
			w.gone = true
			return
		}
		_, _, err := s.call(ctx, s.pace.open, name, false, func(ctx context.Context) {
			_, _ = s.library.OpenViewContext(ctx, trigger, waitingView(name))
		})
		if err != nil && err.Kind != bot.Unclear && err.Code != codeOpen {
			w.gone = true
			s.log.Debug("slack: a window did not open", "account", string(s.account), "kind", string(err.Kind), "code", err.Code)
		}
	}()
}

// waitingView is a window that takes a moment. Nothing is known yet of who looks at it, so
// there are no words on it that would be in one language.
func waitingView(name string) library.ModalViewRequest {
	return library.ModalViewRequest{
		Type: library.VTModal, Title: plainText(untitled), ExternalID: name, CallbackID: "waiting",
		Blocks: library.Blocks{BlockSet: []library.Block{
			library.NewRichTextBlock("", library.NewRichTextSection(library.NewRichTextSectionTextElement("⏳", nil))),
		}},
	}
}

// isForm reports a form of Ella's that was sent.
func (i *wireInteraction) isForm() bool {
	return i.Type == "view_submission" && i.View != nil && i.View.Callback == formCallback && isID(i.View.ID)
}

// answerTo is what an envelope is acknowledged with besides that it was kept: the window
// of a form would close, and what is wrong with the form could not be said in it any
// more, so that it waits. Nil for all else.
func answerTo(frame []byte) []byte {
	e, ok := open(frame)
	if !ok || e.Type != typeInteractive || e.ID != "" && !e.Accepts {
		return nil
	}
	var i wireInteraction
	if json.Unmarshal(e.Payload, &i) != nil || !i.isForm() {
		return nil
	}
	answer, err := json.Marshal(library.NewUpdateViewSubmissionResponse(new(waitingView(""))))
	if err != nil {
		return nil
	}
	return answer
}

// answerHTTP writes what answerTo has, in the place of an empty answer.
func answerHTTP(w http.ResponseWriter, frame []byte) {
	if answer := answerTo(frame); answer != nil {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(answer)
	}
}

// Fill shows a form in a window that waits. A window that did not open, or that was
// closed, is Gone.
func (s *sender) Fill(ctx context.Context, _, window string, form message.Form) error {
	view, err := LowerForm(form, s.command)
	if err != nil {
		return err
	}
	known := s.windows.of(window)
	if failed := known.wait(ctx); failed != nil {
		return failed
	}
	id, external := window, ""
	if !isID(window) {
		id, external = "", window
		view.ExternalID = window // it keeps its name, in case it is filled again
	}
	for try := 0; ; try++ {
		_, _, failed := s.call(ctx, s.pace.fill, window, false, func(ctx context.Context) {
			_, _ = s.library.UpdateViewContext(ctx, view, external, "", id)
		})
		if known != nil || external == "" || try == lateTries || failed == nil || failed.Code != codeNoView {
			return failed.OrNil()
		}
		if !pause(ctx, lateAfter) {
			return sendError(bot.NotSent, "waiting")
		}
	}
}

// wait waits until a window can be filled. One of another process can be tried at once.
func (w *modal) wait(ctx context.Context) *bot.SendError {
	if w == nil {
		return nil
	}
	select {
	case <-w.opened:
	case <-ctx.Done():
		return sendError(bot.NotSent, "waiting")
	}
	if w.gone {
		return sendError(bot.Gone, codeNoView)
	}
	if !pause(ctx, time.Until(w.settled)) {
		return sendError(bot.NotSent, "waiting")
	}
	return nil
}

// pause waits, and reports false when ctx ended before.
func pause(ctx context.Context, wait time.Duration) bool {
	if wait <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
