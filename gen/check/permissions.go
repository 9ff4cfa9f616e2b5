package check

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/boltauthgen/boltauthgen/gen/diag"
	"github.com/boltauthgen/boltauthgen/gen/directive"
	"github.com/boltauthgen/boltauthgen/gen/load"
)

// catalogue collects the permissions that this package and those that it imports declare.
func (c *checker) catalogue() {
	c.addConstants(c.pkg, c.own, true)
	for _, path := range slices.Sorted(maps.Keys(c.pkg.Imports)) {
		imported := c.pkg.Imports[path]
		c.addConstants(imported, c.directives(imported), false)
	}
}

func (c *checker) addConstants(pkg *load.Package, d *directive.Package, own bool) {
	for _, t := range d.Consts {
		if c.permissions == nil {
			c.permissions = map[string]string{}
		}
		for _, spec := range t.Const.Specs {
			for _, id := range spec.(*ast.ValueSpec).Names {
				c.addConstant(pkg, spec, id, own)
			}
		}
	}
}

func (c *checker) addConstant(pkg *load.Package, spec ast.Spec, id *ast.Ident, own bool) {
	obj, ok := pkg.Info.Defs[id].(*types.Const)
	if !ok || id.Name == "_" {
		return
	}
	value := ""
	if obj.Val().Kind() == constant.String {
		value = constant.StringVal(obj.Val())
	}
	if !isName(value) {
		if own && !(obj.Val().Kind() == constant.Unknown && c.brokenTypes(spec)) {
			c.at(badCatalogue, id.Pos(), id.End(), id.Name)
		}
		return
	}
	name := id.Name
	if !own {
		name = pkg.Name + "." + name
	}
	if _, again := c.permissions[value]; !again || own {
		c.permissions[value] = name
	}
}

// inCatalogue reports a permission that the catalogue does not have.
func (t *translator) inCatalogue(arg ast.Expr, value string) {
	if t.permissions == nil {
		return
	}
	if _, ok := t.permissions[value]; ok {
		return
	}
	t.failed = true
	d := unknownPermission.At(t.fset, t.line.real(arg.Pos()), t.line.real(arg.End()), value)
	known := slices.Sorted(maps.Keys(t.permissions))
	near := diag.Closest(value, known)
	if i := slices.IndexFunc(known, func(p string) bool { return strings.EqualFold(p, value) }); i >= 0 {
		near = known[i]
	}
	if near != "" {
		d = d.WithHint("did you mean %s (%s)", fmt.Sprintf("%q", near), t.permissions[near])
	}
	t.report(d)
}
