package main

import (
	"context"
	"errors"
	"fmt"
	"go/build"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/boltauthgen/boltauthgen/gen"
	"github.com/boltauthgen/boltauthgen/internal/cli"
)

// The exit codes.
const (
	exitFine     = 0
	exitProblems = 1 // the code has problems, or a generated file is stale
	exitUsage    = 2 // the call was wrong, or nothing could be loaded
)

// errProblems ends a command whose problems have been printed.
var errProblems = errors.New("problems found")

// An app is the command together with all that it touches of the world.
type app struct {
	stdout   io.Writer // SARIF, versions, help
	stderr   io.Writer // everything that is said to people
	terminal bool      // stderr is a terminal that understands ANSI sequences
	dir      string    // the working directory, absolute
	getenv   func(string) string
	version  string // of this program

	find            func(program string) (path string, err error) // another program of ours
	generate, check func(context.Context, gen.Config) (*gen.Result, error)
}

// options are the flags of a command that reads packages.
type options struct {
	dir     string
	tags    string
	json    bool
	verbose bool
}

// run executes one command line and returns the exit code.
func (a *app) run(ctx context.Context, args []string) int {
	root := a.rootCommand()
	root.SetArgs(longFlags(root, args))
	cli.PlainCompletions(root, args)
	err := root.ExecuteContext(ctx)
	var code exitCode
	switch {
	case err == nil:
		return exitFine
	case errors.Is(err, errProblems):
		return exitProblems
	case errors.As(err, &code):
		return int(code)
	case ctx.Err() != nil:
		err = errors.New("interrupted")
	}
	cli.PrintError(a.stderr, "boltauthgen", err)
	return exitUsage
}

// A job is what the generator is asked to do: gen.Generate or gen.Check.
type job func(context.Context, gen.Config) (*gen.Result, error)

// do runs a job on packages and reports what came of it.
func (a *app) do(ctx context.Context, do job, o options, patterns []string) error {
	cfg, err := a.config(o, patterns)
	if err != nil {
		return err
	}
	stop := a.startProgress()
	result, err := do(ctx, cfg)
	stop()
	if err != nil {
		return noImportPath(cfg, err)
	}
	return a.report(result, o, cfg.Dir)
}

func (a *app) config(o options, patterns []string) (gen.Config, error) {
	cfg := gen.Config{Dir: a.dir, Patterns: patterns}
	if len(patterns) == 0 {
		cfg.Patterns = []string{"."}
	}
	if o.tags != "" {
		cfg.Flags = []string{"-tags=" + o.tags}
	}
	if o.dir == "" {
		return cfg, nil
	}
	cfg.Dir = o.dir
	if !filepath.IsAbs(o.dir) {
		cfg.Dir = filepath.Join(a.dir, o.dir)
	}
	if !isFolder(cfg.Dir) {
		return cfg, fmt.Errorf("-C %s: there is no such folder", o.dir)
	}
	return cfg, nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// noImportPath adds to an error which patterns were meant for folders, but say to the go command that they are import paths.
func noImportPath(cfg gen.Config, err error) error {
	for _, pattern := range cfg.Patterns {
		folder := strings.TrimSuffix(pattern, "/...")
		if build.IsLocalImport(folder) || filepath.IsAbs(folder) || !isFolder(filepath.Join(cfg.Dir, folder)) {
			continue
		}
		err = fmt.Errorf("%w\n%s is a folder (did you mean ./%s?)", err, folder, pattern)
	}
	return err
}
