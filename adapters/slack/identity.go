package slack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"ella/bot"
)

// identity is who Ella is in a workspace, as auth.test answers
// (https://docs.slack.dev/reference/methods/auth.test).
type identity struct {
	Team string `json:"team_id"`
	// Enterprise is the organisation of a Grid that the workspace belongs to, if any.
	Enterprise string `json:"enterprise_id"`
	TeamName   string `json:"team"`
	User       string `json:"user_id"` // whom people mention and write to
	Bot        string `json:"bot_id"`
	// Mark tells by which token that was known. Not Slack's.
	Mark string `json:"mark,omitempty"`
}

// ErrRefused reports that Slack does not know the bot token, or no longer does.
var ErrRefused = errors.New("the bot token is refused by Slack: open https://api.slack.com/apps, choose Ella, install her to the workspace again, and start with the Bot User OAuth Token that stands under OAuth & Permissions")

// Ended reports an error by which Slack says that an installation is over: Ella was taken
// out, or her token revoked. Of anything else that is refused it may think better.
func Ended(err error) bool {
	d, ok := errors.AsType[*denial](err)
	return errors.Is(err, ErrTakenOut) || ok && (d.code == "account_inactive" || d.code == "token_revoked")
}

// IsBotToken reports whether a text has the form of a bot token.
func IsBotToken(token string) bool { return hasForm(token, "xoxb-") }

// IsAppToken reports whether a text has the form of an app-level token.
func IsAppToken(token string) bool { return hasForm(token, "xapp-") }

func hasForm(token, kind string) bool {
	rest, ok := strings.CutPrefix(token, kind)
	return ok && len(rest) >= 10 && len(rest) <= 255 && strings.Trim(rest, tokenLetters) == ""
}

const tokenLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-."

// Workspace is the id of the workspace that a bot token belongs to, which is the name of
// its account. accounts are those that may be it: when one of them was known by this
// token at the last start, Slack is not asked. Else it is asked until ctx ends, or
// refuses the token: ErrRefused.
func Workspace(ctx context.Context, o Options, accounts ...bot.AccountID) (string, error) {
	for _, account := range accounts {
		if me, err := remembered(ctx, o.Shelf, account); err != nil {
			return "", err
		} else if me.Mark == markOf(o.BotToken) {
			return me.Team, nil
		}
	}
	me, _, err := ask(ctx, o.filled(), identity{})
	return me.Team, err
}

// Place is a workspace that a bot token is of.
type Place struct{ ID, Name string }

// Whereabouts asks Slack once which workspace a bot token is of. One that it does not
// know is ErrRefused.
func Whereabouts(ctx context.Context, o Options) (Place, error) {
	me, _, err := o.filled().api(o.BotToken).who(ctx)
	if isRefused(err) {
		err = fmt.Errorf("%w (%w)", ErrRefused, err)
	}
	return Place{me.Team, me.TeamName}, err
}

// shelfIdentity is where the identity is remembered.
const shelfIdentity = "identity"

// shortCall is how long a call may take.
const shortCall = 15 * time.Second

// identify asks Slack who the token's bot is. While Slack can't be reached, what was
// remembered will do, and unsure says so; without that it goes on asking until ctx ends.
func identify(ctx context.Context, o Options) (me identity, unsure bool, err error) {
	known, err := remembered(ctx, o.Shelf, o.Account)
	if err != nil {
		return known, false, err
	}
	if known.Mark != markOf(o.BotToken) {
		known = identity{}
	}
	me, unsure, err = ask(ctx, o, known)
	if err != nil || me == known {
		return me, unsure, err
	}
	value, err := json.Marshal(me)
	if err != nil {
		return me, false, err
	}
	if err := o.Shelf.Put(ctx, o.Account, map[string][]byte{shelfIdentity: value}); err != nil {
		return me, false, fmt.Errorf("remember who the bot is: %w", err)
	}
	return me, false, nil
}

// ask asks Slack until it answers. When it can't be reached, known will do if it is
// anybody, and unsure says so.
func ask(ctx context.Context, o Options, known identity) (me identity, unsure bool, err error) {
	trouble := outage{log: o.Log, account: o.Account}
	for ctx.Err() == nil {
		me, _, err := o.api(o.BotToken).who(ctx)
		switch {
		case err == nil:
			trouble.over()
			me.Mark = markOf(o.BotToken)
			return me, false, nil
		case isRefused(err):
			return identity{}, false, fmt.Errorf("%w (%w)", ErrRefused, err)
		case known.Team != "":
			o.Log.Warn("slack can't be reached: going on as at the last start", "account", string(o.Account), "err", err)
			return known, true, nil
		}
		trouble.wait(ctx, err)
	}
	return identity{}, false, fmt.Errorf("ask who the bot is: %w", ctx.Err())
}

// who asks once. The header says what the token may do.
func (c api) who(ctx context.Context) (me identity, header http.Header, err error) {
	ctx, cancel := context.WithTimeout(ctx, shortCall)
	defer cancel()
	header, err = c.call(ctx, "auth.test", &me)
	if err == nil && (me.Team == "" || me.User == "" || me.Bot == "") {
		err = errors.New("auth.test: it names no bot in a workspace")
	}
	return me, header, err
}

// markOf tells tokens apart. A token can't be found by it: it has far too many bits.
func markOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// remembered is the identity of the last start; the zero one if there was none.
func remembered(ctx context.Context, shelf bot.Shelf, account bot.AccountID) (identity, error) {
	var me identity
	items, err := shelf.List(ctx, account, shelfIdentity)
	if err != nil {
		return me, fmt.Errorf("look up who the bot is: %w", err)
	}
	for _, item := range items {
		// What can't be read is not known.
		if known := (identity{}); item.Key == shelfIdentity && json.Unmarshal(item.Value, &known) == nil {
			me = known
		}
	}
	return me, nil
}

// has reports whether a workspace, or an organisation of several, is this bot's: what
// comes from another one, and who belongs to another one, is a stranger's. Slack leaves
// it out of much that can be from nowhere else.
func (me identity) has(team string) bool {
	return team == "" || team == me.Team || me.Enterprise != "" && team == me.Enterprise
}
