// Package gen is the generator: it reads the directives of Go packages and writes the file auth_gen.go into each.
//
// The stages are packages of their own: [load] reads packages, [directive] their comments, [check] judges them and
// makes the [model], [emit] writes it down, [verify] looks at the result once more.
package gen

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"go/token"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/boltauthgen/boltauthgen/gen/check"
	"github.com/boltauthgen/boltauthgen/gen/diag"
	"github.com/boltauthgen/boltauthgen/gen/directive"
	"github.com/boltauthgen/boltauthgen/gen/emit"
	"github.com/boltauthgen/boltauthgen/gen/load"
	"github.com/boltauthgen/boltauthgen/gen/model"
	"github.com/boltauthgen/boltauthgen/gen/verify"
)

// Config says what to work on.
type Config struct {
	Dir      string   // working directory for patterns; "" is the current one
	Patterns []string // of the go command; none is "."
	Flags    []string // build flags for the go command, such as -tags=x
	Env      []string // environment of the go command; nil is os.Environ()
}

// Status says what became of a package's generated file.
type Status int

// The statuses.
const (
	Unchanged Status = iota // it is what would be written
	Written                 // it was written
	Removed                 // it was removed: the package has no directives any more
	Stale                   // it is not what would be written; from [Check] only
)

// Output is what became of one package's generated file.
type Output struct {
	Package, File string
	Status        Status
	Old, New      []byte // set when Stale: what is there and what would be; New is nil if the file should go
}

// Result is what a call found and did.
type Result struct {
	Outputs     []Output // of packages that have or had generated code and no problem, sorted by package
	Diagnostics []diag.Diagnostic
	Source      func(path string) []byte // the contents of a file that a diagnostic names, as it was read; nil if unknown
}

// Generate writes the generated file of every package that the patterns name. A package with a problem keeps the one it
// has. Writes are atomic; a file that would not change is not touched. The error says why the call
// gave up, before or between packages; what was written by then stays.
func Generate(ctx context.Context, cfg Config) (*Result, error) {
	return run(ctx, cfg, write, newMemory())
}

// Check does what [Generate] does but for writing; outputs that would change are Stale.
func Check(ctx context.Context, cfg Config) (*Result, error) {
	return run(ctx, cfg, compare, memory{})
}

// Rules returns every rule that a Diagnostic can name.
func Rules() []diag.Rule {
	return slices.Concat(load.Rules(), directive.Rules(), check.Rules(), rules)
}

var (
	foreignFile = diag.Rule{ID: "foreign-file",
		Summary: "The package has an auth_gen.go that this tool did not write.",
		Format:  "this file was not written by boltauthgen, and is not overwritten",
		Hint:    "rename it"}
	rules = []diag.Rule{foreignFile}
)

// A runner works on the packages of one call.
type runner struct {
	prog   *load.Program
	store  func(pkg *load.Package, source []byte) (*Output, error)
	memory memory // remembers nothing in Check

	mu         sync.Mutex
	result     *Result
	directives map[*load.Package]*directive.Package
}

func run(ctx context.Context, cfg Config, store func(*load.Package, []byte) (*Output, error), remembered memory) (*Result, error) {
	prog, err := load.Load(ctx, load.Config{Dir: cfg.Dir, Env: cfg.Env, Flags: cfg.Flags,
		Also: []string{model.RuntimePath, "net/http", "errors"}}, cfg.Patterns...)
	if err != nil {
		return nil, err
	}
	r := &runner{prog: prog, store: store, memory: remembered, result: &Result{}, directives: map[*load.Package]*directive.Package{}}
	r.result.Source = r.source
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for _, pkg := range prog.Packages {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return r.generate(pkg)
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	slices.SortFunc(r.result.Outputs, func(a, b Output) int { return cmp.Compare(a.Package, b.Package) })
	r.result.Diagnostics = diag.Sort(r.result.Diagnostics)
	return r.result, nil
}

// generate takes one package through all stages.
func (r *runner) generate(pkg *load.Package) error {
	m, problems := r.check(pkg)
	if len(problems) > 0 {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.result.Diagnostics = append(r.result.Diagnostics, problems...)
		return nil
	}
	if m == nil {
		return r.finish(pkg, nil)
	}
	known := r.memory.digestModel(m)
	if r.memory.unchanged(pkg, known) {
		return r.finish(pkg, pkg.Generated.Source)
	}
	source, err := emit.File(m)
	if err != nil {
		return err
	}
	if err := verify.File(r.prog, pkg, m, filepath.Join(pkg.Dir, load.GeneratedName), source); err != nil {
		return fmt.Errorf("package %s: %w", pkg.Path, err)
	}
	if err := r.finish(pkg, source); err != nil {
		return err
	}
	r.memory.remember(pkg, known, source)
	return nil
}

// finish stores a package's generated source, nil for none, and notes what became of it.
func (r *runner) finish(pkg *load.Package, source []byte) error {
	out, err := r.store(pkg, source)
	if err != nil || out == nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.result.Outputs = append(r.result.Outputs, *out)
	return nil
}

// check returns the package's model, nil if nothing is generated for it, or its problems.
func (r *runner) check(pkg *load.Package) (*model.Package, []diag.Diagnostic) {
	problems := slices.Clone(pkg.Problems)
	own, found := directive.Read(r.prog.Fset, pkg)
	problems = append(problems, found...)
	if pkg.Foreign && !own.Empty() {
		problems = append(problems, diag.Diagnostic{Pos: token.Position{Filename: filepath.Join(pkg.Dir, load.GeneratedName), Line: 1, Column: 1},
			Rule: foreignFile.ID, Message: foreignFile.Format, Hint: foreignFile.Hint})
	}
	if own.Empty() {
		if len(found) == 0 && pkg.Generated == nil {
			return nil, nil // what is wrong with a package that does not use us is the compiler's business
		}
		return nil, problems
	}
	if len(pkg.Problems) > 0 {
		return nil, problems
	}
	m, found := check.Package(r.prog.Fset, pkg, own, r.read)
	return m, append(problems, found...)
}

// read returns the directives of an imported package; its problems are reported where it is generated itself.
func (r *runner) read(pkg *load.Package) *directive.Package {
	r.mu.Lock()
	defer r.mu.Unlock()
	if d := r.directives[pkg]; d != nil {
		return d
	}
	d, _ := directive.Read(r.prog.Fset, pkg)
	r.directives[pkg] = d
	return d
}

// source returns a file's contents as they were loaded.
func (r *runner) source(path string) []byte {
	for _, pkg := range r.prog.Packages {
		for _, f := range slices.Concat(pkg.Files, pkg.Other) {
			if f.Path == path {
				return f.Source
			}
		}
	}
	b, _ := os.ReadFile(path)
	return b
}

// current returns what is on disk, and whether there is nothing to do: source is nil if the file should not be there.
func current(pkg *load.Package, source []byte) (old []byte, same bool) {
	if pkg.Generated == nil {
		return nil, source == nil
	}
	return pkg.Generated.Source, source != nil && bytes.Equal(pkg.Generated.Source, source)
}

func output(pkg *load.Package, s Status) *Output {
	return &Output{Package: pkg.Path, File: filepath.Join(pkg.Dir, load.GeneratedName), Status: s}
}

// compare is what [Check] does with a package's generated source.
func compare(pkg *load.Package, source []byte) (*Output, error) {
	old, same := current(pkg, source)
	if same {
		if source == nil {
			return nil, nil
		}
		return output(pkg, Unchanged), nil
	}
	out := output(pkg, Stale)
	out.Old, out.New = old, source
	return out, nil
}

// write is what [Generate] does with a package's generated source.
func write(pkg *load.Package, source []byte) (*Output, error) {
	_, same := current(pkg, source)
	switch {
	case same && source == nil:
		return nil, nil
	case same:
		return output(pkg, Unchanged), nil
	case source == nil:
		out := output(pkg, Removed)
		return out, os.Remove(out.File)
	}
	out := output(pkg, Written)
	return out, replaceFile(out.File, source)
}

// replaceFile writes a file so that a reader sees the old contents or the new ones, never a part.
func replaceFile(path string, contents []byte) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".auth_gen-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			tmp.Close()
			os.Remove(tmp.Name())
			err = fmt.Errorf("write %s: %w", path, err)
		}
	}()
	mode := os.FileMode(0o644)
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	if _, err = tmp.Write(contents); err != nil {
		return err
	}
	if err = tmp.Chmod(mode); err != nil {
		return err
	}
	if err = tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
