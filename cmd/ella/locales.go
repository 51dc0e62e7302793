package main

import (
	"fmt"

	"ella/bot/language"
	"ella/locales"
)

// localesCommand looks at the catalogues.
type localesCommand struct {
	Check localesCheckCommand `cmd:"" help:"Say of each language what is there, what is missing and what is wrong."`
}

// localesCheckCommand prints the state of the catalogues.
type localesCheckCommand struct{}

// Run implements the command.
func (localesCheckCommand) Run(env *environment) error {
	report := language.Check(locales.Files)
	for _, line := range report.Lines {
		fmt.Fprintln(env.out, line)
	}
	return report.Err
}
