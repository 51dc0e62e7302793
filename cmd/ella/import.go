package main

import (
	"errors"
	"fmt"
	"io/fs"
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
	File         string `arg:"" help:"CSV file (UTF-8). Columns: id, name, about, languages, needs, town, postcode, nationwide, meets, joining, url, closed; about:ar and so on for other languages."`
	Organisation string `help:"Whose groups they are. Not needed while there is just one." placeholder:"NAME"`
	Source       string `default:"csv" help:"Name of where the file comes from; ids of different sources never clash. Default: ${default}." placeholder:"NAME"`
	DryRun       bool   `help:"Only say what would happen."`
}

// Run implements the command.
func (c *importGroupsCommand) Run(env *environment) (err error) {
	file, err := os.Open(c.File)
	if err != nil {
		return usageError{fmt.Errorf("%s can't be opened (%w): check its name and whether you may read it", c.File, systemReason(err))}
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return usageError{fmt.Errorf("%s is a folder: name the CSV file in it", c.File)}
	}
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

// systemReason is what the system says about a file, without its name.
func systemReason(err error) error {
	if named, ok := errors.AsType[*fs.PathError](err); ok {
		return named.Err
	}
	return err
}
