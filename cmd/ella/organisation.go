package main

import (
	"errors"
	"fmt"
	"strings"

	"ella/storage"
)

// organisationCommand is about whole organisations.
type organisationCommand struct {
	List   organisationListCommand   `cmd:"" help:"List the organisations and how they stand."`
	Pause  organisationPauseCommand  `cmd:"" help:"Take one out of everything for now: nothing more of it goes out."`
	Resume organisationResumeCommand `cmd:"" help:"Let a paused one back in."`
	Remove organisationRemoveCommand `cmd:"" help:"Remove one with everything it holds. This can't be undone."`
}

type organisationListCommand struct {
	databaseFlags
	commonFlags
}

// Run implements the command.
func (c *organisationListCommand) Run(env *environment) (err error) {
	db, err := openBeside(env, c.databaseFlags, c.commonFlags)
	if err != nil {
		return err
	}
	defer closeDB(db, &err)
	all, err := db.Members().Standings(env.ctx)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		fmt.Fprintln(env.out, "There is no organisation yet. Make the first one with: ella invite organiser --organisation NAME")
	}
	for _, o := range all {
		fmt.Fprintf(env.out, "%s\t%s\n", o.State, o.Name)
	}
	return nil
}

// named is the organisation that a command is about.
type named struct {
	databaseFlags
	commonFlags
	Name string `arg:"" help:"The organisation's name."`
}

// find opens the database and finds the organisation, paused ones too.
func (n *named) find(env *environment) (*storage.DB, storage.Standing, error) {
	db, err := openBeside(env, n.databaseFlags, n.commonFlags)
	if err != nil {
		return nil, storage.Standing{}, err
	}
	all, err := db.Members().Standings(env.ctx)
	for _, o := range all {
		if strings.EqualFold(o.Name, strings.TrimSpace(n.Name)) {
			return db, o, nil
		}
	}
	if err == nil {
		err = usageError{errors.New("there is no organisation of that name: list them with: ella organisation list")}
	}
	closeDB(db, &err)
	return nil, storage.Standing{}, err
}

type organisationPauseCommand struct{ named }

// Run implements the command.
func (c *organisationPauseCommand) Run(env *environment) (err error) {
	return c.pause(env, true, "%s is paused: nothing more of it goes out, and nobody can write for it. Let it back in with: ella organisation resume\n")
}

type organisationResumeCommand struct{ named }

// Run implements the command.
func (c *organisationResumeCommand) Run(env *environment) (err error) {
	return c.pause(env, false, "%s is back. What was being sent when it was paused is not sent again.\n")
}

func (n *named) pause(env *environment, pause bool, done string) (err error) {
	db, o, err := n.find(env)
	if err != nil {
		return err
	}
	defer closeDB(db, &err)
	if err := db.Members().Pause(env.ctx, o.ID, pause); err != nil {
		return err
	}
	fmt.Fprintf(env.out, done, o.Name)
	return nil
}

type organisationRemoveCommand struct {
	named
	Yes bool `help:"Do it. Without it the command only says what would go."`
}

// Run implements the command.
func (c *organisationRemoveCommand) Run(env *environment) (err error) {
	db, o, err := c.find(env)
	if err != nil {
		return err
	}
	defer closeDB(db, &err)
	if !c.Yes {
		fmt.Fprintf(env.out, "This would remove %s with its groups, roles, messages and their copies, actions and answers, complaints, and who belongs to it.\nIt can't be undone. Members stay, for they may belong to others.\n", o.Name)
		return usageError{errors.New("to do it, add --yes")}
	}
	err = db.Members().RemoveOrganisation(env.ctx, o.ID)
	if err == nil {
		err = db.Scrub(env.ctx)
	}
	if err != nil {
		return fmt.Errorf("%w (what is left goes when the command is run again)", err)
	}
	fmt.Fprintf(env.out, "%s is removed, with everything it held.\n", o.Name)
	return nil
}
