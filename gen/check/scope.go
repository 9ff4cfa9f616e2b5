package check

import (
	"go/ast"
	"go/token"
	"go/types"
)

// Names of the built-in guards.
const (
	allowAny          = "AllowAny"
	isAuthenticated   = "IsAuthenticated"
	isStaff           = "IsStaff"
	isAdminUser       = "IsAdminUser"
	hasPermission     = "HasPermission"
	hasAnyPermission  = "HasAnyPermission"
	hasAllPermissions = "HasAllPermissions"
	hasScope          = "HasScope"
	fresh             = "Fresh"
)

// A builtin says what a built-in guard takes.
type builtin struct {
	names    bool // constant strings
	variadic bool
	duration bool
}

var builtins = map[string]*builtin{
	allowAny:          {},
	isAuthenticated:   {},
	isStaff:           {},
	isAdminUser:       {},
	hasPermission:     {names: true},
	hasAnyPermission:  {names: true, variadic: true},
	hasAllPermissions: {names: true, variadic: true},
	hasScope:          {names: true, variadic: true},
	fresh:             {duration: true},
}

// declareBuiltins makes the built-in guards visible to the type checker. It reports false if the package has one of these
// names already.
func (c *checker) declareBuiltins() bool {
	scope, ok := c.pkg.Types.Scope(), true
	for name := range builtins {
		if obj := scope.Lookup(name); obj != nil {
			c.at(shadowsBuiltin, obj.Pos(), obj.Pos()+token.Pos(len(name)), name)
			ok = false
		}
		for _, f := range c.pkg.Files {
			if p, taken := c.fileScope(f.Syntax).Lookup(name).(*types.PkgName); taken {
				c.at(importsBuiltin, p.Pos(), token.NoPos, name)
				ok = false
			}
			for _, imp := range f.Syntax.Imports {
				if imp.Name == nil || imp.Name.Name != "." {
					continue
				}
				if p := c.imported(imp); p != nil && p.Scope().Lookup(name) != nil && token.IsExported(name) {
					c.at(importsBuiltin, imp.Pos(), imp.End(), name)
					ok = false
				}
			}
		}
	}
	if !ok {
		return false
	}
	// They go into the scopes of the files: the package's own belongs to those who import it, too.
	for _, f := range c.pkg.Files {
		for name, b := range builtins {
			c.fileScope(f.Syntax).Insert(types.NewFunc(token.NoPos, c.pkg.Types, name, c.signature(b)))
		}
	}
	return true
}

func (c *checker) signature(b *builtin) *types.Signature {
	var params []*types.Var
	switch {
	case b.names && b.variadic:
		params = append(params, types.NewParam(token.NoPos, nil, "names", types.NewSlice(types.Typ[types.String])))
	case b.names:
		params = append(params, types.NewParam(token.NoPos, nil, "name", types.Typ[types.String]))
	case b.duration:
		params = append(params, types.NewParam(token.NoPos, nil, "age", c.durationType()))
	}
	result := types.NewTuple(types.NewParam(token.NoPos, nil, "", types.Typ[types.Bool]))
	return types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), result, b.variadic)
}

// durationType returns time.Duration as this package sees it, or int64 where nothing that it imports knows the package time.
func (c *checker) durationType() types.Type {
	seen := map[*types.Package]bool{}
	var find func(p *types.Package) types.Type
	find = func(p *types.Package) types.Type {
		if seen[p] {
			return nil
		}
		seen[p] = true
		if p.Path() == "time" {
			if obj := p.Scope().Lookup("Duration"); obj != nil {
				return obj.Type()
			}
		}
		for _, imp := range p.Imports() {
			if t := find(imp); t != nil {
				return t
			}
		}
		return nil
	}
	if t := find(c.pkg.Types); t != nil {
		return t
	}
	return types.Typ[types.Int64]
}

// fileScope returns the scope that holds a file's imports.
func (c *checker) fileScope(file *ast.File) *types.Scope {
	return c.pkg.Types.Scope().Innermost(file.Package)
}

// shareImports makes the packages that one file imports visible in the guards of all other files, under the same
// names. A name that two files use for different packages stays local to them.
func (c *checker) shareImports() {
	shared, ambiguous := map[string]*types.Package{}, map[string]bool{}
	c.ambiguous = ambiguous
	for _, f := range c.pkg.Files {
		scope := c.fileScope(f.Syntax)
		for _, name := range scope.Names() {
			p, ok := scope.Lookup(name).(*types.PkgName)
			if !ok {
				continue
			}
			if before := shared[name]; before != nil && before != p.Imported() {
				ambiguous[name] = true
			}
			shared[name] = p.Imported()
		}
	}
	for name, imported := range shared {
		if ambiguous[name] {
			continue
		}
		for _, f := range c.pkg.Files {
			if scope := c.fileScope(f.Syntax); scope.Lookup(name) == nil {
				scope.Insert(types.NewPkgName(token.NoPos, c.pkg.Types, name, imported))
			}
		}
	}
}
