package main

import (
	"errors"
	"fmt"
	"runtime"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/boltauthgen/boltauthgen/gen/diag"
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
	root.SetFlagErrorFunc(flagError)
	root.SetVersionTemplate(fmt.Sprintf(versionFormat, "{{.Version}}"))
	root.SetHelpCommand(helpCommand())
	addFlags(root, &o)
	root.AddCommand(a.checkCommand(), a.completionCommand(root), a.versionCommand())
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

// helpCommand stands in for cobra's, which answers a wrong topic with the usage text and success.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:               "help [COMMAND]",
		Short:             "Explain a command",
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			topic, rest, err := cmd.Root().Find(args)
			if err == nil && len(rest) > 0 {
				err = fmt.Errorf("there is no command %s", strings.Join(args, " "))
			}
			if err != nil {
				return err
			}
			topic.InitDefaultHelpFlag()
			return topic.Help()
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

// flagError adds to the error about an unknown flag which one may have been meant.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return err
	}
	word := unknown.GetSpecifiedName()
	if cluster := unknown.GetSpecifiedShortnames(); len(cluster) > 1 {
		word = cluster // a long flag with one dash
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if name := diag.Closest(word, names); name != "" {
		return fmt.Errorf("%w (did you mean --%s?)", err, name)
	}
	return err
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
