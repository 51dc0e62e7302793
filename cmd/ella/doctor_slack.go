package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"ella/adapters/slack"
	"ella/bot"
	"ella/storage"
)

// examineSlack is what the doctor says of Ella on Slack: of the configured workspace, of
// those that the database keeps, and of the app that workspaces install. It changes
// nothing there.
func examineSlack(ctx context.Context, o slackSetup, db *storage.DB, timezone string, report func(ok bool, what, fix string)) error {
	states, err := db.AccountStates(ctx, platformSlack)
	if err != nil {
		return err
	}
	// Several workspaces may have one app, of which everything is said once.
	told := map[string]bool{}
	switch {
	case o.BotToken != "":
		examineWorkspace(ctx, o.Options, configureAgain, told, report)
	case !o.installs() && !slices.ContainsFunc(states, func(s storage.AccountState) bool { return s.On && s.Version != "" }):
		report(true, "Slack: not configured (ELLA_SLACK_BOT_TOKEN is not set)", "")
	}
	zone, err := time.LoadLocation(timezone)
	if err != nil {
		return err
	}
	heard, err := db.AccountsHeard(ctx)
	if err != nil {
		return err
	}
	for _, s := range states {
		if s.On && s.Version != "" {
			if err := examineKept(ctx, o, db, s, told, report); err != nil {
				return err
			}
		}
		report(true, fmt.Sprintf("Slack: account %s is %s, %s, %s", s.ID, standing(s), wayWords(s), lastHeard(heard[s.ID], zone)), "")
	}
	if !o.installs() {
		return nil
	}
	return examineInstalls(ctx, o, db, report)
}

// What to do about a token that is refused.
const (
	configureAgain = "open https://api.slack.com/apps, choose Ella, install her to the workspace again, and set ELLA_SLACK_BOT_TOKEN to the Bot User OAuth Token"
	addAgain       = "install Ella to the workspace again, and add its new Bot User OAuth Token with: ella accounts add slack"
	inviteAgain    = "hand the workspace's administrator a new link: ella accounts invite slack"
)

// examineKept looks at a workspace that the database keeps the tokens of.
func examineKept(ctx context.Context, setup slackSetup, db *storage.DB, s storage.AccountState, told map[string]bool, report func(ok bool, what, fix string)) error {
	kept, err := db.Credentials(ctx, s.ID)
	if errors.Is(err, bot.ErrNotFound) {
		return nil // removed in this moment
	}
	if err != nil {
		return err
	}
	fix := addAgain
	if s.Way == wayOAuth {
		fix = inviteAgain
	}
	if o, unserved := optionsOf(setup, kept.Secret); unserved == nil {
		examineWorkspace(ctx, o, fix, told, report)
	} else {
		report(false, "Slack: account "+string(s.ID)+" is not served: "+unserved.Error(), "then start Ella again")
	}
	return nil
}

// examineInstalls looks at what an installation by OAuth needs.
func examineInstalls(ctx context.Context, o slackSetup, db *storage.DB, report func(ok bool, what, fix string)) error {
	if strings.HasPrefix(o.oauth.Redirect, "https://") {
		report(true, "Slack: workspaces install her by OAuth, if "+o.oauth.Redirect+" stands among the app's Redirect URLs and leads to ELLA_LISTEN", "")
	} else {
		report(false, "Slack: ELLA_SLACK_PUBLIC_URL leads to this machine only", "give Ella an https:// address that browsers reach, and set the variable to it")
	}
	open, err := db.Installs().Open(ctx, time.Now())
	if err != nil {
		return err
	}
	report(true, fmt.Sprintf("Slack: links that can still be used to install her: %d", open), "")
	return nil
}

// examineWorkspace looks at one workspace's tokens. fix is what to do about a bot token
// that is refused; told are the app token or signing secret of each app that was looked at.
func examineWorkspace(ctx context.Context, o slack.Options, fix string, told map[string]bool, report func(ok bool, what, fix string)) {
	found, err := slack.Examine(ctx, o)
	switch {
	case errors.Is(err, slack.ErrRefused):
		report(false, "Slack: the bot token is refused", fix)
		return
	case err != nil:
		report(false, "Slack can't be reached: "+err.Error(), "check this machine's network, HTTPS_PROXY and ELLA_SLACK_API_URL")
		return
	}
	report(true, "Slack: the bot token works, in the workspace "+found.Team, "")
	if len(found.Missing) > 0 {
		report(false, "Slack: the bot token lacks scopes: "+strings.Join(found.Missing, ", "), "bring the app's manifest up to date (adapters/slack/manifest), and install it to the workspace again")
	} else {
		report(true, "Slack: the bot token may do all that Ella needs", "")
	}
	if app := o.AppToken + o.SigningSecret; !told[app] {
		told[app] = true
		examineApp(o, found, report)
	}
}

// examineApp says how the updates of an app come, and how people call it.
func examineApp(o slack.Options, found slack.Checkup, report func(ok bool, what, fix string)) {
	switch {
	case o.AppToken == "":
		report(true, "Slack brings updates to "+slack.PathEvents+", "+slack.PathInteractive+" and "+slack.PathCommands+" on ELLA_LISTEN (HTTP). Whether they arrive only Slack knows: it says so beside the addresses in the app's settings", "")
	case found.AppToken == nil:
		report(true, "Slack: the app token works (Socket Mode)", "")
	case errors.Is(found.AppToken, slack.ErrAppToken):
		report(false, "Slack: the app token is refused", "open https://api.slack.com/apps, choose Ella, and under Basic Information, App-Level Tokens make one with the scope connections:write")
	default:
		report(false, "Slack opens no connection for Socket Mode: "+found.AppToken.Error(), "look whether Socket Mode is switched on in the app's settings")
	}
	report(true, "Slack: people call Ella with "+o.Command+", if the app's manifest says the same", "")
	if off := found.Ahead.Abs(); off > clockLimit {
		way := "ahead of"
		if found.Ahead < 0 {
			way = "behind"
		}
		report(false, fmt.Sprintf("this machine's clock is %s %s Slack's", off, way), "set it, and let it keep itself right (timedatectl set-ntp true). At five minutes every request of Slack's is refused")
	}
}
