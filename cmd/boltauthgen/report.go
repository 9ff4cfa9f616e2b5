package main

import (
	"fmt"
	"go/token"
	"path/filepath"
	"slices"
	"strings"

	"github.com/boltauthgen/boltauthgen/gen"
	"github.com/boltauthgen/boltauthgen/gen/diag"
)

// staleOutput is the rule that check adds to the generator's.
var staleOutput = diag.Rule{
	ID:      "stale-output",
	Summary: "A generated file is not what would be written.",
	Help:    "The code that guards the handlers does not say what their directives say. Generate it again, and commit both together.",
	Format:  "the generated file %s",
	Hint:    "run %s",
}

// report prints what a job found and returns errProblems if that is not nothing. dir is the folder that the job ran in.
func (a *app) report(result *gen.Result, o options, dir string) error {
	if o.verbose {
		a.printOutputs(result)
	}
	problems := slices.Clone(result.Diagnostics)
	diffs := map[string][]string{}
	for _, out := range result.Outputs {
		if out.Status == gen.Stale {
			problems = append(problems, staleProblem(out, o, dir))
			diffs[out.File] = shortDiff(out.Old, out.New)
		}
	}
	problems = diag.Sort(problems)

	show := a.printText
	if o.json {
		show = a.printSARIF
	}
	if err := show(problems, result.Source, diffs); err != nil {
		return err
	}
	if len(problems) > 0 {
		return errProblems
	}
	return nil
}

// printOutputs says what became of each generated file.
func (a *app) printOutputs(result *gen.Result) {
	words := map[gen.Status]string{gen.Unchanged: "unchanged", gen.Written: "wrote", gen.Removed: "removed", gen.Stale: "stale"}
	for _, out := range result.Outputs {
		fmt.Fprintf(a.stderr, "%s %s\n", words[out.Status], a.shown(out.File))
	}
	if len(result.Outputs) == 0 && len(result.Diagnostics) == 0 {
		fmt.Fprintln(a.stderr, "no package has directives")
	}
}

// base returns the folder that shown paths are relative to. It is none under go generate, which runs this program in the
// folder of each package: what it prints is read, and clicked on, somewhere else.
func (a *app) base() string {
	if a.getenv("GOFILE") != "" && a.getenv("GOLINE") != "" {
		return ""
	}
	return a.dir
}

func (a *app) shown(path string) string { return diag.Printable(diag.ShortPath(a.base(), path)) }

// A source returns the bytes of a file, as in [gen.Result].
type source = func(path string) []byte

// printText prints problems to stderr, below those of stale files the lines that differ.
func (a *app) printText(problems []diag.Diagnostic, src source, diffs map[string][]string) error {
	text := diag.Text{Dir: a.base(), Source: src, Color: a.terminal && a.getenv("NO_COLOR") == ""}
	for _, p := range problems {
		t := text
		if p.Rule == staleOutput.ID {
			t.Source = nil // the difference says more than the line
		}
		if err := t.Print(a.stderr, []diag.Diagnostic{p}); err != nil {
			return err
		}
		if p.Rule == staleOutput.ID {
			for _, line := range diffs[p.Pos.Filename] {
				fmt.Fprintf(a.stderr, "    %s\n", line)
			}
		}
	}
	if len(problems) > 0 {
		fmt.Fprintf(a.stderr, "boltauthgen: %s\n", diag.Summary(problems))
	}
	return nil
}

func (a *app) printSARIF(problems []diag.Diagnostic, src source, _ map[string][]string) error {
	log := diag.SARIF{Version: a.version, Rules: append(gen.Rules(), staleOutput), Dir: a.dir, Source: src}
	return log.Print(a.stdout, problems)
}

// staleProblem returns the problem that a stale file is.
func staleProblem(out gen.Output, o options, dir string) diag.Diagnostic {
	state := "is out of date"
	pos := token.Position{Filename: out.File}
	switch {
	case out.Old == nil:
		state = "is missing"
	case out.New == nil:
		state = "is left over: the package has no directives any more"
	default:
		pos.Line = 1 + len(commonLines(lines(out.Old), lines(out.New)))
	}
	return diag.Diagnostic{
		Pos:     pos,
		Rule:    staleOutput.ID,
		Message: fmt.Sprintf(staleOutput.Format, state),
		Hint:    fmt.Sprintf(staleOutput.Hint, remedy(out, o, dir)),
	}
}

// remedy returns the commands that bring a generated file up to date, as they are written where this one was called.
// Where the directives went, the line for go generate is likely to have gone, too.
func remedy(out gen.Output, o options, dir string) string {
	pattern := filepath.Dir(out.File)
	if rel, err := filepath.Rel(dir, pattern); err == nil {
		pattern = filepath.ToSlash(rel)
		if filepath.IsLocal(rel) && rel != "." {
			pattern = "./" + pattern
		}
	}
	pattern = quote(pattern)
	if o.dir == "" && o.tags == "" && out.New != nil {
		return "go generate " + pattern + ", or boltauthgen " + pattern
	}
	command := "boltauthgen"
	if o.dir != "" {
		command += " -C " + quote(o.dir)
	}
	if o.tags != "" {
		command += " --tags=" + quote(o.tags)
	}
	return command + " " + pattern
}

// quote returns a word as a shell takes it.
func quote(word string) string {
	if word != "" && !strings.ContainsAny(word, " \t\n'\"\\$`&|;<>()*?[]#~!{}") {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

func lines(text []byte) []string {
	if len(text) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}
