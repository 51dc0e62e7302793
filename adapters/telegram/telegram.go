// Package telegram is Ella's account on Telegram: a bot that @BotFather made, over
// the Bot API (https://core.telegram.org/bots/api).
//
// Receiving is its own: raw updates are handed to the inbox one by one before they
// are acknowledged. Only sending goes through the library, as a typed client.
package telegram

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"ella/bot"
)

// Options is what an Adapter needs.
type Options struct {
	// Account is the row of the account, whose name is BotID's.
	Account bot.AccountID
	// Token is the bot's, as BotFather gave it.
	Token string
	// APIURL is the base of the Bot API, without a slash at its end. Empty means
	// Telegram's own.
	APIURL string
	// WebhookURL is where Telegram reaches Handler from outside, https; with it comes
	// WebhookSecret, 1 to 256 of A-Z, a-z, 0-9, _ and -. Empty means long polling.
	WebhookURL, WebhookSecret string
	// Rate is how many alerts a second are sent; 0 lifts the limit.
	Rate float64
	// Shelf keeps who the bot is, when it was last heard and which pictures were
	// uploaded. Required.
	Shelf bot.Shelf
	// Presence is how Ella looks, by language. The first one is everybody's whose
	// language is not among them. It is called when Receive begins; nil, or none, leaves
	// everything as it is.
	Presence func() []Presence
	// Away, when set, is told that Telegram was out of reach from one instant to
	// another for so long that button presses were lost. It may block for as long as
	// the database needs, and may be told of the same silence again after a crash.
	Away func(ctx context.Context, from, to time.Time)
	// Clock is the machine's when nil.
	Clock bot.Clock
	// Log gets no text, no name, no chat and no token. Nil means none.
	Log *slog.Logger
	// PollTimeout is how long a request for updates may stay open that finds none:
	// at most 50 s, which is what 0 means.
	PollTimeout time.Duration
	// Transport carries all requests. Nil means connections of this machine, and its
	// proxy (HTTPS_PROXY) if it has one.
	Transport http.RoundTripper
}

// apiURL is the base of Telegram's own Bot API.
const apiURL = "https://api.telegram.org"

// Adapter is one bot. It is safe for concurrent use.
type Adapter struct {
	*sender

	account bot.AccountID
	id      string // the bot's, as the token has it
	shelf   bot.Shelf
	clock   bot.Clock
	log     *slog.Logger
	api     api
	me      identity
	can     bot.Capabilities

	pollTimeout time.Duration
	presence    func() []Presence
	away        func(ctx context.Context, from, to time.Time)
	ear         ear
	webhook     *webhook
}

var _ bot.Adapter = (*Adapter)(nil)

// Connect finds out who the bot is. If Telegram can't be reached it goes on with what
// was known at the last start; at the first start it tries until ctx ends. A token
// that Telegram does not know is ErrRefused.
func Connect(ctx context.Context, o Options) (*Adapter, error) {
	id, ok := BotID(o.Token)
	if !ok {
		return nil, errors.New("telegram: this is no token of a bot")
	}
	if o.Clock == nil {
		o.Clock = bot.SystemClock{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.PollTimeout <= 0 || o.PollTimeout > pollTimeout {
		o.PollTimeout = pollTimeout
	}
	a := &Adapter{
		account: o.Account, id: id, shelf: o.Shelf, clock: o.Clock, log: o.Log, api: o.api(),
		pollTimeout: o.PollTimeout, presence: o.Presence, away: o.Away,
		webhook: newWebhook(o.WebhookURL, o.WebhookSecret),
	}
	var err error
	if a.me, err = a.identify(ctx); err != nil {
		return nil, err
	}
	a.can = capabilities(a.me, o)
	a.sender = newSender(o)
	return a, nil
}

// api is a client of its own for these options.
func (o Options) api() api {
	transport := o.Transport
	if transport == nil {
		transport = newTransport()
	}
	return newAPI(o.base(), o.Token, transport)
}

// base is the address that methods stand behind, without the token.
func (o Options) base() string { return cmp.Or(strings.TrimSuffix(o.APIURL, "/"), apiURL) }

// Username is the bot's, without the @.
func (a *Adapter) Username() string { return a.me.Username }

// Capabilities states what Telegram can do.
func (a *Adapter) Capabilities() bot.Capabilities { return a.can }

func capabilities(me identity, o Options) bot.Capabilities {
	return bot.Capabilities{
		Platform: "Telegram", StartLink: StartLink(me.Username), GroupChats: true, GroupLink: "https://t.me/" + me.Username + "?startgroup={}",
		TakesBack: takesBack, Files: true, Edit: true, Pictures: true, Location: true,
		ButtonRow: buttonRow, Buttons: maxButtons, MessageUnits: maxUnits,
		OneReceiver: o.WebhookURL == "", AlertsPerSecond: o.Rate,
	}
}

// takesBack is how old a message may be that a bot takes away
// (https://core.telegram.org/bots/api#deletemessage).
const takesBack = 48 * time.Hour
