package load

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// listMode asks for nothing that makes the go command build something: not for compiled files, which run cgo, nor for
// sizes, which imply them.
const listMode = packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedDeps | packages.NeedModule

func (l *loader) config(mode packages.LoadMode) *packages.Config {
	return &packages.Config{
		Mode:       mode,
		Context:    l.ctx,
		Dir:        l.cfg.Dir,
		Env:        l.cfg.Env,
		BuildFlags: l.cfg.Flags,
	}
}

// list finds out which packages there are. A generated file that is damaged or out of date can make the go command
// report errors in packages that are sound without it, so where there are any it is asked again without those files.
func (l *loader) list(patterns []string) error {
	hidden := make(map[string][]byte)
	for {
		cfg := l.config(listMode)
		cfg.Overlay = hidden
		if len(patterns) == 0 {
			patterns = []string{"."}
		}
		roots, err := packages.Load(cfg, append(patterns[:len(patterns):len(patterns)], l.cfg.Also...)...)
		if err != nil {
			return explain(err)
		}
		l.roots, l.also, l.graph = nil, nil, make(map[string]*packages.Package)
		for _, p := range roots {
			if slices.Contains(l.cfg.Also, p.PkgPath) {
				l.also = append(l.also, p)
			} else {
				l.roots = append(l.roots, p)
			}
		}
		broken := false
		packages.Visit(roots, nil, func(p *packages.Package) {
			l.graph[p.PkgPath] = p
			broken = broken || len(p.Errors) > 0 && !slices.Contains(l.also, p)
		})
		if !broken || !l.hideGenerated(hidden) {
			return l.checkRoots(patterns)
		}
	}
}

// hideGenerated adds stand-ins for the generated files of own packages, and reports whether there are new ones.
func (l *loader) hideGenerated(hidden map[string][]byte) bool {
	found := false
	for path := range l.own() {
		p := l.graph[path]
		for _, file := range p.GoFiles {
			if filepath.Base(file) != GeneratedName || hidden[file] != nil {
				continue
			}
			if source, err := os.ReadFile(file); err == nil && isOurs(source) {
				hidden[file] = standIn(p)
				found = true
			}
		}
	}
	return found
}

// standIn is a generated file that the go command has no objection to. If it is the only file there must be something to
// see, or the package would not be found at all.
func standIn(p *packages.Package) []byte {
	if len(p.GoFiles) > 1 {
		return []byte("//go:build ignore\n\npackage ignored\n")
	}
	name := p.Name
	if name == "" {
		name = "p"
	}
	return []byte("package " + name + "\n")
}

func isOurs(source []byte) bool { return bytes.HasPrefix(source, []byte(Header)) }

// checkRoots refuses patterns that name no package.
func (l *loader) checkRoots(patterns []string) error {
	if len(l.roots) == 0 {
		return fmt.Errorf("no packages match %s", strings.Join(patterns, " "))
	}
	var errs []error
	for _, p := range l.roots {
		if len(p.GoFiles) > 0 || len(p.IgnoredFiles) > 0 {
			continue
		}
		for _, err := range p.Errors {
			errs = append(errs, errors.New(err.Msg))
		}
	}
	return errors.Join(errs...)
}

// explain makes one line of what the go command says.
func explain(err error) error {
	message := err.Error()
	if _, stderr, ok := strings.Cut(message, "stderr: "); ok && stderr != "" {
		message = stderr
	}
	return errors.New(strings.TrimPrefix(strings.TrimSpace(message), "go: "))
}

// own returns the paths of the packages in the graph that are read from source: those that were named, those whose files
// the user edits, and those that import one of them, for which export data cannot be had without compiling it.
func (l *loader) own() map[string]bool {
	own := make(map[string]bool)
	for _, p := range l.roots {
		own[p.PkgPath] = true
	}
	all := append(l.roots[:len(l.roots):len(l.roots)], l.also...)
	packages.Visit(all, nil, func(p *packages.Package) { // imports come first
		if isEdited(p.Module) {
			own[p.PkgPath] = true
			return
		}
		for _, imp := range p.Imports {
			if own[imp.PkgPath] {
				own[p.PkgPath] = true
				return
			}
		}
	})
	return own
}

// isEdited reports whether a module lies in a directory of the user's: a main module, or one that a directory replaces.
func isEdited(m *packages.Module) bool {
	return m != nil && (m.Main || m.Replace != nil && m.Replace.Version == "")
}

// resolve returns the package that u means by an import path, nil if the go command knows none.
func (l *loader) resolve(u *unit, path string) *packages.Package {
	if p := u.meta.Imports[path]; p != nil {
		return p
	}
	return l.graph[path] // the listing leaves out edges that close a cycle
}
