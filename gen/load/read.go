package load

import (
	"errors"
	"go/ast"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"
	"golang.org/x/tools/go/packages"
)

// read parses the packages with these paths, and gets export data of what they import. An import without export data,
// because it does not compile, is read from source in its turn.
func (l *loader) read(paths map[string]bool) error {
	for len(paths) > 0 {
		units := l.addUnits(paths)
		var g errgroup.Group
		g.Go(func() error { return l.fetchExports(l.outside(units)) })
		g.Go(func() error { return l.parseAll(units) })
		g.Go(l.fetchSizes)
		if err := g.Wait(); err != nil {
			return err
		}
		paths = l.withoutExports(units)
	}
	return nil
}

func (l *loader) addUnits(paths map[string]bool) []*unit {
	units := make([]*unit, 0, len(paths))
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		meta := l.graph[path]
		u := &unit{
			Package: &Package{Path: path, Name: meta.Name, Dir: meta.Dir},
			meta:    meta,
			named:   slices.Contains(l.roots, meta),
			done:    make(chan struct{}),
		}
		if m := meta.Module; m != nil {
			u.Module = m.Path
			if m.GoVersion != "" {
				u.GoVersion = "go" + m.GoVersion
			}
		}
		l.units[path] = u
		units = append(units, u)
	}
	return units
}

// outside returns the paths of what the units and the caller import that nothing is known about yet.
func (l *loader) outside(units []*unit) []string {
	seen := make(map[string]bool)
	add := func(p *packages.Package) {
		if exists(p) && l.units[p.PkgPath] == nil && l.exports.read[p.PkgPath] == nil {
			seen[p.PkgPath] = true
		}
	}
	for _, path := range l.cfg.Also {
		add(l.graph[path])
	}
	for _, u := range units {
		for _, p := range u.meta.Imports {
			add(p)
		}
	}
	return slices.Collect(maps.Keys(seen))
}

// withoutExports returns the paths of what the units import that is neither read from source nor from export data.
func (l *loader) withoutExports(units []*unit) map[string]bool {
	paths := make(map[string]bool)
	for _, u := range units {
		for _, spec := range importSpecs(u) {
			p := l.resolve(u, importPath(spec))
			if exists(p) && l.units[p.PkgPath] == nil && l.exports.read[p.PkgPath] == nil {
				paths[p.PkgPath] = true
			}
		}
	}
	return paths
}

// exists reports whether a package that was listed has anything to import.
func exists(p *packages.Package) bool { return p != nil && len(p.GoFiles) > 0 }

func importSpecs(u *unit) []*ast.ImportSpec {
	var specs []*ast.ImportSpec
	for _, f := range u.Files {
		specs = append(specs, f.Syntax.Imports...)
	}
	return specs
}

// importPath returns "" for a path that is not a string, which the parser has reported.
func importPath(spec *ast.ImportSpec) string {
	path, _ := strconv.Unquote(spec.Path.Value)
	return path
}

func (l *loader) parseAll(units []*unit) error {
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for _, u := range units {
		g.Go(func() error {
			if err := l.ctx.Err(); err != nil {
				return err
			}
			l.readUnit(u)
			return nil
		})
	}
	return g.Wait()
}

// readUnit reads what is in the unit's folder.
func (l *loader) readUnit(u *unit) {
	l.readGenerated(u)
	compiled := slices.Clone(u.meta.GoFiles)
	if u.named {
		others, invalid := l.others(u)
		compiled = append(compiled, invalid...)
		for _, path := range others {
			if source, ok := l.readFile(u, path); ok {
				u.Other = append(u.Other, l.parseOther(path, source))
			}
		}
	}
	slices.Sort(compiled)
	for _, path := range slices.Compact(compiled) {
		if u.Generated != nil && path == u.Generated.Path {
			continue
		}
		if source, ok := l.readFile(u, path); ok {
			f, problems := l.parse(path, source)
			u.Files = append(u.Files, f)
			u.Problems = append(u.Problems, problems...)
		}
	}
	l.checkNames(u)
}

// readGenerated looks at auth_gen.go by itself, since the go command need not report it.
func (l *loader) readGenerated(u *unit) {
	if u.Dir == "" {
		return
	}
	path := filepath.Join(u.Dir, GeneratedName)
	source, err := os.ReadFile(path)
	if err != nil {
		return // if it is there all the same, it fails again as one of the files
	}
	if isOurs(source) {
		u.Generated = &File{Path: path, Source: source}
	} else {
		u.Foreign = true
	}
}

// checkNames takes the package's name from its first file, as the go command does, but not from a generated one, and
// reports files with another.
func (l *loader) checkNames(u *unit) {
	first := slices.IndexFunc(u.Files, func(f *File) bool { return f.Syntax.Name.Name != "" })
	if first < 0 {
		return
	}
	u.Name = u.Files[first].Syntax.Name.Name
	for _, f := range u.Files[first:] {
		if name := f.Syntax.Name; name.Name != "" && name.Name != u.Name {
			u.Problems = append(u.Problems, rulePackageName.At(l.fset, name.Pos(), name.End(), name.Name, u.Name))
		}
	}
}

// others returns the files of the folder that the build leaves out, and those that the go command cannot read.
func (l *loader) others(u *unit) (others, invalid []string) {
	entries, err := os.ReadDir(u.Dir)
	if err != nil {
		l.report(u, ruleUnreadable, token.Position{Filename: u.Dir}, cause(err))
	}
	for _, entry := range entries {
		name := entry.Name()
		path := filepath.Join(u.Dir, name)
		switch {
		case !isGoFile(u.Dir, name):
		case slices.Contains(u.meta.GoFiles, path), u.Generated != nil && path == u.Generated.Path:
		case strings.HasSuffix(name, "_test.go"), slices.Contains(u.meta.IgnoredFiles, path):
			others = append(others, path)
		default:
			invalid = append(invalid, path)
		}
	}
	return others, invalid
}

// isGoFile reports whether the go command may look at a file.
func isGoFile(dir, name string) bool {
	return strings.HasSuffix(name, ".go") && name[0] != '_' && name[0] != '.' && !isDir(filepath.Join(dir, name))
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func (l *loader) readFile(u *unit, path string) ([]byte, bool) {
	source, err := os.ReadFile(path)
	if err != nil {
		l.report(u, ruleUnreadable, token.Position{Filename: path}, cause(err))
		return nil, false
	}
	return source, true
}

// cause leaves out the operation and the path, which the position of the problem says.
func cause(err error) error {
	if e := new(fs.PathError); errors.As(err, &e) {
		return e.Err
	}
	return err
}
