package slack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"ella/bot"
)

// ErrTakenOut reports that Ella was taken out of the workspace, or her bot token with
// her.
var ErrTakenOut = errors.New("the workspace took Ella out, or revoked her token: install her again at https://api.slack.com/apps, and start with the new Bot User OAuth Token")

// Receive takes updates in over Socket Mode, or over HTTP where there is no app token.
// It ends with an error that says what to do when Slack refuses a token, when Socket Mode
// was switched off, and when Ella was taken out of the workspace.
//
// Nothing is told of times when Slack was out of reach: what was written then it
// delivers again, and whoever pressed a button was shown that it did not work.
func (a *Adapter) Receive(ctx context.Context, inbox bot.Inbox) error {
	line, leave := a.app.enter(ctx, a, inbox)
	defer leave()
	var failed chan struct{} // never over HTTP
	if line != nil {
		failed = line.failed
	}
	asked, stop := a.reassured(ctx)
	defer stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-failed:
			return line.err
		case err := <-asked:
			if err != nil {
				return err
			}
			asked = nil
		case <-a.ended:
			// Who was taken out and let in again works: of two events and their
			// repetitions the last one may be old.
			if a.isOut(ctx) {
				return ErrTakenOut
			}
		}
	}
}

// reassured asks whether the bot token still works, if Slack could not be reached when the
// adapter was made: that Ella was taken out while she was down, nobody tells her any more.
func (a *Adapter) reassured(ctx context.Context) (asked <-chan error, stop func()) {
	if !a.unsure {
		return nil, func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	answer := make(chan error, 1)
	var wait sync.WaitGroup
	wait.Go(func() {
		trouble := a.newOutage()
		for ctx.Err() == nil {
			_, _, err := a.api.who(ctx)
			switch {
			case isRefused(err):
				answer <- fmt.Errorf("%w (%w)", ErrRefused, err)
				return
			case err == nil:
				answer <- nil
				return
			}
			trouble.wait(ctx, err)
		}
	})
	return answer, func() { cancel(); wait.Wait() }
}

// isOut asks until Slack says whether the bot token still works. It reports false when
// ctx ends.
func (a *Adapter) isOut(ctx context.Context) bool {
	trouble := a.newOutage()
	for ctx.Err() == nil {
		_, _, err := a.api.who(ctx)
		switch {
		case err == nil:
			a.log.Warn("slack says that Ella was taken out, and her token works: she goes on", "account", string(a.account))
			return false
		case Ended(err), isCode(err, "invalid_auth"):
			return true
		}
		// Anything else that is refused may be so for a while only, and who is taken out
		// loses their token.
		trouble.wait(ctx, err)
	}
	return false
}

func (a *Adapter) newOutage() *outage { return &outage{log: a.log, account: a.account} }

// take hands one envelope to the inbox. Nil means that it may be acknowledged.
func (a *Adapter) take(ctx context.Context, inbox bot.Inbox, frame []byte) error {
	frame = pruned(frame)
	n := a.nameOf(frame)
	if n.limited {
		a.log.Warn("slack delivers no more events for this hour: more than 30,000 came. Take events away from the app that Ella's manifest does not name", "account", string(a.account))
	}
	err := inbox.Accept(ctx, bot.Raw{Account: a.account, Key: n.key, Sender: n.sender, Body: frame})
	switch {
	case errors.Is(err, bot.ErrTooLarge):
		a.log.Warn("slack: an update was too long to be kept", "account", string(a.account))
	case err != nil:
		return fmt.Errorf("%w: %w", errNotTaken, err)
	}
	a.noticed(ctx, frame)
	if n.ends {
		select {
		case a.ended <- struct{}{}:
		default: // it is being looked into
		}
	}
	return nil
}

// errNotTaken reports that the inbox refused an update.
var errNotTaken = errors.New("not taken in")

// naming is what is known of an update before it is kept.
type naming struct {
	key, sender string
	ends        bool // Ella was taken out
	limited     bool // Slack delivers too many
}

// nobody is the sender of an update that names none.
const nobody = "nobody"

// nameOf finds an update's key and sender. One without a name of its own is known by what
// it says: envelopes don't count, a repetition comes in another one.
func (a *Adapter) nameOf(frame []byte) naming {
	n := naming{sender: nobody}
	e, ok := open(frame)
	if !ok {
		n.key = digest("h", frame)
		return n
	}
	n.key = digest("h", e.Payload)
	switch e.Type {
	case typeEvents:
		n.event(e.Payload)
	case typeInteractive:
		n.interaction(e.Payload)
	case typeCommands:
		var c wireCommand
		if json.Unmarshal(e.Payload, &c) == nil {
			n.known("c", c.Trigger)
		}
	}
	if u, ok := a.decode(e); ok && u.Sender != "" {
		n.sender = u.Sender
	}
	return n
}

func (n *naming) event(payload []byte) {
	var o wireOuter
	if json.Unmarshal(payload, &o) != nil {
		return
	}
	n.known("e", o.ID)
	switch o.Event.Type {
	case "app_uninstalled":
		n.ends = true
	case "tokens_revoked":
		n.ends = len(o.Event.revoked.Tokens.Bot) > 0
	}
	n.limited = o.Type == "app_rate_limited"
}

func (n *naming) interaction(payload []byte) {
	var i wireInteraction
	if json.Unmarshal(payload, &i) != nil {
		return
	}
	switch {
	case len(i.Actions) > 0 && i.Actions[0].At != "":
		n.known("a", i.User.ID, string(i.Actions[0].At))
	case i.View != nil && i.View.ID != "":
		n.known("v", i.Type, i.View.ID, i.View.Hash)
	default:
		n.known("t", i.User.ID, i.Trigger)
	}
}

// known names an update by what names it for Slack, unless that is missing.
func (n *naming) known(kind string, parts ...string) {
	last := parts[len(parts)-1]
	if last != "" {
		n.key = digest(kind, []byte(strings.Join(parts, "\n")))
	}
}

func digest(kind string, b []byte) string {
	sum := sha256.Sum256(b)
	return kind + hex.EncodeToString(sum[:])
}
