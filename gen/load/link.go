package load

import (
	"fmt"
	"go/ast"
	"maps"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// link connects the units with what they import, and returns them so that each comes behind what it imports.
func (l *loader) link() []*unit {
	specs := make(map[*unit][]*ast.ImportSpec)
	for _, u := range l.units {
		u.imports = make(map[string]*unit)
		u.Imports = make(map[string]*Package)
		for _, spec := range importSpecs(u) {
			if p := l.checkImport(u, spec); p != nil {
				u.imports[importPath(spec)] = p
				specs[u] = append(specs[u], spec)
			}
		}
	}
	order := make([]*unit, 0, len(l.units))
	for _, component := range components(l.units) {
		order = append(order, component...)
		l.breakCycles(component, specs)
	}
	for _, u := range order {
		for path, imp := range u.imports {
			u.Imports[path] = imp.Package
		}
	}
	return order
}

// checkImport reports an import of something that is not there, and returns the unit that is imported, nil if it is not
// one that is read from source.
func (l *loader) checkImport(u *unit, spec *ast.ImportSpec) *unit {
	path := importPath(spec)
	if path == "" || path == "C" || path == "unsafe" {
		return nil
	}
	p := l.resolve(u, path)
	switch {
	case !exists(p):
		message, hint := missing(path, p)
		u.Problems = append(u.Problems, ruleImport.At(l.fset, spec.Path.Pos(), spec.Path.End(), message).WithHint("%s", hint))
	case p.Name == "main":
		message := path + " is a program, not an importable package"
		u.Problems = append(u.Problems, ruleImport.At(l.fset, spec.Path.Pos(), spec.Path.End(), message))
	}
	if p == nil {
		return nil
	}
	return l.units[p.PkgPath]
}

// missing says why a package cannot be imported, and what the go command proposes to do.
func missing(path string, p *packages.Package) (message, hint string) {
	if p == nil || len(p.Errors) == 0 {
		return "package " + path + " has no Go files that can be imported", ""
	}
	message, hint, _ = strings.Cut(p.Errors[0].Msg, "\n")
	message = strings.TrimSuffix(strings.TrimSuffix(message, ":"), "; to add it")
	return message, strings.TrimSpace(hint)
}

// breakCycles reports the imports that make a component a cycle, and takes them out of the graph.
func (l *loader) breakCycles(component []*unit, specs map[*unit][]*ast.ImportSpec) {
	within := make(map[*unit]bool)
	for _, u := range component {
		within[u] = true
	}
	type edge struct {
		from *unit
		path string
	}
	var cut []edge
	for _, u := range component {
		for _, spec := range specs[u] {
			path := importPath(spec)
			if imp := u.imports[path]; within[imp] {
				cycle := append([]string{u.Path}, route(imp, u, within)...)
				u.Problems = append(u.Problems,
					ruleImportCycle.At(l.fset, spec.Path.Pos(), spec.Path.End(), strings.Join(cycle, " imports ")))
				cut = append(cut, edge{u, path})
			}
		}
	}
	for _, e := range cut {
		delete(e.from.imports, e.path)
	}
}

// route returns the paths of the packages on the shortest way from one unit to another, both included.
func route(from, to *unit, within map[*unit]bool) []string {
	before := map[*unit]*unit{from: nil}
	for queue := []*unit{from}; len(queue) > 0; queue = queue[1:] {
		u := queue[0]
		if u == to {
			var paths []string
			for ; u != nil; u = before[u] {
				paths = append(paths, u.Path)
			}
			slices.Reverse(paths)
			return paths
		}
		for _, path := range slices.Sorted(maps.Keys(u.imports)) {
			next := u.imports[path]
			if _, seen := before[next]; within[next] && !seen {
				before[next] = u
				queue = append(queue, next)
			}
		}
	}
	panic(fmt.Sprintf("no way from %s to %s", from.Path, to.Path)) // not in one component
}

// components returns the strongly connected components of the import graph, imported ones first (Tarjan, 1972). All but
// those in a cycle are alone.
func components(units map[string]*unit) [][]*unit {
	var (
		found  [][]*unit
		stack  []*unit
		number = make(map[*unit]int) // in order of discovery, from 1
		low    = make(map[*unit]int) // the least number that is reachable; 0 once the component is found
		visit  func(u *unit)
	)
	visit = func(u *unit) {
		number[u] = len(number) + 1
		low[u] = number[u]
		stack = append(stack, u)
		for _, path := range slices.Sorted(maps.Keys(u.imports)) {
			imp := u.imports[path]
			if number[imp] == 0 {
				visit(imp)
			}
			if low[imp] > 0 {
				low[u] = min(low[u], low[imp])
			}
		}
		if low[u] < number[u] {
			return
		}
		i := slices.Index(stack, u)
		component := slices.Clone(stack[i:])
		stack = stack[:i]
		for _, member := range component {
			low[member] = 0
		}
		found = append(found, component)
	}
	for _, path := range slices.Sorted(maps.Keys(units)) {
		if u := units[path]; number[u] == 0 {
			visit(u)
		}
	}
	return found
}
