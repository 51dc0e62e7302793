package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"ella/adapters/slack"
	"ella/adapters/telegram"
	"ella/bot"
	"ella/bot/code"
	"ella/storage"
)

// accountsCommand is about the bots and workspaces that Ella serves.
type accountsCommand struct {
	List   accountsListCommand   `cmd:"" default:"withargs" help:"List them, and how they stand."`
	Add    accountsAddCommand    `cmd:"" help:"Serve one more workspace, whose people made an app of their own from Ella's manifest."`
	Invite accountsInviteCommand `cmd:"" help:"Print a one-time link by which a workspace installs the app of ELLA_SLACK_CLIENT_ID."`
	Remove accountsRemoveCommand `cmd:"" help:"Serve one no longer, and delete its tokens."`
}

type accountsListCommand struct {
	databaseFlags
	commonFlags
}

// Run implements the command.
func (c *accountsListCommand) Run(env *environment) (err error) {
	db, err := openBeside(env, c.databaseFlags, c.commonFlags)
	if err != nil {
		return err
	}
	defer closeDB(db, &err)
	zone, err := time.LoadLocation(c.Timezone)
	if err != nil {
		return err
	}
	all, err := db.AllAccountStates(env.ctx)
	if err != nil {
		return err
	}
	titles, err := db.AccountTitles(env.ctx)
	if err != nil {
		return err
	}
	heard, err := db.AccountsHeard(env.ctx)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		fmt.Fprintln(env.out, "There is no account yet. Set ELLA_TELEGRAM_TOKEN or ELLA_SLACK_BOT_TOKEN and run: ella serve; or add a workspace with: ella accounts add slack")
	}
	for _, a := range all {
		title := titles[a.ID]
		if a.Platform == platformTelegram {
			if title, err = telegram.Known(env.ctx, db.Shelf(), a.ID); err != nil {
				return err
			}
		}
		if title == "" {
			title = a.Name
		}
		fmt.Fprintf(env.out, "%s\t%s\t%s\t%s\t%s\t%s\n", a.ID, a.Platform, standing(a), wayWords(a), lastHeard(heard[a.ID], zone), title)
	}
	return nil
}

func standing(a storage.AccountState) string {
	if a.On {
		return "on"
	}
	return "off"
}

// wayWords say how Ella was let into an account.
func wayWords(a storage.AccountState) string {
	switch {
	case a.Way == wayOwn:
		return "its own app"
	case a.Way == wayOAuth:
		return "installed by OAuth"
	case a.On:
		return "by the configuration"
	}
	return "no tokens"
}

func lastHeard(at time.Time, zone *time.Location) string {
	if at.IsZero() {
		return "nothing heard lately"
	}
	return "heard " + at.In(zone).Format("2 January 15:04")
}

// accountsAddCommand adds a workspace with an app of its own. Tokens are never arguments:
// others on this machine could read them there.
type accountsAddCommand struct {
	databaseFlags
	commonFlags
	Platform          string `arg:"" enum:"slack" help:"slack."`
	BotTokenFile      string `env:"ELLA_SLACK_BOT_TOKEN_FILE" help:"File that holds the Bot User OAuth Token, or set ELLA_SLACK_BOT_TOKEN. /dev/stdin is a file too. With one file named, the variables that hold tokens don't count." placeholder:"FILE"`
	AppTokenFile      string `env:"ELLA_SLACK_APP_TOKEN_FILE" help:"File that holds the app-level token, or set ELLA_SLACK_APP_TOKEN: Socket Mode." placeholder:"FILE"`
	SigningSecretFile string `env:"ELLA_SLACK_SIGNING_SECRET_FILE" help:"File that holds the signing secret, or set ELLA_SLACK_SIGNING_SECRET: HTTP." placeholder:"FILE"`
	APIURL            string `name:"api-url" env:"ELLA_SLACK_API_URL" default:"https://slack.com/api" help:"Base of the Web API. Default: ${default}." placeholder:"URL"`
}

// Run implements the command.
func (c *accountsAddCommand) Run(env *environment) (err error) {
	// The variables may be those of the configured workspace: what belongs to one app must
	// not be mixed with another's.
	files := c.BotTokenFile + c.AppTokenFile + c.SigningSecretFile
	o, wrong := slackFlags{
		BotToken: unless(files, "ELLA_SLACK_BOT_TOKEN"), BotTokenFile: c.BotTokenFile,
		AppToken: unless(files, "ELLA_SLACK_APP_TOKEN"), AppTokenFile: c.AppTokenFile,
		SigningSecret: unless(files, "ELLA_SLACK_SIGNING_SECRET"), SigningSecretFile: c.SigningSecretFile,
		Command: "/ella", APIURL: c.APIURL,
	}.options()
	if wrong == nil && o.BotToken == "" {
		wrong = errors.New("there is no bot token: set ELLA_SLACK_BOT_TOKEN, or name its file with --bot-token-file")
	}
	db, err := openBeside(env, c.databaseFlags, c.commonFlags, wrong)
	if err != nil {
		return err
	}
	defer closeDB(db, &err)
	place, err := slack.Whereabouts(env.ctx, o.Options)
	if errors.Is(err, slack.ErrRefused) {
		return usageError{err}
	}
	if err != nil {
		return fmt.Errorf("ask Slack whose token it is: %w", err)
	}
	found, err := slack.Examine(env.ctx, o.Options)
	if err != nil {
		return fmt.Errorf("ask Slack what the token may do: %w", err)
	}
	if found.AppToken != nil {
		return usageError{fmt.Errorf("no connection to Slack: %w", found.AppToken)}
	}
	secret, err := json.Marshal(stored{Version: storedVersion, BotToken: o.BotToken, AppToken: o.AppToken, SigningSecret: o.SigningSecret})
	if err != nil {
		return errors.New("write the tokens down")
	}
	id, err := db.LetIn(env.ctx, storage.Entry{Platform: platformSlack, Name: place.ID, Title: place.Name, Way: wayOwn, Secret: secret})
	if err != nil {
		return err
	}
	fmt.Fprintf(env.out, "Ella serves the workspace %s now, as account %s. A running `ella serve` notices within a few seconds. Its tokens are kept encrypted: delete the copies that you have.\n", place.Name, id)
	return nil
}

// unless is a variable's value, unless there are files.
func unless(file, variable string) string {
	if file != "" {
		return ""
	}
	return os.Getenv(variable)
}

type accountsInviteCommand struct {
	databaseFlags
	commonFlags
	Platform string     `arg:"" enum:"slack" help:"slack."`
	Slack    slackFlags `embed:"" prefix:"slack-"`
}

// Run implements the command.
func (c *accountsInviteCommand) Run(env *environment) (err error) {
	o, wrong := c.Slack.options()
	if wrong == nil && !o.installs() {
		wrong = errors.New("workspaces can't install Ella yet: set ELLA_SLACK_CLIENT_ID, ELLA_SLACK_CLIENT_SECRET and ELLA_SLACK_PUBLIC_URL, as for ella serve (README.md: Several workspaces)")
	}
	db, err := openBeside(env, c.databaseFlags, c.commonFlags, wrong)
	if err != nil {
		return err
	}
	defer closeDB(db, &err)
	made, err := code.New(rand.Reader)
	if err != nil {
		return fmt.Errorf("make a code: %w", err)
	}
	zone, err := time.LoadLocation(c.Timezone)
	if err != nil {
		return err
	}
	now := time.Now()
	expires := now.Add(invitedFor)
	if err := db.Installs().Invite(env.ctx, made, now, expires); err != nil {
		return err
	}
	fmt.Fprintf(env.out, "By this link one workspace installs Ella, once, until %s:\n\n    %s%s?code=%s\n\nGive it to the workspace's administrator, and to nobody else: whoever has it decides which workspace it is. Only a hash of it is kept.\n",
		expires.In(zone).Format("2 January 15:04"), publicBase(c.Slack.PublicURL), pathInstall, made)
	return nil
}

type accountsRemoveCommand struct {
	databaseFlags
	commonFlags
	ID        string     `arg:"" help:"The account, as ella accounts lists it."`
	Yes       bool       `help:"Do it. Without it the command only says what would go."`
	Uninstall bool       `help:"Ask Slack to take Ella out of the workspace too, as far as it does."`
	Slack     slackFlags `embed:"" prefix:"slack-"`
}

// Run implements the command.
func (c *accountsRemoveCommand) Run(env *environment) (err error) {
	o, wrong := c.Slack.options()
	db, err := openBeside(env, c.databaseFlags, c.commonFlags, wrong)
	if err != nil {
		return err
	}
	defer closeDB(db, &err)
	a, err := c.find(env.ctx, db)
	if err != nil {
		return err
	}
	titles, err := db.AccountTitles(env.ctx)
	if err != nil {
		return err
	}
	title := titles[a.ID]
	if title == "" {
		title = a.Name
	}
	if !c.Yes {
		fmt.Fprintf(env.out, "This would end Ella's work in the workspace %s: its tokens are deleted, nobody there can be reached, and who can't be reached elsewhere is forgotten in time. When it is added again before, they can be reached again.\n", title)
		return usageError{errors.New("to do it, add --yes")}
	}
	if c.Uninstall {
		fmt.Fprintln(env.out, c.uninstall(env.ctx, db, a, o))
	}
	jobs, err := storage.NewJobs(db, nil)
	if err != nil {
		return err
	}
	if err := db.TakeOut(env.ctx, a.ID, "", tellsKeepers(jobs)); err != nil {
		return err
	}
	if err := db.Scrub(env.ctx); err != nil && storage.KindOf(err) != storage.Busy {
		return err
	}
	fmt.Fprintf(env.out, "Ella does not serve the workspace %s any more. A running `ella serve` notices within a few seconds, and works what its people had written before.\n", title)
	if a.Version == "" && a.On {
		fmt.Fprintln(env.out, "If its token stands in ELLA_SLACK_BOT_TOKEN, take it out there too: with it the next start serves it again.")
	}
	return nil
}

func (c *accountsRemoveCommand) find(ctx context.Context, db *storage.DB) (storage.AccountState, error) {
	all, err := db.AllAccountStates(ctx)
	if err != nil {
		return storage.AccountState{}, err
	}
	for _, a := range all {
		switch {
		case a.ID != bot.AccountID(c.ID):
		case a.Platform != platformSlack:
			return a, usageError{errors.New("that account is no workspace of Slack's: to serve it no longer, take its token out of the configuration, and start again")}
		default:
			return a, nil
		}
	}
	return storage.AccountState{}, usageError{errors.New("there is no account of that ID: list them with: ella accounts")}
}

// uninstall asks Slack, and says what came of it.
func (c *accountsRemoveCommand) uninstall(ctx context.Context, db *storage.DB, a storage.AccountState, o slackSetup) string {
	const byHand = "An administrator of the workspace can do it under Manage apps."
	kept, err := db.Credentials(ctx, a.ID)
	if err != nil {
		return "Its tokens are not kept here, so Slack was not asked. " + byHand
	}
	own, err := optionsOf(o, kept.Secret)
	if own.BotToken == "" {
		return "Slack was not asked: " + err.Error() + ". " + byHand
	}
	if a.Way == wayOAuth && o.installs() {
		if err = o.oauth.Uninstall(ctx, own.BotToken); err == nil {
			return "Slack has taken Ella out of the workspace."
		}
	}
	if revoked := slack.Revoke(ctx, own); revoked == nil {
		return "Slack has revoked her token there; her app is still listed. " + byHand
	}
	return "Slack did not take her out. " + byHand
}
