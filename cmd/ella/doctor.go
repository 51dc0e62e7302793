package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
)

// doctorCommand checks what exists so far and says what to do.
type doctorCommand struct {
	databaseFlags
	commonFlags
	Telegram telegramServeFlags `embed:"" prefix:"telegram-"`
	Slack    slackFlags         `embed:"" prefix:"slack-"`
}

// Run implements the command.
func (c *doctorCommand) Run(env *environment) (err error) {
	bad := 0
	report := func(ok bool, what, fix string) {
		mark := "ok   "
		if !ok {
			mark = "look "
			bad++
		}
		fmt.Fprintf(env.out, "%s %s\n", mark, what)
		if !ok && fix != "" {
			fmt.Fprintf(env.out, "      → %s\n", fix)
		}
	}
	onIt, wrong := c.Telegram.options()
	inSlack, wrongThere := c.Slack.options()
	if _, err := c.check(c.fault(), wrong, wrongThere); err != nil {
		return err
	}
	bundle, _, err := load()
	if err != nil {
		report(false, "the catalogues or places in this program are faulty", err.Error())
	} else {
		report(true, fmt.Sprintf("%d languages have a catalogue", len(bundle.Locales())), "")
	}
	if !c.isPostgres() {
		if _, err := os.Stat(c.Database); errors.Is(err, os.ErrNotExist) {
			report(false, "there is no database at "+c.Database, "start with: ella try, or make one with: ella migrate")
			return errLook
		}
	}
	db, err := openBeside(env, c.databaseFlags, c.commonFlags)
	if err != nil {
		report(false, "the database can't be opened", err.Error())
		return errLook
	}
	defer closeDB(db, &err)
	report(true, "the database opens and the key fits", "")
	found, err := db.Checkup(env.ctx)
	if err != nil {
		return err
	}
	report(true, fmt.Sprintf("organisations: %d, groups: %d", found.Organisations, found.Groups), "")
	if found.Organisations == 0 {
		report(false, "nobody can write to anybody yet: there is no organisation", "begin with: ella invite organiser --organisation NAME")
	}
	report(true, fmt.Sprintf("updates waiting: %d, alerts being sent: %d", found.Waiting, found.RunningAlerts), "")
	for _, reason := range slices.Sorted(maps.Keys(found.Parked)) {
		report(false, fmt.Sprintf("updates set aside after three tries: %d (%s)", found.Parked[reason], reason), parkedFix(reason))
	}
	if found.UnknownReplies > 0 {
		report(true, fmt.Sprintf("replies that may not have arrived, since the platform's answer was lost: %d", found.UnknownReplies), "")
	}
	if found.UnknownCopies > 0 {
		report(true, fmt.Sprintf("copies of alerts that may not have arrived, as their authors can see: %d", found.UnknownCopies), "")
	}
	if err := examineTelegram(env.ctx, onIt, db, report); err != nil {
		return err
	}
	if err := examineSlack(env.ctx, inSlack, db, c.Timezone, report); err != nil {
		return err
	}
	if bad > 0 {
		return errLook
	}
	return nil
}

// errLook says that the doctor found something.
var errLook = errors.New("something needs you: do what stands beside the arrows, then ask the doctor again")

func parkedFix(reason string) string {
	switch reason {
	case "unreadable":
		return "a platform sent something of an unknown shape; it is kept. Report it with the version of Ella"
	case "no-account":
		return "they came for an account that this Ella does not serve; configure it and start again"
	}
	return "a fault in Ella; the updates are kept. Look in the log for the reason and report it with the version of Ella"
}
