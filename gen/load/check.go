package load

import (
	"errors"
	"fmt"
	"go/ast"
	"go/types"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// check type-checks the units, which must come in order of imports: a limited number may wait for one another only
// because the first of them never waits.
func (l *loader) check(order []*unit) error {
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for _, u := range order {
		g.Go(func() error {
			defer close(u.done)
			for _, imp := range u.imports {
				<-imp.done
			}
			if err := l.ctx.Err(); err != nil {
				return err
			}
			l.checkUnit(u)
			return nil
		})
	}
	return g.Wait()
}

func (l *loader) checkUnit(u *unit) {
	u.Types = types.NewPackage(u.Path, u.Name)
	u.Info = &types.Info{
		Defs:      make(map[*ast.Ident]types.Object),
		Uses:      make(map[*ast.Ident]types.Object),
		Implicits: make(map[ast.Node]types.Object),
	}
	var files []*ast.File
	for _, f := range u.Files {
		if f.Syntax.Name.Name != "" { // it has a package clause
			files = append(files, f.Syntax)
		}
	}
	conf := types.Config{
		GoVersion:        u.GoVersion,
		IgnoreFuncBodies: true,
		FakeImportC:      true,
		Importer:         importer{l, u},
		Sizes:            l.exports.sizes,
		Error: func(err error) {
			if e := (types.Error{}); errors.As(err, &e) {
				u.TypeErrors = append(u.TypeErrors, e)
			}
		},
	}
	_ = types.NewChecker(&conf, l.fset, u.Types, u.Info).Files(files) // is the first of TypeErrors
}

// An importer serves the imports of one unit.
type importer struct {
	l *loader
	u *unit
}

func (i importer) Import(path string) (*types.Package, error) {
	if imp := i.u.imports[path]; imp != nil {
		return imp.Types, nil
	}
	if p := i.l.resolve(i.u, path); p != nil {
		path = p.PkgPath
	}
	if p := i.l.exports.read[path]; p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("package %s was not loaded", path)
}
