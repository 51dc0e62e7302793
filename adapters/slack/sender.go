package slack

import (
	"context"
	"log/slog"
	"net/url"
	"strings"

	library "github.com/slack-go/slack"

	"ella/adapters/halves"
	"ella/adapters/wire"
	"ella/bot"
)

// sender is the sending half of an Adapter. It is safe for concurrent use.
type sender struct {
	account bot.AccountID
	log     *slog.Logger
	client  *wire.Client
	library *library.Client
	pace    pace
	uploads *uploads
	halves  halves.Halves[string, standing]
	windows *modals
	// addresses and turns are for edits.
	addresses *addresses
	turns     *turns
	command   string
	base      string // of the Web API
	// hosts are those that an answer to a press may go to.
	hosts []string
}

func newSender(o Options) *sender {
	o = o.filled()
	transport := o.Transport
	if transport == nil {
		transport = wire.ForSends(wire.NewTransport())
	}
	c := wire.NewClient(o.BotToken, transport, sendFor)
	s := &sender{
		account: o.Account, log: o.Log, client: c, library: newLibrary(o.base(), o.BotToken, c),
		pace: newPace(o.Rate), uploads: newUploads(), windows: newModals(), addresses: newAddresses(), turns: newTurns(), command: o.Command, base: o.base(), hosts: []string{"https://hooks.slack.com"},
	}
	if base, err := url.Parse(o.base()); err == nil && o.base() != apiURL {
		s.hosts = append(s.hosts, base.Scheme+"://"+base.Host)
	}
	return s
}

// call makes one call when its gate lets it through, and says what became of it. What the
// library says of it is not asked. It reports false when the call was not made, since a
// newer one about the same is.
func (s *sender) call(ctx context.Context, g *gate, about string, bulk bool, call func(ctx context.Context)) (answer, bool, *bot.SendError) {
	if made, err := g.enter(ctx, about, bulk); !made {
		return answer{}, false, err
	}
	ctx, o := wire.Observe(ctx)
	call(ctx)
	a, err := judge(o)
	if err != nil && err.Kind == bot.Throttled {
		g.refused(err.RetryAfter)
		err.ChatOnly = g != nil && !g.account
	}
	return a, true, err
}

// delivery is how a message goes where it goes.
type delivery struct {
	// chat is a person's id, which Slack takes for the conversation with them, or a
	// channel's.
	chat          string
	bulk, preview bool
}

// takesAnswers reports whether an address is one that Slack takes answers at. It came
// from outside.
func (s *sender) takesAnswers(address string) bool {
	for _, host := range s.hosts {
		if strings.HasPrefix(address, host+"/") {
			return true
		}
	}
	return false
}
