package main

import (
	"errors"
	"fmt"
	"os"

	"ella/bot"
	"ella/bot/group"
)

// importCommand brings data in.
type importCommand struct {
	Groups importGroupsCommand `cmd:"" help:"Bring the directory of groups in from a CSV file."`
}

// importGroupsCommand brings the directory in from a CSV file.
type importGroupsCommand struct {
	databaseFlags
	commonFlags
	File         string `arg:"" help:"CSV file (UTF-8). Columns: id, name, about, languages, town, postcode, nationwide, meets, joining, url, closed; about:ar and so on for other languages."`
	Organisation string `help:"Whose groups they are. Not needed while there is just one." placeholder:"NAME"`
	Source       string `default:"csv" help:"Name of where the file comes from; ids of different sources never clash." placeholder:"NAME"`
	DryRun       bool   `help:"Only say what would happen."`
}

// Run implements the command.
func (c *importGroupsCommand) Run(env *environment) (err error) {
	file, err := os.Open(c.File)
	if err != nil {
		return usageError{fmt.Errorf("the file can't be opened: %w", err)}
	}
	defer file.Close()
	db, err := openBeside(env, c.databaseFlags, c.commonFlags)
	if err != nil {
		return err
	}
	defer closeDB(db, &err)
	organisation, err := findOrganisation(env.ctx, db, c.Organisation)
	if errors.Is(err, bot.ErrNotFound) {
		return usageError{errors.New("there is no such organisation yet: make it with: ella invite organiser --organisation NAME")}
	}
	if err != nil {
		return err
	}
	bundle, places, err := load()
	if err != nil {
		return err
	}
	importer := group.Importer{Store: db.Groups(), Places: places, Language: bundle, IDs: newIDs(), Clock: bot.SystemClock{}}
	report, err := importer.Run(env.ctx, group.Import{File: file, Organisation: organisation.ID, Source: c.Source, DryRun: c.DryRun})
	if err != nil {
		return err
	}
	for _, l := range report.Lines {
		if l.Why != "" {
			fmt.Fprintf(env.out, "line %d: refused: %s\n", l.Number, l.Why)
		} else {
			fmt.Fprintf(env.out, "line %d: %s: %s\n", l.Number, l.Change, l.Name)
		}
	}
	fmt.Fprintf(env.out, "%d added, %d changed, %d unchanged, %d refused.\n",
		report.Count(group.Added), report.Count(group.Changed), report.Count(group.Unchanged), report.Count(group.Refused))
	switch {
	case report.Count(group.Refused) > 0:
		return errors.New("nothing was imported: put the refused lines right and run it again")
	case c.DryRun:
		fmt.Fprintln(env.out, "This was a dry run: nothing was changed.")
	}
	return nil
}
