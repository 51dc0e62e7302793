package slack

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Checkup is what Slack says of a bot and of how it receives.
type Checkup struct {
	// Team is the workspace's name, as its people read it.
	Team string
	// Missing are the scopes that Ella needs and was not given.
	Missing []string
	// AppToken says what is wrong with the app token, if one is set: it is refused, or
	// can't be asked about.
	AppToken error
	// Ahead is by how much this machine's clock is ahead of Slack's, to the second.
	Ahead time.Duration
}

// Scopes are what the manifests ask for: what Ella does not work without.
func Scopes() []string {
	return []string{"app_mentions:read", "channels:read", "chat:write", "commands", "files:write", "groups:read", "im:history", "im:write", "users:read"}
}

// Examine asks Slack, for `ella doctor`. A bot token that it does not know is
// ErrRefused. It changes nothing, and takes no update: an address for a connection is
// asked for and left unused.
func Examine(ctx context.Context, o Options) (Checkup, error) {
	o = o.filled()
	var c Checkup
	before := time.Now()
	me, header, err := o.api(o.BotToken).who(ctx)
	after := time.Now()
	if isRefused(err) {
		return c, ErrRefused
	}
	if err != nil {
		return c, err
	}
	c.Team = me.TeamName
	c.Missing = missing(header.Get("X-OAuth-Scopes"))
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		c.Ahead = ahead(before, after, date)
	}
	if o.AppToken != "" {
		ctx, cancel := context.WithTimeout(ctx, shortCall)
		defer cancel()
		var opened struct{}
		_, c.AppToken = o.api(o.AppToken).call(ctx, "apps.connections.open", &opened)
		if isRefused(c.AppToken) {
			c.AppToken = errors.Join(ErrAppToken, c.AppToken)
		}
	}
	return c, nil
}

// missing reads the header by which Slack says what a token may do; without it nothing
// is known to be missing.
func missing(header string) (scopes []string) {
	if header == "" {
		return nil
	}
	var given []string
	for scope := range strings.SplitSeq(header, ",") {
		given = append(given, strings.TrimSpace(scope))
	}
	for _, scope := range Scopes() {
		if !slices.Contains(given, scope) {
			scopes = append(scopes, scope)
		}
	}
	return scopes
}

// ahead is how far a clock that showed before and after around an answer is ahead of
// the one that dated it, by whole seconds.
func ahead(before, after, date time.Time) time.Duration {
	switch {
	case before.After(date.Add(time.Second)): // the date is cut off to the second
		return before.Sub(date).Truncate(time.Second)
	case after.Before(date):
		return -date.Sub(after).Truncate(time.Second)
	}
	return 0
}
