// Package cli has what the commands of this module have in common.
package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/boltauthgen/boltauthgen/gen/diag"
)

// PrintError prints an error behind the program's name, and further lines of it below.
func PrintError(w io.Writer, program string, err error) {
	for i, line := range strings.Split(strings.TrimSpace(err.Error()), "\n") {
		prefix := program + ": "
		if i > 0 {
			prefix = "    "
		}
		fmt.Fprintln(w, prefix+diag.Printable(strings.Trim(line, "\t\r")))
	}
}

// HelpCommand stands in for cobra's, which answers a wrong topic with the usage text and success.
func HelpCommand() *cobra.Command {
	return &cobra.Command{
		Use:               "help [COMMAND]",
		Short:             "Explain a command",
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			topic, rest, err := cmd.Root().Find(args)
			if err == nil && topic.DisableFlagParsing { // another program, which explains itself
				topic.SetContext(cmd.Context())
				return topic.RunE(topic, append(rest, "--help"))
			}
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

// FlagError adds to the error about an unknown flag which one may have been meant.
func FlagError(cmd *cobra.Command, err error) error {
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

// PlainCompletions has a call that completes show what flags are for as help does: without the quotes around the names of
// their values.
func PlainCompletions(root *cobra.Command, args []string) {
	if len(args) == 0 || args[0] != cobra.ShellCompRequestCmd {
		return
	}
	plain := func(f *pflag.Flag) { _, f.Usage = pflag.UnquoteUsage(f) }
	var all func(*cobra.Command)
	all = func(cmd *cobra.Command) {
		cmd.Flags().VisitAll(plain)
		cmd.PersistentFlags().VisitAll(plain)
		for _, sub := range cmd.Commands() {
			all(sub)
		}
	}
	all(root)
}
