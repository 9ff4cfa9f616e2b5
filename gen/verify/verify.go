// Package verify looks at generated code once more before it is written: it must type-check together with the user's
// package, and every identifier of a guard must mean there what it means in the comment.
package verify

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"

	"github.com/boltauthgen/boltauthgen/gen/check"
	"github.com/boltauthgen/boltauthgen/gen/load"
	"github.com/boltauthgen/boltauthgen/gen/model"
)

// File verifies the generated source of a package. An error is a fault of the generator, not of the user's code, unless
// it says that a package could not be imported.
func File(prog *load.Program, pkg *load.Package, m *model.Package, path string, source []byte) error {
	generated, err := parser.ParseFile(prog.Fset, path, source, parser.SkipObjectResolution)
	if err != nil {
		return fmt.Errorf("verify: parse: %w", err)
	}
	files := []*ast.File{generated}
	for _, f := range pkg.Files {
		files = append(files, f.Syntax)
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	var problems []error
	conf := types.Config{
		GoVersion: pkg.GoVersion, FakeImportC: true, Importer: prog, Sizes: prog.Sizes,
		Error: func(err error) {
			if e := (types.Error{}); errors.As(err, &e) && within(generated, e.Pos) {
				problems = append(problems, e)
			}
		},
	}
	_, _ = conf.Check(pkg.Path, prog.Fset, files, info) // the user's own files may not be complete yet
	if len(problems) > 0 {
		return fmt.Errorf("verify: %w", errors.Join(problems...))
	}
	return sameMeaning(prog.Fset, generated, m, info)
}

func within(f *ast.File, pos token.Pos) bool { return f.FileStart <= pos && pos < f.FileEnd }

// sameMeaning compares what the identifiers of each handler's steps resolve to with what they did in the comment.
func sameMeaning(fset *token.FileSet, file *ast.File, m *model.Package, info *types.Info) error {
	functions := map[[2]string]*ast.FuncDecl{}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil {
			receiver := f.Recv.List[0].Type.(*ast.StarExpr).X.(*ast.Ident).Name
			functions[[2]string{receiver, f.Name.Name}] = f
		}
	}
	for _, s := range m.Servers {
		for _, h := range s.Handlers {
			f := functions[[2]string{s.GuardedName(), h.Name}]
			if f == nil {
				return fmt.Errorf("verify: %s has no generated method", h.Name)
			}
			if missing := firstMissing(wanted(h), resolved(fset, f, info)); missing != "" {
				return fmt.Errorf("verify: an identifier in the guard of %s has another meaning in the generated code: nothing there is %s", h.Name, missing)
			}
		}
	}
	return nil
}

// wanted returns the objects that a handler's guard names, in order.
func wanted(h *model.Handler) []string {
	var all []string
	for _, s := range h.Steps {
		s.Expr.AllPieces(func(p model.Piece) {
			if p.Object != "" {
				all = append(all, p.Object)
			}
		})
	}
	return all
}

// resolved returns the objects that the conditions and calls of a generated function name, in order.
func resolved(fset *token.FileSet, f *ast.FuncDecl, info *types.Info) []string {
	var all []string
	ast.Inspect(f.Body, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			all = append(all, check.ObjectKey(fset, info.Uses[id]))
		}
		return true
	})
	return all
}

// firstMissing returns the first of the wanted objects that does not appear behind those before it, "" if all do.
func firstMissing(want, got []string) string {
	for _, w := range want {
		i := slices.Index(got, w)
		if i < 0 {
			return w
		}
		got = got[i+1:]
	}
	return ""
}
