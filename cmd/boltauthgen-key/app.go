package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/boltauthgen/boltauthgen/gen/diag"
	"github.com/boltauthgen/boltauthgen/internal/cli"
)

// The exit codes.
const (
	exitFine     = 0
	exitProblems = 1 // a key is not there, or not in a state for what was asked, or the database did not do it
	exitUsage    = 2 // the call was wrong or was interrupted, or the database could not be opened
)

// program is what the command is called by those who use it.
const program = "boltauthgen key"

// A problem is about a key, or about a database that was opened, not about the call.
type problem struct{ error }

func problemf(format string, args ...any) error { return problem{fmt.Errorf(format, args...)} }

// An app is the command together with all that it touches of the world but the database.
type app struct {
	stdout  io.Writer // keys, lists, schemas, help
	stderr  io.Writer // everything else that is said to people
	version string
	now     func() time.Time
}

// run executes one command line and returns the exit code.
func (a *app) run(ctx context.Context, args []string) int {
	root := a.rootCommand()
	root.SetArgs(args)
	cli.PlainCompletions(root, args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitFine
	}
	code := exitUsage
	if errors.As(err, new(problem)) {
		code = exitProblems
	}
	if ctx.Err() != nil {
		code, err = exitUsage, errors.New("interrupted")
	}
	cli.PrintError(a.stderr, program, err)
	return code
}

// say tells people what has happened, on one line whatever is in it.
func (a *app) say(format string, args ...any) {
	fmt.Fprintln(a.stderr, diag.Printable(fmt.Sprintf(format, args...)))
}

const rootLong = `Key makes API keys in a table of an SQLite file, and lists, rotates and revokes
them. It knows no other database. A server accepts them with:

    keys, err := apikey.NewSQL(ctx, apikey.SQLConfig{DB: db})
    backend, err := apikey.New(apikey.Config{
        Lookup: keys.Lookup, SaveUses: keys.SaveUses,
    })

A key is of the form prefix_id_secret. The prefix says to people and to scanners
for secrets what it is, the id which one; neither is secret. A key is printed
once, when it is made: the table has its digest only.

Exit codes: 0 all is well, 1 a key is not there or not in a state for what was
asked, or the database did not do it, 2 the call was wrong, or the database is not
there or could not be opened.`

const rootExample = `  # Once: make the table. Or put what this prints into your migrations:
  boltauthgen key init --db sqlite:app.db
  boltauthgen key init --print

  # A key of user 7, which ends after 90 days. Only the key goes into the file.
  boltauthgen key new --db sqlite:app.db --owner 7 --name "nightly export" \
      --permission blog.view_article > key.txt

  # A new text for it. The old one holds for a day, while you change it everywhere.
  boltauthgen key rotate --db sqlite:app.db --overlap 24h tGc3uXYzmD9wQ0Lb

  # It has leaked: end it now.
  boltauthgen key revoke --db sqlite:app.db tGc3uXYzmD9wQ0Lb`

// rootCommand returns the whole command line.
func (a *app) rootCommand() *cobra.Command {
	var o options
	root := &cobra.Command{
		Use:               "boltauthgen-key",
		Short:             "Make, list, rotate and revoke API keys in an SQLite file",
		Long:              rootLong,
		Example:           rootExample,
		Version:           a.version,
		Annotations:       map[string]string{cobra.CommandDisplayNameAnnotation: program},
		Args:              cobra.ArbitraryArgs,
		RunE:              noCommand,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true}, // boltauthgen's script serves both
		ValidArgsFunction: cobra.NoFileCompletions,
		SilenceErrors:     true, // run prints them
		SilenceUsage:      true,
	}
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetFlagErrorFunc(cli.FlagError)
	root.SetVersionTemplate("boltauthgen-key {{.Version}}\n")
	root.SetHelpCommand(cli.HelpCommand())
	for _, command := range []*cobra.Command{
		a.initCommand(&o), a.newCommand(&o), a.listCommand(&o), a.rotateCommand(&o), a.revokeCommand(&o),
	} {
		addFlags(command, &o)
		root.AddCommand(command)
	}
	root.InitDefaultHelpFlag()
	root.InitDefaultVersionFlag()
	return root
}

// noCommand is what the program does without a command that it knows.
func noCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return errors.New("which command? see " + program + " --help")
	}
	var names []string
	for _, c := range root.Commands() {
		names = append(names, c.Name())
	}
	if name := diag.Closest(args[0], names); name != "" {
		return fmt.Errorf("there is no command %s (did you mean %s?)", args[0], name)
	}
	return fmt.Errorf("there is no command %s; see %s --help", args[0], program)
}

// addFlags adds the flags that say which table.
func addFlags(cmd *cobra.Command, o *options) {
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&o.db, "db", "", "the SQLite file, as sqlite:`PATH`; required")
	flags.StringVar(&o.table, "table", "", "`NAME` of the table (default api_keys)")
	complete(cmd, "db", func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return []cobra.Completion{"sqlite:"}, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
	})
	complete(cmd, "table", cobra.NoFileCompletions)
}

// complete says how a flag that the command has is completed.
func complete(cmd *cobra.Command, flag string, f cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, f); err != nil {
		panic(err) // there is no such flag
	}
}
