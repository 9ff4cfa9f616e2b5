package load_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/gen/load"
)

// comments returns the texts of all comments of a file.
func comments(f *load.File) []string {
	var all []string
	for _, group := range f.Syntax.Comments {
		for _, c := range group.List {
			all = append(all, c.Text)
		}
	}
	return all
}

// one loads a module with a single package.
func one(t *testing.T, archive string) (*load.Program, *load.Package) {
	t.Helper()
	prog := read(t, load.Config{Dir: module(t, "-- go.mod --\nmodule example.com/m\n\ngo 1.26\n"+archive)})
	return prog, named(t, prog, "example.com/m")
}

const scopes = `
-- m.go --
package m

import (
	. "strings"
	web "net/http"
)

type User struct{ ID int }

// These have the names of parameters below.
var (
	s    = 1
	user = 2
	w    = 3
)

type Server struct{ Admins []int }

func (s *Server) Show(w web.ResponseWriter, user *User) (result int, err error) {
	local := 1 // inside
	_ = local
	return
}

func Plain[T ~int | ~string](value T, user *User) {}

var literal = func(user *User) int { if user == nil { return 1 }; for {} }

func noBody(user *User)
`

func TestExpressionsAtTheClosingBrace(t *testing.T) {
	prog, pkg := one(t, scopes)
	sound(t, pkg)
	tests := []struct{ function, expr, typ string }{ // typ is "" if it must not type-check
		{"Show", "s", "*Server"},
		{"Show", "s.Admins", "[]int"},
		{"Show", "user.ID", "int"},
		{"Show", "w", "net/http.ResponseWriter"},
		{"Show", "web.MethodGet", "untyped string"},
		{"Show", "ToLower", "func(s string) string"},
		{"Show", "err", "error"},
		{"Show", "local", ""},
		{"Show", "http", ""},
		{"Plain", "s", "int"},
		{"Plain", "user.ID", "int"},
		{"Plain", "value", "T"},
		{"Plain", "missing", ""},
	}
	for _, test := range tests {
		t.Run(test.function+" "+test.expr, func(t *testing.T) {
			decl := function(t, pkg, test.function)
			require.NotNil(t, decl.Body)
			assert.Empty(t, decl.Body.List)
			expr, err := parser.ParseExprFrom(prog.Fset, "directive", test.expr, 0)
			require.NoError(t, err)
			info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
			err = types.CheckExpr(prog.Fset, pkg.Types, decl.Body.Rbrace, expr, info)
			if test.typ == "" {
				assert.Error(t, err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.typ, types.TypeString(info.Types[expr].Type, types.RelativeTo(pkg.Types)))
		})
	}
	assert.Nil(t, function(t, pkg, "noBody").Body)
}

func function(t *testing.T, pkg *load.Package, name string) *ast.FuncDecl {
	t.Helper()
	for _, f := range pkg.Files {
		for _, d := range f.Syntax.Decls {
			if d, ok := d.(*ast.FuncDecl); ok && d.Name.Name == name {
				return d
			}
		}
	}
	require.Fail(t, "no such function", "%s", name)
	return nil
}

func TestNoStatementIsKept(t *testing.T) {
	prog, pkg := one(t, scopes)
	for _, f := range pkg.Files {
		ast.Inspect(f.Syntax, func(n ast.Node) bool {
			if stmt, ok := n.(ast.Stmt); ok {
				assert.IsType(t, (*ast.BlockStmt)(nil), stmt, "%s", prog.Fset.Position(n.Pos()))
			}
			return true
		})
		assert.Contains(t, comments(f), "// inside")
	}
}

func TestInfo(t *testing.T) {
	_, pkg := one(t, scopes)
	show := function(t, pkg, "Show")
	assert.Equal(t, pkg.Types.Scope().Lookup("Plain"), pkg.Info.Defs[function(t, pkg, "Plain").Name])
	receiver := pkg.Info.Defs[show.Recv.List[0].Names[0]]
	require.NotNil(t, receiver)
	assert.Equal(t, "*example.com/m.Server", receiver.Type().String())
	user := show.Type.Params.List[1].Type.(*ast.StarExpr).X.(*ast.Ident)
	assert.Equal(t, pkg.Types.Scope().Lookup("User"), pkg.Info.Uses[user])
	dot := pkg.Files[0].Syntax.Imports[0]
	assert.Equal(t, "strings", pkg.Info.Defs[dot.Name].(*types.PkgName).Imported().Path())
}

// What only the missing bodies would explain is no error, everything else is.
func TestTypeErrors(t *testing.T) {
	tests := []struct {
		name, file string
		want       []string
	}{
		{"missing return", "func f() int { panic(1) }", nil},
		{"missing return of a literal", "var f = func() (int, error) { return 1, nil }", nil},
		{"import used in a body", "import \"fmt\"\n\nfunc f() { fmt.Println() }", nil},
		{"dot import used in a body", "import . \"fmt\"\n\nfunc f() { Println() }", nil},
		{"variable used in a literal", "var f = func() { x := 1; _ = x }", nil},
		{"label and goto", "func f() { goto done; done: }", nil},
		{"body that does not type-check", "func f() { undefined(1 + nil) }", nil},
		{"undefined generated type", "var api *GuardedServer", []string{"m.go:3:10: undefined: GuardedServer"}},
		{"undefined generated function", "var api, err = NewGuardedServer(nil)", []string{"m.go:3:16: undefined: NewGuardedServer"}},
		{"parameter of a generated type", "func f(api *GuardedServer, n int) {}", []string{"m.go:3:13: undefined: GuardedServer"}},
		{"redeclared", "func f() {}\n\ntype f int", []string{"m.go:5:6: f redeclared in this block", "m.go:3:6: \tother declaration of f"}},
		{"wrong constant", "const c int = \"x\"", []string{"m.go:3:15: cannot use \"x\" (untyped string constant) as int value in constant declaration"}},
		{"generics", "type G[T comparable] struct{ v T }\n\nvar g G[[]int]", []string{"m.go:5:9: []int does not satisfy comparable"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, pkg := one(t, "-- m.go --\npackage m\n\n"+test.file+"\n")
			assert.Empty(t, problems(pkg))
			assert.Equal(t, test.want, typeErrors(pkg))
		})
	}
}

func TestGoVersionOfTheModule(t *testing.T) {
	dir := module(t, "-- go.mod --\nmodule example.com/m\n\ngo 1.17\n-- m.go --\npackage m\n\ntype G[T any] struct{}\n-- new.go --\n//go:build go1.18\n\npackage m\n\ntype H[T any] struct{}\n")
	pkg := named(t, read(t, load.Config{Dir: dir}), "example.com/m")
	assert.Equal(t, "go1.17", pkg.GoVersion)
	require.NotEmpty(t, pkg.TypeErrors)
	assert.Contains(t, typeErrors(pkg)[0], "m.go:3:8: type parameter requires go1.18 or later")
}

func TestGenericsAndAliases(t *testing.T) {
	_, pkg := one(t, `
-- m.go --
package m

import "example.com/m/set"

type Number interface{ ~int | ~float64 }

type Names = set.Set[string]

type Pair[K comparable, V any] struct {
	Key   K
	Value V
}

func (p *Pair[K, V]) Get() (K, V) { return p.Key, p.Value }

func Max[T Number](a, b T) T { if a > b { return a }; return b }

var (
	names Names
	pair  = Pair[string, []int]{}
	most  = Max(1.5, 2)
	has   = names.Has("x")
)
-- set/set.go --
package set

type Set[T comparable] map[T]struct{}

func (s Set[T]) Has(v T) bool { _, ok := s[v]; return ok }
`)
	sound(t, pkg)
	assert.Equal(t, "float64", signature(t, pkg, "most"))
	assert.Equal(t, "bool", signature(t, pkg, "has"))
	assert.Equal(t, "func() (K, V)", signature(t, pkg, "Pair.Get"))
	assert.Contains(t, pkg.Imports, "example.com/m/set")
}

func TestOtherFiles(t *testing.T) {
	_, pkg := one(t, `
-- m.go --
package m

func f() { /* auth in a body */ }
-- m_test.go --
package m

import "testing"

//auth:guard IsStaff()
func TestX(t *testing.T) { undefined() // Auth: in a body
}
-- x_test.go --
package m_test

var _ = 1 //	//auth:guard
-- plain_test.go --
package m

// Nothing of interest: https://example.com //nolint
-- tool_test.go --
package m

//oath:guard
-- broken_test.go --
package m

//auth:first
func {{{ "unterminated
//auth:second
}
//auth:third
/* auth:
fourth */
-- noclause_test.go --
//auth:lonely
-- ignored.go --
//go:build ignore

package main //AUTH:
-- doc.go --
package documentation // auth
-- _underscore.go --
package x //auth:guard
-- .hidden.go --
package x //auth:guard
-- notgo.txt --
//auth:guard
-- folder.go/x.go --
package folder
-- testdata/x.go --
package x //auth:guard
`)
	sound(t, pkg)
	assert.Equal(t, []string{"m.go"}, names(pkg.Files))
	assert.Equal(t, []string{"/* auth in a body */"}, comments(pkg.Files[0]))
	want := map[string][]string{
		"m_test.go":        {"//auth:guard IsStaff()", "// Auth: in a body"},
		"x_test.go":        {"//	//auth:guard"},
		"plain_test.go":    nil,
		"tool_test.go":     {"//oath:guard"},
		"broken_test.go":   {"//auth:first", "//auth:second", "//auth:third", "/* auth:\nfourth */"},
		"noclause_test.go": {"//auth:lonely"},
		"ignored.go":       {"//go:build ignore", "//AUTH:"},
		"doc.go":           {"// auth"},
	}
	got := map[string][]string{}
	for _, f := range pkg.Other {
		name := names([]*load.File{f})[0]
		got[name] = comments(f)
		assert.Equal(t, name != "ignored.go" && name != "doc.go", f.Test, name)
		assert.Equal(t, name == "ignored.go", f.Constrained, name)
		assert.Equal(t, want[name] == nil, f.Source == nil, name)
	}
	assert.Equal(t, want, got)
}

func TestProgramImport(t *testing.T) {
	prog := read(t, load.Config{Dir: module(t, users), Also: []string{"net/http", "text/template", "example.com/users/base", "example.com/nowhere"}}, "./other")
	for _, path := range []string{"net/http", "text/template", "example.com/users/base", "example.com/users/api", "example.com/users/other", "unsafe"} {
		p, err := prog.Import(path)
		require.NoError(t, err, path)
		assert.Equal(t, path, p.Path())
		assert.True(t, p.Complete(), path)
	}
	for _, path := range []string{"example.com/nowhere", "image/png", "example.com/users"} {
		_, err := prog.Import(path)
		assert.ErrorContains(t, err, path)
	}
	assert.Equal(t, []string{"example.com/users/other"}, paths(prog))

	api, err := prog.Import("example.com/users/api")
	require.NoError(t, err)
	http, err := prog.Import("net/http")
	require.NoError(t, err)
	show, _, _ := types.LookupFieldOrMethod(types.NewPointer(api.Scope().Lookup("Server").Type()), true, api, "Show")
	writer := show.Type().(*types.Signature).Params().At(0).Type()
	assert.True(t, types.Identical(http.Scope().Lookup("ResponseWriter").Type(), writer))
}

// What is named and in Also is a package like any other.
func TestAlsoIsNamed(t *testing.T) {
	prog := read(t, load.Config{Dir: module(t, users), Also: []string{"example.com/users/base"}}, "./base")
	assert.Equal(t, []string{"example.com/users/base"}, paths(prog))
}

func TestPositionsAreThoseOfTheFile(t *testing.T) {
	prog, pkg := one(t, "-- m.go --\npackage m\n\nfunc f() {\n\tif true {\n\t}\n}\n\nfunc g() {}\n")
	assert.Equal(t, token.Position{Filename: pkg.Files[0].Path, Offset: 36, Line: 6, Column: 1}, prog.Fset.Position(function(t, pkg, "f").Body.Rbrace))
	assert.Equal(t, 8, prog.Fset.Position(function(t, pkg, "g").Pos()).Line)
}
