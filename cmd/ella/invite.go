package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"ella/bot"
	"ella/bot/code"
	"ella/bot/group"
	"ella/storage"
)

// inviteCommand prints a code that gives a role once.
type inviteCommand struct {
	databaseFlags
	commonFlags
	Telegram     telegramFlags `embed:"" prefix:"telegram-"`
	SlackCommand string        `env:"ELLA_SLACK_COMMAND" default:"/ella" help:"The slash command by which people call Ella on Slack. Default: ${default}." placeholder:"/NAME"`
	Role         string        `arg:"" enum:"organiser,leader,guardian" help:"organiser, leader, or guardian: whom complaints and the young reach."`
	Organisation string        `help:"Whose. Made if it is new. Not needed while there is just one." placeholder:"NAME"`
	Group        string        `help:"The group that a leader answers for: its id in the file it was imported from, or its name." placeholder:"GROUP"`
}

// Run implements the command.
func (c *inviteCommand) Run(env *environment) (err error) {
	onIt, wrong := c.Telegram.options()
	faults := []error{wrong}
	if c.Role == string(bot.Leader) && c.Group == "" {
		faults = append(faults, errors.New("a leader answers for a group: add --group with its id or name"))
	}
	if c.Role != string(bot.Leader) && c.Group != "" {
		faults = append(faults, errors.New("only a leader has a group: leave --group out"))
	}
	db, err := openBeside(env, c.databaseFlags, c.commonFlags, faults...)
	if err != nil {
		return err
	}
	defer closeDB(db, &err)
	organisation, isNew, err := c.organisation(env.ctx, db)
	if err != nil {
		return err
	}
	given := bot.Role{Kind: bot.RoleKind(c.Role), Organisation: organisation.ID}
	who := "an organiser of " + organisation.Name
	switch given.Kind {
	case bot.Guardian:
		who = "the person for complaints of " + organisation.Name
	case bot.Leader:
		g, err := findGroup(env.ctx, db, organisation, c.Group)
		if err != nil {
			return err
		}
		given.Group = g.ID
		who = "a leader of " + g.Name
	}
	made, err := code.New(rand.Reader)
	if err != nil {
		return fmt.Errorf("make a code: %w", err)
	}
	now := time.Now()
	expires := now.Add(code.Life)
	err = db.Write(env.ctx, func(ctx context.Context, tx bot.Tx) error {
		if isNew {
			if err := db.Members().AddOrganisation(ctx, tx, organisation); err != nil {
				return err
			}
		}
		return db.Roles().AddInvite(ctx, tx, made, given, "", now, expires)
	})
	if err != nil {
		return err
	}
	if isNew {
		fmt.Fprintf(env.out, "A NEW organisation was made: %s. If that is a slip of the pen, nobody has seen it yet: newcomers are asked about it from now on.\n", organisation.Name)
	}
	zone, err := time.LoadLocation(c.Timezone)
	if err != nil {
		return err
	}
	// No second organiser confirms it: whoever runs this command holds the database.
	fmt.Fprintf(env.out, "This makes one person %s. It works once, until %s:\n\n    /join %s\n\nGive it to them in person or by phone. They write it to Ella in their own chat. Only a hash of it is kept.\n",
		who, expires.In(zone).Format("15:04"), code.Show(made))
	links, err := startLinks(env.ctx, db, onIt, bot.Arrival{Code: made})
	if err != nil {
		return err
	}
	for _, link := range links {
		fmt.Fprintf(env.out, "\nOr they open this on Telegram and press Start. Whoever has the link has the code:\n\n    %s\n", link)
	}
	if there, err := db.Accounts(env.ctx, platformSlack); err != nil {
		return err
	} else if len(there) > 0 {
		fmt.Fprintf(env.out, "\nOn Slack they type this, in any channel; nobody else sees it:\n\n    %s join %s\n", c.SlackCommand, code.Show(made))
	}
	return nil
}

// organisation finds the one that is meant, or prepares a new one.
func (c *inviteCommand) organisation(ctx context.Context, db *storage.DB) (bot.Organisation, bool, error) {
	o, err := findOrganisation(ctx, db, c.Organisation)
	if !errors.Is(err, bot.ErrNotFound) {
		return o, false, err
	}
	if c.Organisation == "" {
		return o, false, usageError{errors.New("there is no organisation yet: name the first one with --organisation")}
	}
	return bot.Organisation{ID: bot.OrganisationID(newIDs().New()), Name: strings.TrimSpace(c.Organisation), Zone: c.Timezone}, true, nil
}

// findOrganisation finds one by name; no name means the only one.
func findOrganisation(ctx context.Context, db *storage.DB, name string) (bot.Organisation, error) {
	all, err := db.Members().Organisations(ctx)
	if err != nil {
		return bot.Organisation{}, err
	}
	var names []string
	for _, o := range all {
		if strings.EqualFold(o.Name, strings.TrimSpace(name)) || (name == "" && len(all) == 1) {
			return o, nil
		}
		names = append(names, o.Name)
	}
	if name == "" && len(all) > 1 {
		return bot.Organisation{}, usageError{fmt.Errorf("there are several organisations, say which with --organisation: %s", strings.Join(names, ", "))}
	}
	return bot.Organisation{}, bot.ErrNotFound
}

// findGroup finds one of an organisation's groups by its id in its file or its name.
func findGroup(ctx context.Context, db *storage.DB, o bot.Organisation, asked string) (group.Group, error) {
	all, err := db.Groups().All(ctx)
	if err != nil {
		return group.Group{}, err
	}
	var found []group.Group
	for _, g := range all {
		if g.Organisation == o.ID && (g.ForeignID == asked || strings.EqualFold(g.Name, strings.TrimSpace(asked))) {
			found = append(found, g)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return group.Group{}, usageError{fmt.Errorf("%s has no group %q: check the spelling, or bring the directory in with: ella import groups FILE", o.Name, asked)}
	}
	return group.Group{}, usageError{fmt.Errorf("%s has several groups called %q: use the id from the file", o.Name, asked)}
}
