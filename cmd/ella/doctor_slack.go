package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"ella/adapters/slack"
)

// examineSlack is what the doctor says of Ella on Slack. It changes nothing there.
func examineSlack(ctx context.Context, o slack.Options, report func(ok bool, what, fix string)) {
	if o.BotToken == "" {
		report(true, "Slack: not configured (ELLA_SLACK_BOT_TOKEN is not set)", "")
		return
	}
	found, err := slack.Examine(ctx, o)
	switch {
	case errors.Is(err, slack.ErrRefused):
		report(false, "Slack: the bot token is refused", "open https://api.slack.com/apps, choose Ella, install her to the workspace again, and set ELLA_SLACK_BOT_TOKEN to the Bot User OAuth Token")
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
