package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/boltauthgen/boltauthgen/gen/diag"
	"github.com/boltauthgen/boltauthgen/internal/cli"
)

// The exit codes.
const (
	exitFine     = 0
	exitProblems = 1 // the store did not do or say what it was asked for
	exitUsage    = 2 // the call was wrong or was interrupted, or the store is not there or could not be opened
)

// A problem is about a store that was opened.
type problem struct{ error }

// An app is the command together with all that it touches of the world but the store.
type app struct {
	stdout   io.Writer // what was revoked, statuses, help
	stderr   io.Writer // everything else that is said to people
	version  string
	getenv   func(string) string
	now      func() time.Time
	opening  time.Duration // how long opening a store may take, for each host that the URL has
	patience time.Duration // after which it is said how far reading is, again and again
}

// run executes one command line and returns the exit code.
func (a *app) run(ctx context.Context, args []string) int {
	root := a.rootCommand()
	root.SetArgs(args)
	cli.PlainCompletions(root, args)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitFine
	}
	code := exitUsage
	if errors.As(err, new(problem)) {
		code = exitProblems
	}
	if ctx.Err() != nil {
		code, err = exitUsage, errors.New("interrupted"+ifInterrupted(cmd))
	}
	cli.PrintError(a.stderr, cmd.CommandPath(), withoutURLs(err))
	return code
}

// ifInterrupted returns what has to be known of a command that was interrupted.
func ifInterrupted(cmd *cobra.Command) string {
	if cmd.Name() != "revoke" {
		return ""
	}
	return "\nit is not known whether that is revoked: call it again"
}

var (
	afterScheme = regexp.MustCompile(`://.*`)
	form        = regexp.MustCompile(`^://USER:PASSWORD@HOST:PORT/DATABASE$`)
)

// withoutURLs returns an error that shows no more of a URL than its scheme: behind that may be a password. The commands
// show none but forms of URLs, but what reads command lines shows what it does not understand.
func withoutURLs(err error) error {
	return errors.New(afterScheme.ReplaceAllStringFunc(err.Error(), func(rest string) string {
		if form.MatchString(rest) {
			return rest
		}
		return "://..."
	}))
}

// say tells people what has happened, on one line whatever is in it.
func (a *app) say(format string, args ...any) {
	fmt.Fprintln(a.stderr, diag.Printable(fmt.Sprintf(format, args...)))
}

const rootLong = `Revoke and status work on the store of what is revoked, which all instances of a
server share: they are two commands of boltauthgen.`

// rootCommand returns the whole command line.
func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:               "boltauthgen-revoke",
		Short:             "Revoke tokens, users, families and API keys in a store",
		Long:              rootLong,
		Version:           a.version,
		Annotations:       map[string]string{cobra.CommandDisplayNameAnnotation: "boltauthgen"},
		Args:              cobra.ArbitraryArgs,
		RunE:              noCommand,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true}, // boltauthgen's script serves both
		ValidArgsFunction: cobra.NoFileCompletions,
		SilenceErrors:     true, // run prints them
		SilenceUsage:      true,
	}
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetFlagErrorFunc(flagError)
	root.SetVersionTemplate("boltauthgen-revoke {{.Version}}\n")
	root.SetHelpCommand(cli.HelpCommand())
	root.AddCommand(a.revokeCommand(), a.statusCommand())
	root.InitDefaultHelpFlag()
	root.InitDefaultVersionFlag()
	return root
}

// noCommand is what the program does without a command that it knows.
func noCommand(*cobra.Command, []string) error {
	return errors.New("which command? revoke or status; see boltauthgen revoke --help")
}

// noArguments refuses arguments and does not show them: one may be a URL that lost its flag.
func noArguments(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return errors.New("there is an argument that belongs to no flag\nthe store is named by --store, and what to revoke by --jti, --user, --family or --key")
	}
	return nil
}

// flagError is like [cli.FlagError], but shows no value of a flag that is not known: it may be a URL.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) {
		if name, _, ok := strings.Cut(unknown.GetSpecifiedShortnames(), "="); ok {
			return fmt.Errorf("unknown flag: -%s (long flags have two dashes)", name)
		}
	}
	return cli.FlagError(cmd, err)
}

// complete says how a flag that the command has is completed.
func complete(cmd *cobra.Command, flag string, f cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, f); err != nil {
		panic(err) // there is no such flag
	}
}
