// Package slack is Ella in Slack workspaces (https://docs.slack.dev): an Adapter is one
// workspace, with its bot token, and an App is what its updates come by, which is the
// workspace's own, made from a manifest, or one that several installed.
//
// Receiving is its own, over Socket Mode or over HTTP: what Slack delivers is handed to
// the inbox before it is acknowledged. Only sending goes through the library, as a
// typed client.
package slack

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"strings"

	"ella/adapters/wire"
	"ella/bot"
)

// Options is what an Adapter needs.
type Options struct {
	// Account is the row of the account, whose name is Workspace's.
	Account bot.AccountID
	// BotToken is the one that begins with xoxb-.
	BotToken string
	// AppToken begins with xapp- and has the scope connections:write. With it Ella
	// receives over Socket Mode: no port is open to the outside.
	AppToken string
	// SigningSecret is what Slack signs its requests with. Ella receives through Handler
	// when it is there and AppToken is not.
	SigningSecret string
	// App is what the workspace's updates come by, in place of AppToken and SigningSecret:
	// one that several workspaces installed. Nil means one of its own, made of those.
	App *App
	// APIURL is the base of the Web API, such as https://slack.com/api, without a slash
	// at its end. Empty means Slack's own.
	APIURL string
	// Command is the slash command by which people call Ella, with the slash. Empty
	// means /ella. Every workspace has one namespace for those of all its apps.
	Command string
	// InChannel are the words of commands that are about the channel in which they are
	// given. All others are answered in private, wherever they are typed.
	InChannel []string
	// Rate is how many alerts a second are sent; 0 lifts the limit.
	Rate float64
	// Shelf keeps who the bot is. Required.
	Shelf bot.Shelf
	// Clock is the machine's when nil. Signatures are held against it.
	Clock bot.Clock
	// Log gets no text, no name, no chat and no token. Nil means none.
	Log *slog.Logger
	// Transport carries all requests. Nil means connections of this machine, and its
	// proxy (HTTPS_PROXY) if it has one.
	Transport http.RoundTripper
}

const (
	// apiURL is the base of Slack's own Web API.
	apiURL = "https://slack.com/api"
	// defaultCommand is the slash command of the manifests.
	defaultCommand = "/ella"
)

// Adapter is one bot in one workspace. It is safe for concurrent use.
type Adapter struct {
	*sender

	account bot.AccountID
	log     *slog.Logger
	api     api
	me      identity
	// unsure: Slack could not be reached, and me is as it was at the last start.
	unsure    bool
	inChannel []string
	can       bot.Capabilities

	app *App
	// ended is told when somebody says that Ella was taken out of the workspace.
	ended chan struct{}
}

var (
	_ bot.Adapter      = (*Adapter)(nil)
	_ bot.Pages        = (*Adapter)(nil)
	_ bot.Windows      = (*Adapter)(nil)
	_ bot.Acquaintance = (*Adapter)(nil)
)

// Connect finds out who the bot is. If Slack can't be reached it goes on with what was
// known at the last start; at the first start it tries until ctx ends. A token that
// Slack does not know is ErrRefused.
func Connect(ctx context.Context, o Options) (*Adapter, error) {
	o = o.filled()
	a := &Adapter{
		account: o.Account, log: o.Log, api: o.api(o.BotToken), inChannel: o.InChannel, ended: make(chan struct{}, 1), app: o.App,
	}
	var err error
	if a.app == nil {
		if a.app, err = NewApp(o); err != nil {
			return nil, err
		}
	}
	if a.me, a.unsure, err = identify(ctx, o); err != nil {
		return nil, err
	}
	a.can = capabilities(o, a.app)
	a.sender = newSender(o)
	a.app.sit(a)
	return a, nil
}

// Former is an adapter of a workspace that Ella was taken out of, by what is remembered of
// it: it reads what waits to be worked, and receives nothing; Slack refuses what it sends.
// bot.ErrNotFound where nothing is remembered. It asks Slack nothing.
func Former(ctx context.Context, o Options) (*Adapter, error) {
	o = o.filled()
	me, err := remembered(ctx, o.Shelf, o.Account)
	if err == nil && me.Team == "" {
		err = bot.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	a := &Adapter{account: o.Account, log: o.Log, api: o.api(o.BotToken), me: me, inChannel: o.InChannel, ended: make(chan struct{}, 1), sender: newSender(o)}
	a.app = &App{clock: o.Clock, log: o.Log, seats: map[bot.AccountID]*seat{}}
	a.can = capabilities(o, a.app)
	return a, nil
}

func (o Options) filled() Options {
	if o.Clock == nil {
		o.Clock = bot.SystemClock{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Command = cmp.Or(o.Command, defaultCommand)
	o.APIURL = o.base()
	return o
}

// base is the address that methods stand behind.
func (o Options) base() string { return cmp.Or(strings.TrimSuffix(o.APIURL, "/"), apiURL) }

// api is a client of its own for these options.
func (o Options) api(token string) api {
	transport := o.Transport
	if transport == nil {
		transport = wire.NewTransport()
	}
	return newAPI(o.base(), token, transport)
}

// Team is the workspace's name, as its people read it.
func (a *Adapter) Team() string { return a.me.TeamName }

// Capabilities states what Slack can do.
func (a *Adapter) Capabilities() bot.Capabilities { return a.can }

// capabilities has no StartLink: there are links that open the conversation with an app
// (https://docs.slack.dev/interactivity/deep-linking), and none of them brings a payload
// along, so that an invitation's code would be lost without a word. Nor can a link bring
// Ella into a channel: people write /invite there.
func capabilities(o Options, p *App) bot.Capabilities {
	return bot.Capabilities{
		Platform: "Slack", TakesBack: takesBack, GroupChats: true, Begins: true, Forms: true, Files: true, Edit: true, Pictures: true,
		ButtonRow: buttonRow, Buttons: maxButtons, MessageUnits: maxUnits,
		// Slack deals what people do out among all connections of an app. That one
		// process holds them keeps a person's messages in order, and lets it see when a
		// forgotten program takes its share.
		OneReceiver: p.sockets != nil, AlertsPerSecond: o.Rate,
	}
}
