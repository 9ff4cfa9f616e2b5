package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// A delegate is a command whose work another program does. That is a module of its own because of the drivers of
// databases: linked in here, ten modules and more would stand in the go.mod of everybody who runs this program as a
// tool, and it would take two thirds longer to compile.
type delegate struct {
	use, short string
	program    string
	before     []string // what the other program is told before the arguments
}

var delegates = []delegate{
	{use: "key COMMAND", short: "Make, list, rotate and revoke API keys in an SQLite file", program: "boltauthgen-key"},
	{use: "revoke", short: "Revoke tokens, users, families and API keys in a store", program: "boltauthgen-revoke", before: []string{"revoke"}},
	{use: "status", short: "Tell how a store of revocations is", program: "boltauthgen-revoke", before: []string{"status"}},
}

const noProgram = `%s is not installed: no such program beside this one or in PATH
install it in a checkout of github.com/boltauthgen/boltauthgen with: go -C cmd/%[1]s install .
it is a program of its own because it brings drivers of databases, which nobody else should have to compile`

// An exitCode is that of another program, which has said all that there is to say.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

func (a *app) delegateCommand(d delegate) *cobra.Command {
	return &cobra.Command{
		Use:                d.use,
		Short:              d.short + " (runs " + d.program + ")",
		DisableFlagParsing: true, // they are the other program's
		RunE:               func(cmd *cobra.Command, args []string) error { return a.runProgram(cmd.Context(), d, args) },
		ValidArgsFunction:  a.completeBy(d),
	}
}

// runProgram runs the other program in place of this one.
func (a *app) runProgram(ctx context.Context, d delegate, args []string) error {
	path, err := a.find(d.program)
	if err != nil {
		return fmt.Errorf(noProgram, d.program)
	}
	cmd := exec.CommandContext(ctx, path, slices.Concat(d.before, args)...)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = a.dir, os.Stdin, a.stdout, a.stderr
	if runtime.GOOS != "windows" { // which knows no interrupt for one process
		cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
		cmd.WaitDelay = 5 * time.Second
	}
	err = cmd.Run()
	if exit := new(exec.ExitError); errors.As(err, &exit) && exit.ExitCode() > 0 {
		return exitCode(exit.ExitCode())
	}
	if err != nil {
		return fmt.Errorf("run %s: %w", path, err)
	}
	return nil
}

// completeBy asks the other program, which answers as cobra does: a completion a line, and at last a directive.
func (a *app) completeBy(d delegate) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
		path, err := a.find(d.program)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		program := exec.CommandContext(cmd.Context(), path, slices.Concat([]string{cobra.ShellCompRequestCmd}, d.before, args, []string{word})...)
		program.Dir = a.dir
		output, err := program.Output()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		lines := strings.Split(string(bytes.TrimSpace(output)), "\n")
		last := lines[len(lines)-1]
		directive, err := strconv.Atoi(strings.TrimPrefix(last, ":"))
		if err != nil || !strings.HasPrefix(last, ":") {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return lines[:len(lines)-1], cobra.ShellCompDirective(directive)
	}
}

// findProgram returns the path of a program that stands beside this one, or else in PATH.
func findProgram(program string) (string, error) {
	if own, err := os.Executable(); err == nil {
		if path, err := exec.LookPath(filepath.Join(filepath.Dir(own), program)); err == nil {
			return path, nil
		}
	}
	return exec.LookPath(program)
}
