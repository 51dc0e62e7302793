package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ella/adapters/slack"
	"ella/bot"
	"ella/storage"
)

// platformSlack is what the rows of its accounts are called.
const platformSlack = "slack"

// slackFlags say which bot Ella is on Slack, how she receives and how fast she sends.
type slackFlags struct {
	BotToken          string  `env:"ELLA_SLACK_BOT_TOKEN" help:"Bot User OAuth Token of Ella's app, xoxb-. Others on this machine can read a flag: rather use the variable or the file." placeholder:"TOKEN"`
	BotTokenFile      string  `env:"ELLA_SLACK_BOT_TOKEN_FILE" help:"File that holds the bot token." placeholder:"FILE"`
	AppToken          string  `env:"ELLA_SLACK_APP_TOKEN" help:"App-level token with the scope connections:write, xapp-: Ella receives over Socket Mode, without an open port." placeholder:"TOKEN"`
	AppTokenFile      string  `env:"ELLA_SLACK_APP_TOKEN_FILE" help:"File that holds the app token." placeholder:"FILE"`
	SigningSecret     string  `env:"ELLA_SLACK_SIGNING_SECRET" help:"Signing secret of the app: without an app token Slack brings updates to /slack/ on ELLA_LISTEN." placeholder:"SECRET"`
	SigningSecretFile string  `env:"ELLA_SLACK_SIGNING_SECRET_FILE" help:"File that holds the signing secret." placeholder:"FILE"`
	ClientID          string  `name:"client-id" env:"ELLA_SLACK_CLIENT_ID" help:"Client ID of an app that several workspaces install (OAuth): make links for them with: ella accounts invite slack." placeholder:"ID"`
	ClientSecret      string  `env:"ELLA_SLACK_CLIENT_SECRET" help:"Client secret of that app." placeholder:"SECRET"`
	ClientSecretFile  string  `env:"ELLA_SLACK_CLIENT_SECRET_FILE" help:"File that holds the client secret." placeholder:"FILE"`
	PublicURL         string  `name:"public-url" env:"ELLA_SLACK_PUBLIC_URL" help:"Where browsers reach ELLA_LISTEN, such as https://ella.example.org, for those who install that app." placeholder:"URL"`
	Command           string  `env:"ELLA_SLACK_COMMAND" default:"/ella" help:"The slash command in the app's manifest. Default: ${default}." placeholder:"/NAME"`
	Rate              float64 `env:"ELLA_SLACK_RATE" default:"3" help:"Alerts a second; 0 lifts the limit, and Slack then refuses many. Default: ${default}." placeholder:"NUMBER"`
	APIURL            string  `name:"api-url" env:"ELLA_SLACK_API_URL" default:"https://slack.com/api" help:"Base of the Web API. Default: ${default}." placeholder:"URL"`
}

// slackSetup is how Ella is on Slack by her configuration: in one workspace if there is a
// bot token, and in those that install the app if there is a client.
type slackSetup struct {
	slack.Options
	oauth slack.OAuth
}

// installs reports that workspaces can install the app.
func (s slackSetup) installs() bool { return s.oauth.ClientID != "" }

// configured reports that there is an app by which updates come.
func (s slackSetup) configured() bool { return s.AppToken+s.SigningSecret != "" }

// options are what the adapter needs of the flags. The error is all that is wrong.
func (f slackFlags) options() (slackSetup, error) {
	o := slackSetup{Options: slack.Options{APIURL: f.APIURL, Command: f.Command, Rate: f.Rate, InChannel: []string{"connect"}}}
	var faults []error
	read := func(to *string, name, value, file string) {
		var err error
		*to, err = secret(name, value, file)
		faults = append(faults, err)
	}
	read(&o.BotToken, "ELLA_SLACK_BOT_TOKEN", f.BotToken, f.BotTokenFile)
	read(&o.AppToken, "ELLA_SLACK_APP_TOKEN", f.AppToken, f.AppTokenFile)
	read(&o.SigningSecret, "ELLA_SLACK_SIGNING_SECRET", f.SigningSecret, f.SigningSecretFile)
	if o.BotToken != "" && !slack.IsBotToken(o.BotToken) {
		faults = append(faults, errors.New("ELLA_SLACK_BOT_TOKEN is no bot token: copy the Bot User OAuth Token whole from OAuth & Permissions, it begins with xoxb-"))
	}
	if o.AppToken != "" && !slack.IsAppToken(o.AppToken) {
		faults = append(faults, errors.New("ELLA_SLACK_APP_TOKEN is no app token: copy it whole from Basic Information, App-Level Tokens, it begins with xapp-"))
	}
	faults = append(faults, f.client(&o.oauth), f.together(o))
	if name, ok := strings.CutPrefix(f.Command, "/"); !ok || name == "" || len(name) > 31 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		faults = append(faults, fmt.Errorf("ELLA_SLACK_COMMAND=%q is no command: use a slash and small letters, such as /ella, and the same in the app's manifest", f.Command))
	}
	// Not a number is neither.
	if !(f.Rate >= 0 && f.Rate <= 1000) {
		faults = append(faults, fmt.Errorf("ELLA_SLACK_RATE=%v is no rate: use a number from 0 to 1000, or leave it at 3", f.Rate))
	}
	if _, err := checkURL("ELLA_SLACK_API_URL", f.APIURL); err != nil {
		faults = append(faults, err)
	}
	return o, errors.Join(faults...)
}

// together reports values that don't go with each other.
func (f slackFlags) together(o slackSetup) error {
	// Read all the same when it stands in a file that can't be read: that was told.
	installs := f.ClientID+f.ClientSecret+f.ClientSecretFile+f.PublicURL != ""
	noBot, noWay := f.BotToken+f.BotTokenFile == "", f.AppToken+f.AppTokenFile+f.SigningSecret+f.SigningSecretFile == ""
	switch {
	case noBot && !noWay && !installs:
		return errors.New("ELLA_SLACK_APP_TOKEN or ELLA_SLACK_SIGNING_SECRET is set and ELLA_SLACK_BOT_TOKEN is not: set the bot token too, or none of them")
	case installs && noWay:
		return errors.New("ELLA_SLACK_CLIENT_ID is set and Ella can't receive: set the app's ELLA_SLACK_APP_TOKEN too (Socket Mode), or ELLA_SLACK_SIGNING_SECRET (HTTP)")
	case !noBot && noWay:
		return errors.New("ELLA_SLACK_BOT_TOKEN is set and Ella can't receive: set ELLA_SLACK_APP_TOKEN too (Socket Mode), or ELLA_SLACK_SIGNING_SECRET (HTTP)")
	case o.AppToken != "" && o.SigningSecret != "":
		return errors.New("ELLA_SLACK_APP_TOKEN and ELLA_SLACK_SIGNING_SECRET are both set, and Slack delivers one way only: keep the app token for Socket Mode, or the secret for HTTP")
	}
	return nil
}

// The paths of an installation by OAuth.
const (
	pathInstall = "/slack/install"
	pathOAuth   = "/slack/oauth"
)

// client reads what an app needs that several workspaces install.
func (f slackFlags) client(o *slack.OAuth) error {
	o.ClientID, o.APIURL = f.ClientID, f.APIURL
	var err error
	o.ClientSecret, err = secret("ELLA_SLACK_CLIENT_SECRET", f.ClientSecret, f.ClientSecretFile)
	faults := []error{err}
	var missing []string
	for name, value := range map[string]string{
		"ELLA_SLACK_CLIENT_ID": f.ClientID, "ELLA_SLACK_CLIENT_SECRET": f.ClientSecret + f.ClientSecretFile, "ELLA_SLACK_PUBLIC_URL": f.PublicURL,
	} {
		if value == "" {
			missing = append(missing, name)
		}
	}
	if slices.Sort(missing); len(missing) > 0 && len(missing) < 3 {
		faults = append(faults, fmt.Errorf("%s not set: for an app that several workspaces install, set ELLA_SLACK_CLIENT_ID, ELLA_SLACK_CLIENT_SECRET and ELLA_SLACK_PUBLIC_URL, or none of them", strings.Join(missing, " and ")))
	}
	if f.ClientID != "" && strings.Trim(f.ClientID, "0123456789.") != "" {
		faults = append(faults, errors.New("ELLA_SLACK_CLIENT_ID is no client ID: copy it from Basic Information, App Credentials; it is two numbers with a dot between"))
	}
	if f.PublicURL != "" {
		u, err := checkURL("ELLA_SLACK_PUBLIC_URL", f.PublicURL)
		if err == nil && strings.Trim(u.Path, "/") != "" {
			err = errors.New("ELLA_SLACK_PUBLIC_URL has a path: leave it out, such as https://ella.example.org; Ella adds " + pathInstall + " and " + pathOAuth)
		}
		faults = append(faults, err)
		o.Redirect = publicBase(f.PublicURL) + pathOAuth
	}
	return errors.Join(faults...)
}

// publicBase is the address that browsers reach, without a slash at its end.
func publicBase(address string) string { return strings.TrimRight(address, "/") }

// onSlack connects the account of the configured bot token. At the first start with a
// token it waits until Slack has said which workspace it is of.
func onSlack(ctx context.Context, o slack.Options, db *storage.DB) (bot.AccountID, *slack.Adapter, error) {
	before, err := db.Accounts(ctx, platformSlack)
	if err != nil {
		return "", nil, fmt.Errorf("look up the accounts of Slack: %w", err)
	}
	var accounts []bot.AccountID
	for _, account := range before {
		accounts = append(accounts, account.ID)
	}
	o.Shelf = db.Shelf()
	workspace, err := slack.Workspace(ctx, o, accounts...)
	if err != nil {
		return "", nil, slackError(err)
	}
	if o.Account, err = db.Account(ctx, platformSlack, workspace); err != nil {
		return "", nil, fmt.Errorf("make the account of Slack: %w", err)
	}
	adapter, err := slack.Connect(ctx, o)
	if err != nil {
		return o.Account, nil, slackError(err)
	}
	_, err = db.LetIn(ctx, storage.Entry{Platform: platformSlack, Name: workspace, Title: adapter.Team()})
	return o.Account, adapter, err
}

func slackError(err error) error {
	if errors.Is(err, slack.ErrRefused) {
		return usageError{fmt.Errorf("ELLA_SLACK_BOT_TOKEN: %w", err)}
	}
	return err
}
