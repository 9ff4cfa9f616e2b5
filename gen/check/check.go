// Package check judges the directives of a package and turns what they say into a model.
//
// All of its rules stand in rules.go. A package for which it reports anything is not generated.
package check

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"

	"github.com/boltauthgen/boltauthgen/gen/diag"
	"github.com/boltauthgen/boltauthgen/gen/directive"
	"github.com/boltauthgen/boltauthgen/gen/load"
	"github.com/boltauthgen/boltauthgen/gen/model"
)

// Package judges one package. The directives of the packages that it imports are needed for the providers and
// permissions that these declare; directives reads them. The model is nil if there are problems or nothing to generate.
func Package(fset *token.FileSet, pkg *load.Package, own *directive.Package, directives func(*load.Package) *directive.Package) (*model.Package, []diag.Diagnostic) {
	c := &checker{
		fset: fset, pkg: pkg, own: own, directives: directives,
		servers:  map[*types.TypeName]*server{},
		patterns: map[*types.TypeName][]pattern{},
		imports:  map[string]string{},
		meanings: map[token.Pos]meaning{},
		parsed:   map[token.Pos]parsed{},
	}
	if own.Empty() {
		return nil, nil
	}
	if !c.declareBuiltins() {
		return nil, c.problems
	}
	c.shareImports()
	c.catalogue()
	c.findProviders()
	for _, h := range c.findHandlers() {
		c.handler(h)
	}
	c.conflicts()
	c.takenNames()
	if len(c.problems) > 0 || len(c.servers) == 0 {
		return nil, c.problems
	}
	return c.model(), nil
}

// A checker works on one package.
type checker struct {
	fset       *token.FileSet
	pkg        *load.Package
	own        *directive.Package
	directives func(*load.Package) *directive.Package

	problems    []diag.Diagnostic
	permissions map[string]string // the catalogue: value to constant's name; nil if there is none
	providers   []*provider
	servers     map[*types.TypeName]*server // by receiver; nil for plain functions
	patterns    map[*types.TypeName][]pattern
	imports     map[string]string     // names of mentioned packages, by path
	meanings    map[token.Pos]meaning // of names in defaults
	ambiguous   map[string]bool       // names that files import different packages by
	parsed      map[token.Pos]parsed  // by the position of the directive's arguments
}

// A meaning says what a name in a default was for the first handler that it was read for.
type meaning struct {
	receiver bool
	handler  *handler
}

// A server gathers what is known of the handlers of one receiver.
type server struct {
	receiver *types.TypeName // nil for plain functions
	pointer  bool
	vars     map[string]int // the receiver's names and how often each is used
	handlers []*model.Handler
	decls    []*ast.FuncDecl
}

func (c *checker) report(d diag.Diagnostic) {
	c.problems = append(c.problems, d)
}

func (c *checker) at(r diag.Rule, pos, end token.Pos, args ...any) {
	c.report(r.At(c.fset, pos, end, args...))
}

// directiveAt reports a rule on a whole directive.
func (c *checker) directiveAt(r diag.Rule, d directive.Directive, args ...any) {
	c.at(r, d.Pos, d.End, args...)
}

// model puts together what the handlers became.
func (c *checker) model() *model.Package {
	m := &model.Package{Path: c.pkg.Path, Name: c.pkg.Name, Dir: c.pkg.Dir, Declared: c.declared(), Imported: c.imports}
	permissions, scopes := map[string]bool{}, map[string]bool{}
	for _, s := range c.servers {
		out := &model.Server{Handlers: s.handlers}
		if s.receiver != nil {
			out.Receiver = &model.Receiver{Type: s.receiver.Name(), Pointer: s.pointer, Var: mostUsed(s.vars)}
		}
		slices.SortFunc(out.Handlers, func(a, b *model.Handler) int {
			return cmp.Or(cmp.Compare(a.Pos.Filename, b.Pos.Filename), cmp.Compare(a.Pos.Offset, b.Pos.Offset))
		})
		m.Servers = append(m.Servers, out)
		for _, h := range s.handlers {
			collectNames(h, permissions, scopes)
		}
	}
	slices.SortFunc(m.Servers, func(a, b *model.Server) int { return cmp.Compare(a.Name(), b.Name()) })
	m.Permissions = slices.Sorted(maps.Keys(permissions))
	m.Scopes = slices.Sorted(maps.Keys(scopes))
	return m
}

// collectNames adds the permissions and scopes that a handler's steps name.
func collectNames(h *model.Handler, permissions, scopes map[string]bool) {
	for _, s := range h.Steps {
		s.Expr.Builtins(func(b *model.Builtin) {
			into := permissions
			if b.Name == hasScope {
				into = scopes
			}
			for _, n := range b.Names {
				into[n] = true
				if b.Name != hasScope && !slices.Contains(h.Permissions, n) {
					h.Permissions = append(h.Permissions, n)
				}
			}
		})
	}
}

// declared returns every name that a generated import must not take.
func (c *checker) declared() []string {
	names := c.pkg.Types.Scope().Names()
	for _, f := range c.pkg.Files {
		for _, imp := range f.Syntax.Imports {
			if imp.Name != nil && imp.Name.Name == "." {
				if p := c.imported(imp); p != nil {
					names = append(names, p.Scope().Names()...)
				}
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// imported returns the package behind an import, nil if it could not be loaded.
func (c *checker) imported(spec *ast.ImportSpec) *types.Package {
	if name, ok := c.pkg.Info.Implicits[spec].(*types.PkgName); ok {
		return name.Imported()
	}
	if spec.Name != nil {
		if name, ok := c.pkg.Info.Defs[spec.Name].(*types.PkgName); ok {
			return name.Imported()
		}
		path := spec.Path.Value
		for _, p := range c.pkg.Types.Imports() {
			if `"`+p.Path()+`"` == path {
				return p
			}
		}
	}
	return nil
}

func mostUsed(names map[string]int) string {
	best := ""
	for _, n := range slices.Sorted(maps.Keys(names)) {
		if n != "" && n != "_" && (best == "" || names[n] > names[best]) {
			best = n
		}
	}
	return best
}
