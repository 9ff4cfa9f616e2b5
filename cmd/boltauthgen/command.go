package main

import (
	"errors"
	"fmt"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/boltauthgen/boltauthgen/gen/diag"
	"github.com/boltauthgen/boltauthgen/internal/cli"
)

const rootLong = `Boltauthgen writes the code that guards HTTP handlers, from the directives in
their doc comments:

    //auth:route DELETE /articles/{id}
    //auth:guard IsAdminUser() || user.ID == article.AuthorID
    func (s *Server) DeleteArticle(w http.ResponseWriter, r *http.Request, ...) error

Each package gets one file, auth_gen.go. A package with a problem keeps the one
that it has, and a handler without a guard is a problem.

PACKAGES are patterns as the go command takes them; the default is the package in
the current folder. A folder needs its "./", or it is taken for an import path.

Exit codes: 0 all is well, 1 problems were found, 2 the call was wrong or nothing
could be loaded.`

const rootExample = `  # Once in a module, so that everybody gets the same version:
  go get -tool github.com/boltauthgen/boltauthgen/cmd/boltauthgen

  # In one file of the package, run by "go generate ./...":
  //go:generate go tool boltauthgen

  # All packages of a module, saying which files were written:
  go tool boltauthgen -v ./...

  # In CI: fails where the code has a problem or auth_gen.go is stale.
  go tool boltauthgen check ./...`

const checkLong = `Check writes nothing. It reports every problem in the directives, and every
auth_gen.go that is missing, left over, or not what would be written, with the
first lines that differ.`

const checkExample = `  # Is every generated file up to date?
  boltauthgen check ./...

  # For code scanning and editors: the same as SARIF 2.1.0.
  boltauthgen check --json ./... > boltauthgen.sarif

  # Another module, with build tags.
  boltauthgen check -C ../shop --tags=integration ./...`

var versionFormat = fmt.Sprintf("boltauthgen %%s %s %s/%s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH)

// rootCommand returns the whole command line.
func (a *app) rootCommand() *cobra.Command {
	var o options
	root := &cobra.Command{
		Use:     "boltauthgen [PACKAGES]",
		Short:   "Write the code that guards HTTP handlers, from the directives in their doc comments",
		Long:    rootLong,
		Example: rootExample,
		Version: a.version,
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, patterns []string) error {
			return noCommand(cmd, patterns, a.do(cmd.Context(), a.generate, o, patterns))
		},
		ValidArgsFunction: a.completePackages(&o),
		SilenceErrors:     true, // run prints them
		SilenceUsage:      true,
	}
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetFlagErrorFunc(cli.FlagError)
	root.SetVersionTemplate(fmt.Sprintf(versionFormat, "{{.Version}}"))
	root.SetHelpCommand(cli.HelpCommand())
	addFlags(root, &o)
	root.AddCommand(a.checkCommand(), a.completionCommand(root), a.versionCommand())
	for _, d := range delegates {
		root.AddCommand(a.delegateCommand(d))
	}
	root.InitDefaultHelpFlag()
	root.InitDefaultVersionFlag()
	return root
}

func (a *app) checkCommand() *cobra.Command {
	var o options
	check := &cobra.Command{
		Use:     "check [PACKAGES]",
		Short:   "Report problems and stale generated files, and write nothing",
		Long:    checkLong,
		Example: checkExample,
		RunE: func(cmd *cobra.Command, patterns []string) error {
			return a.do(cmd.Context(), a.check, o, patterns)
		},
		ValidArgsFunction: a.completePackages(&o),
	}
	addFlags(check, &o)
	return check
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:               "version",
		Short:             "Print the version",
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(cmd.OutOrStdout(), versionFormat, a.version)
			return err
		},
	}
}

func addFlags(cmd *cobra.Command, o *options) {
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVarP(&o.dir, "chdir", "C", "", "work as if called in the folder `DIR`")
	flags.StringVar(&o.tags, "tags", "", "build tags, as a comma-separated `LIST`")
	flags.BoolVar(&o.json, "json", false, "print problems as SARIF 2.1.0 to standard output")
	flags.BoolVarP(&o.verbose, "verbose", "v", false, "say what became of each generated file")
	if err := cmd.MarkFlagDirname("chdir"); err != nil {
		panic(err) // the flag stands a few lines above
	}
	if err := cmd.RegisterFlagCompletionFunc("tags", cobra.NoFileCompletions); err != nil {
		panic(err)
	}
}

// longFlags returns the arguments with a second dash before long flags that have one: the go command's users write -tags.
func longFlags(root *cobra.Command, args []string) []string {
	long := make([]string, len(args))
	for i, arg := range args {
		if arg == "--" {
			copy(long[i:], args[i:])
			break
		}
		long[i] = arg
		name, single := strings.CutPrefix(arg, "-")
		name, _, _ = strings.Cut(name, "=")
		if single && len(name) > 1 && root.Flags().Lookup(name) != nil {
			long[i] = "-" + arg
		}
	}
	return long
}

// noCommand adds to an error of the root command that its first argument may have been meant for a command.
func noCommand(root *cobra.Command, args []string, err error) error {
	if err == nil || errors.Is(err, errProblems) || len(args) == 0 {
		return err
	}
	var names []string
	for _, c := range root.Commands() {
		names = append(names, c.Name())
	}
	if name := diag.Closest(args[0], names); name != "" {
		return fmt.Errorf("%w\nthere is no command %s (did you mean %s?)", err, args[0], name)
	}
	return err
}
