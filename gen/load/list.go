package load

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
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
		roots, err := l.query(hidden, patterns)
		if err != nil {
			return err
		}
		l.roots, l.graph = roots, make(map[string]*packages.Package)
		if l.addToGraph(roots) || !l.hideGenerated(hidden) {
			break
		}
	}
	if err := l.checkRoots(patterns); err != nil {
		return err
	}
	return l.listAlso(hidden)
}

// listAlso adds what is to be known besides, and is not a dependency of what was named.
func (l *loader) listAlso(hidden map[string][]byte) error {
	unknown := slices.DeleteFunc(slices.Clone(l.cfg.Also), func(path string) bool { return l.graph[path] != nil })
	if len(unknown) == 0 {
		return nil
	}
	found, err := l.query(hidden, unknown)
	if err != nil {
		return err
	}
	l.addToGraph(found)
	return nil
}

func (l *loader) query(hidden map[string][]byte, patterns []string) ([]*packages.Package, error) {
	cfg := l.config(listMode)
	cfg.Overlay = hidden
	roots, err := packages.Load(cfg, patterns...)
	if err != nil {
		return nil, l.explain(err)
	}
	return roots, nil
}

// addToGraph reports whether the packages and all of their dependencies are sound.
func (l *loader) addToGraph(roots []*packages.Package) bool {
	sound := true
	packages.Visit(roots, nil, func(p *packages.Package) {
		if l.graph[p.PkgPath] == nil {
			l.graph[p.PkgPath] = p
		}
		sound = sound && len(p.Errors) == 0
	})
	return sound
}

// hideGenerated adds stand-ins for the generated files of own packages, and reports whether there are new ones.
func (l *loader) hideGenerated(hidden map[string][]byte) bool {
	found := false
	for path := range l.own() {
		p := l.graph[path]
		file := filepath.Join(p.Dir, GeneratedName) // which need not be among GoFiles
		if p.Dir == "" || hidden[file] != nil {
			continue
		}
		if source, err := os.ReadFile(file); err == nil && isOurs(source) {
			hidden[file] = standIn(p, file)
			found = true
		}
	}
	return found
}

// standIn is a generated file that the go command has no objection to. If it is the only file there must be something to
// see, or the package would not be found at all.
func standIn(p *packages.Package, file string) []byte {
	isOther := func(f string) bool { return f != file }
	if slices.ContainsFunc(p.GoFiles, isOther) {
		return []byte("//go:build ignore\n\npackage ignored\n")
	}
	return []byte("package alone\n")
}

func isOurs(source []byte) bool { return bytes.HasPrefix(source, []byte(Header)) }

// checkRoots refuses patterns that name no package.
func (l *loader) checkRoots(patterns []string) error {
	if len(l.roots) == 0 {
		return fmt.Errorf("no packages match %s", strings.Join(patterns, " "))
	}
	var errs []error
	for _, p := range l.roots {
		if len(p.GoFiles) > 0 || len(p.IgnoredFiles) > 0 || holdsGoFile(p.Dir) {
			continue
		}
		for _, err := range p.Errors {
			message := err.Msg
			if strings.HasSuffix(message, "does not contain main module or its selected dependencies") {
				message += ": is there a go.mod?"
			}
			errs = append(errs, errors.New(message))
		}
	}
	return errors.Join(errs...)
}

// holdsGoFile reports whether there is a Go file that the go command could not read, and said so.
func holdsGoFile(dir string) bool {
	entries, _ := os.ReadDir(dir) // without a folder there is no file
	return slices.ContainsFunc(entries, func(e os.DirEntry) bool { return isGoFile(dir, e.Name()) })
}

// explain takes from go/packages' errors what the go command says.
func (l *loader) explain(err error) error {
	if canceled := l.ctx.Err(); canceled != nil {
		return canceled
	}
	message := err.Error()
	if _, stderr, ok := strings.Cut(message, "stderr: "); ok && stderr != "" {
		message = strings.TrimPrefix(stderr, "go: ")
	}
	if _, rest, ok := strings.Cut(message, "flag provided but not defined: "); ok {
		flag, _, _ := strings.Cut(rest, "\n")
		message = "the go command has no flag " + flag
	}
	return errors.New(strings.TrimSpace(message))
}

// own returns the paths of the packages in the graph that are read from source: those that were named, those whose files
// the user edits, and those that import one of them, for which export data cannot be had without compiling it.
func (l *loader) own() map[string]bool {
	own := make(map[string]bool)
	for _, p := range l.roots {
		own[p.PkgPath] = true
	}
	packages.Visit(slices.Collect(maps.Values(l.graph)), nil, func(p *packages.Package) { // imports come first
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
