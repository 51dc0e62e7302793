package main

import (
	"fmt"

	"ella/storage"
)

// migrateCommand brings the tables up to this version.
type migrateCommand struct {
	databaseFlags
	commonFlags
}

// Run implements the command.
func (c *migrateCommand) Run(env *environment) error {
	options, err := c.check(c.fault())
	if err != nil {
		return err
	}
	open, err := c.options(newLog(env.errout, c.Log, options))
	if err != nil {
		return err
	}
	if err := storage.Migrate(env.ctx, open); err != nil {
		return err
	}
	fmt.Fprintln(env.out, "The database is up to date.")
	return nil
}
