// Package directive reads the //auth: comments of a package and says what each of them stands on.
//
// # Grammar
//
// A directive is a line comment of the form
//
//	//auth:NAME ARGUMENTS
//
// without a space between the slashes and the name, in the doc comment of a function, a method, a type, a const
// declaration or the package clause. Doc comment means what go/ast means by it: no blank line in between.
//
// # Nothing is ignored
//
// A directive that nobody reads is an open door. So [Read] looks at every comment of every file of the package, also of
// test files and of files that the build leaves out, and reports each one that looks like a directive and is none: a
// name that is misspelt, a space too many, a block comment, a place where it has no meaning, characters that cannot be
// seen.
package directive

import (
	"go/ast"
	"go/token"

	"github.com/boltauthgen/boltauthgen/gen/diag"
	"github.com/boltauthgen/boltauthgen/gen/load"
)

// Names of directives.
const (
	Route       = "route"
	Guard       = "guard"
	Replace     = "replace"
	Backend     = "backend"
	Prefix      = "prefix"
	Provide     = "provide"
	Permissions = "permissions"
	Ignore      = "ignore"
)

// Places on which a directive can stand.
const (
	onFunc    = "a function or method"
	onType    = "a type"
	onPackage = "the package clause"
	onConst   = "a const declaration"
	onVar     = "a variable" // where no directive has a meaning
	onImport  = "an import"  // nor here
)

// A spec says what is true of every directive of one name.
type spec struct {
	places     []string
	arguments  string // what stands behind the name, for messages; "" if nothing may
	repeatable bool
}

var specs = map[string]spec{
	Route:       {places: []string{onFunc}, arguments: "a pattern such as GET /articles/{id}", repeatable: true},
	Guard:       {places: []string{onFunc, onType, onPackage}, arguments: "a guard such as IsAuthenticated()", repeatable: true},
	Replace:     {places: []string{onFunc, onType}, arguments: "the reason for which the defaults do not count here"},
	Backend:     {places: []string{onFunc, onType, onPackage}, arguments: "backends such as s.JWT, s.Keys, or none"},
	Prefix:      {places: []string{onType, onPackage}, arguments: "a path such as /api"},
	Provide:     {places: []string{onFunc}},
	Permissions: {places: []string{onConst}},
	Ignore:      {places: []string{onFunc}, arguments: "the reason for which this is no handler"},
}

// names holds the directives in the order of the documentation.
var names = []string{Route, Guard, Replace, Backend, Prefix, Provide, Permissions, Ignore}

// A Directive is one //auth: line.
type Directive struct {
	Name string
	Args string // without the white space around it

	Pos, ArgsPos, End token.Pos // of the slashes, of Args, behind the last byte
}

// A Target is a declaration, or a package clause, with directives.
type Target struct {
	File       *load.File
	Directives []Directive // in the order of the source; a type and a package clause may be Damaged and have none
	Damaged    bool        // Read reported a line of the doc comment: what is missing here may be what the line was to say

	// At most one of these is set; none is for a package clause.
	Func  *ast.FuncDecl
	Type  *ast.TypeSpec
	Const *ast.GenDecl
}

// IsDamaged reports whether the target is Damaged. A nil Target is not.
func (t *Target) IsDamaged() bool { return t != nil && t.Damaged }

// All returns the target's directives of a name. A nil Target has none.
func (t *Target) All(name string) []Directive {
	if t == nil {
		return nil
	}
	var all []Directive
	for _, d := range t.Directives {
		if d.Name == name {
			all = append(all, d)
		}
	}
	return all
}

// First returns the target's first directive of a name. A nil Target has none.
func (t *Target) First(name string) (Directive, bool) {
	if all := t.All(name); len(all) > 0 {
		return all[0], true
	}
	return Directive{}, false
}

// A Package is what the directives of one package say.
type Package struct {
	Clause *Target // the package clause; nil without directives
	Types  []*Target
	Funcs  []*Target
	Consts []*Target
}

// Empty reports whether the package has no directive at all.
func (p *Package) Empty() bool {
	return p.Clause == nil && len(p.Types)+len(p.Funcs)+len(p.Consts) == 0
}

// Read returns the directives of a package, and every problem that can be seen without types. What a problem concerns
// is left out of the Package.
func Read(fset *token.FileSet, pkg *load.Package) (*Package, []diag.Diagnostic) {
	r := &reader{fset: fset, pkg: &Package{}, unparsable: map[string]bool{}}
	for _, p := range pkg.Problems {
		r.unparsable[p.Pos.Filename] = true
	}
	for _, f := range pkg.Files {
		r.file(f)
	}
	for _, f := range pkg.Other {
		if f.Syntax != nil {
			r.outside(f)
		}
	}
	return r.pkg, r.problems
}
