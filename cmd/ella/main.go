// Command ella runs the organising bot: see README.md. This is the only place
// that reads configuration, wires parts together, prints and exits.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // the zones of members must not depend on the machine

	"github.com/alecthomas/kong"
)

// Exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() { os.Exit(runUntilSignal(os.Args[1:])) }

// runUntilSignal runs the program until it ends or somebody interrupts it; a
// second interrupt ends it at once.
func runUntilSignal(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return run(ctx, args, os.Stdout, os.Stderr)
}

// commands is the command line. Every flag has its variable.
type commands struct {
	Try          tryCommand          `cmd:"" help:"Try Ella on this machine: chats in the browser, sample data, no account."`
	Serve        serveCommand        `cmd:"" help:"Run Ella for the accounts that are configured."`
	Invite       inviteCommand       `cmd:"" help:"Print a one-time code that makes somebody an organiser or a leader."`
	Import       importCommand       `cmd:"" help:"Bring data in from a file."`
	Organisation organisationCommand `cmd:"" help:"List organisations, pause one, or remove one with everything it holds."`
	Accounts     accountsCommand     `cmd:"" help:"List the workspaces that Ella serves, add one, invite one, or remove one."`
	Locales      localesCommand      `cmd:"" help:"Look at the catalogues."`
	Doctor       doctorCommand       `cmd:"" help:"Check the configuration and the database, and say what to do."`
	Migrate      migrateCommand      `cmd:"" help:"Bring the database's tables up to this version."`
	Version      versionCommand      `cmd:"" help:"Print the version."`
}

// environment is what a command may touch beside its own flags.
type environment struct {
	ctx    context.Context //nolint:containedctx // kong hands a command its bindings, and this is one
	out    io.Writer
	errout io.Writer
}

// usageError is a fault of whoever typed the command.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

// run is the whole program but for the process around it.
func run(ctx context.Context, args []string, out, errout io.Writer) int {
	var c commands
	exited := false
	parser, err := kong.New(&c,
		kong.Name("ella"),
		kong.Description("Ella: one organising bot for people who do not share a language.\n\nEvery flag can be set by the variable that stands beside it. Begin with: ella try"),
		kong.UsageOnError(),
		kong.Writers(out, errout),
		kong.Exit(func(int) { exited = true }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		fmt.Fprintln(errout, "ella:", err)
		return exitFailed
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if exited {
		return exitDone // --help
	}
	if err != nil {
		fmt.Fprintln(errout, "ella:", err)
		fmt.Fprintln(errout, "For help: ella --help")
		return exitUsage
	}
	err = parsed.Run(&environment{ctx: ctx, out: out, errout: errout})
	var usage usageError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &usage):
		fmt.Fprintln(errout, "ella:", err)
		return exitUsage
	default:
		fmt.Fprintln(errout, "ella:", err)
		return exitFailed
	}
}
