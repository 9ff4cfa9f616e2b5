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
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// keyProgram is what does the work of the command key. It is a module of its own because of the database's driver:
// linked in here, ten more modules would stand in the go.mod of everybody who runs this program as a tool, and it would
// take two thirds longer to compile.
const keyProgram = "boltauthgen-key"

const noKeyProgram = `%s is not installed: no such program beside this one or in PATH
install it with: go install github.com/boltauthgen/boltauthgen/cmd/%[1]s@latest
it is a program of its own because it brings a database, which nobody else should have to compile`

// An exitCode is that of another program, which has said all that there is to say.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

func (a *app) keyCommand() *cobra.Command {
	return &cobra.Command{
		Use:                "key COMMAND",
		Short:              "Make, list, rotate and revoke API keys in a database (runs " + keyProgram + ")",
		DisableFlagParsing: true, // they are the other program's
		RunE:               func(cmd *cobra.Command, args []string) error { return a.runKeyProgram(cmd.Context(), args) },
		ValidArgsFunction:  a.completeKey,
	}
}

// runKeyProgram runs the other program in place of this one.
func (a *app) runKeyProgram(ctx context.Context, args []string) error {
	path, err := a.find(keyProgram)
	if err != nil {
		return fmt.Errorf(noKeyProgram, keyProgram)
	}
	cmd := exec.CommandContext(ctx, path, args...)
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

// completeKey asks the other program, which answers as cobra does: a completion a line, and at last a directive.
func (a *app) completeKey(cmd *cobra.Command, args []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
	path, err := a.find(keyProgram)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	program := exec.CommandContext(cmd.Context(), path, append(append([]string{cobra.ShellCompRequestCmd}, args...), word)...)
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

// findProgram returns the path of a program that stands beside this one, or else in PATH.
func findProgram(program string) (string, error) {
	if own, err := os.Executable(); err == nil {
		if path, err := exec.LookPath(filepath.Join(filepath.Dir(own), program)); err == nil {
			return path, nil
		}
	}
	return exec.LookPath(program)
}
