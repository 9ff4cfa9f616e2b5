package check

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/boltauthgen/boltauthgen/gen/directive"
	"github.com/boltauthgen/boltauthgen/gen/load"
	"github.com/boltauthgen/boltauthgen/gen/model"
)

// A provider is a function whose result can be a parameter.
type provider struct {
	obj      *types.Func
	receiver *types.TypeName // nil for a function
	result   types.Type
	optional bool
	model    model.Provider
}

func (p *provider) String() string {
	switch {
	case p.receiver != nil:
		return p.receiver.Name() + "." + p.obj.Name()
	case p.model.Import != "":
		return p.obj.Pkg().Name() + "." + p.obj.Name()
	}
	return p.obj.Name()
}

// findProviders collects the providers of this package and the exported functions of those that it imports.
func (c *checker) findProviders() {
	for _, t := range c.own.Funcs {
		if d, ok := t.First(directive.Provide); ok {
			if p := c.provider(c.pkg, t.Func, d, true); p != nil {
				c.providers = append(c.providers, p)
			}
		}
	}
	for _, path := range slices.Sorted(maps.Keys(c.pkg.Imports)) {
		imported := c.pkg.Imports[path]
		if imported.Module != c.pkg.Module {
			continue
		}
		for _, t := range c.directives(imported).Funcs {
			d, ok := t.First(directive.Provide)
			if !ok || t.Func.Recv != nil || !t.Func.Name.IsExported() {
				continue
			}
			if p := c.provider(imported, t.Func, d, false); p != nil {
				p.model.Import = p.obj.Pkg().Path()
				c.imports[p.model.Import] = p.obj.Pkg().Name()
				c.providers = append(c.providers, p)
			}
		}
	}
}

// provider looks at one provider's signature. It returns nil where that is none, and reports it if the package is ours.
func (c *checker) provider(pkg *load.Package, decl *ast.FuncDecl, d directive.Directive, own bool) *provider {
	obj, _ := pkg.Info.Defs[decl.Name].(*types.Func)
	if obj == nil || own && c.brokenTypes(decl.Type) {
		return nil
	}
	sig := obj.Signature()
	p := &provider{obj: obj, optional: d.Args == "optional", model: model.Provider{Name: obj.Name()}}
	named := receiverType(sig)
	results := sig.Results()
	errorType := types.Universe.Lookup("error").Type()
	p.model.Error = results.Len() == 2 && types.Identical(results.At(1).Type(), errorType)
	bad := obj.Name() == "_" || results.Len() == 0 || results.Len() > 2 || results.Len() == 2 && !p.model.Error ||
		types.Identical(results.At(0).Type(), errorType)
	generics := sig.TypeParams().Len() > 0 || named != nil && named.TypeParams().Len() > 0
	if bad || generics || sig.Variadic() || sig.Recv() != nil && named == nil {
		if own {
			c.at(badProvider, decl.Name.Pos(), decl.Name.End(), decl.Name.Name)
		}
		return nil
	}
	p.result = results.At(0).Type()
	if kindOf(p.result) != model.Provided || types.Identical(p.result, types.Universe.Lookup("bool").Type()) {
		if own {
			c.at(badProvided, decl.Type.Results.Pos(), decl.Type.Results.End(), decl.Name.Name, c.typeString(p.result))
		}
		return nil
	}
	switch p.result.Underlying().(type) {
	case *types.Pointer, *types.Interface:
		p.model.Nilable = true
	}
	if named != nil {
		p.receiver, p.model.Method = named.Obj(), true
	}
	return p
}

// kindOf returns what a parameter of a type is bound to, Provided for all types that have no meaning of their own.
func kindOf(t types.Type) model.BindingKind {
	pointer := false
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t, pointer = p.Elem(), true
	}
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.Obj().Pkg() == nil {
		return model.Provided
	}
	switch path, name := named.Obj().Pkg().Path(), named.Obj().Name(); {
	case !pointer && path == "net/http" && name == "ResponseWriter":
		return model.Writer
	case pointer && path == "net/http" && name == "Request":
		return model.Request
	case !pointer && path == "context" && name == "Context":
		return model.Context
	case pointer && path == model.RuntimePath && name == "Principal":
		return model.Principal
	}
	return model.Provided
}

// parameter returns the binding of a handler's parameter, nil after reporting that there is none.
func (c *checker) parameter(h *handler, v *types.Var) *model.Binding {
	b := c.bind(h, v, nil)
	if b != nil && v.Name() != "" && v.Name() != "_" && !h.named[b] {
		b.Name, h.named[b] = v.Name(), true // whatever a provider that needs it, too, calls it
	}
	return b
}

// bindParameters binds what the handler's call needs.
func (c *checker) bindParameters(h *handler) {
	for v := range h.sig.Params().Variables() {
		b := c.parameter(h, v)
		if b == nil {
			continue
		}
		if b.Kind == model.Provided && slices.Contains(h.out.Args, b) {
			c.at(sameValue, v.Pos(), v.Pos()+token.Pos(len(v.Name())), c.describe(v), h.Func.Name.Name, b.Provider.Name)
		}
		h.out.Args = append(h.out.Args, b)
		h.out.Rest = append(h.out.Rest, h.unbound(b)...)
	}
}

// bindSteps says what is bound before each step.
func (c *checker) bindSteps(h *handler, steps []*step) {
	for _, s := range steps {
		out := model.Step{Kind: s.kind, Expr: s.node}
		for _, b := range s.uses {
			out.Bind = append(out.Bind, h.unbound(b)...)
		}
		h.out.Steps = append(h.out.Steps, out)
	}
}

// unbound returns a binding with everything that it needs, in order, but for what was returned before.
func (h *handler) unbound(b *model.Binding) []*model.Binding {
	if h.bound[b] {
		return nil
	}
	h.bound[b] = true
	var all []*model.Binding
	for _, a := range b.Args {
		all = append(all, h.unbound(a)...)
	}
	return append(all, b)
}

// bind finds the value for a parameter of the handler or of a provider; path holds the providers on the way to it.
func (c *checker) bind(h *handler, v *types.Var, path []*provider) *model.Binding {
	kind := kindOf(v.Type())
	if kind == model.Writer && len(path) > 0 {
		c.report(writerInProvider.At(c.fset, h.Func.Name.Pos(), h.Func.Name.End(), path[len(path)-1]).
			WithRelated(c.fset.PositionFor(v.Pos(), false), "the parameter"))
		return nil
	}
	if kind != model.Provided {
		return h.shared(fmt.Sprint(kind), func() *model.Binding {
			b := &model.Binding{Kind: kind, Name: v.Name()}
			if kind == model.Context {
				b.Args = []*model.Binding{h.shared(fmt.Sprint(model.Request), func() *model.Binding {
					return &model.Binding{Kind: model.Request}
				})}
			}
			return b
		})
	}
	candidates := c.candidates(h, v.Type())
	if h.names[v.Name()] || len(h.routes) == 0 && len(candidates) == 0 {
		if b := c.pathValue(h, v); b != nil {
			if len(candidates) > 0 {
				c.ambiguousAt(h, v, path, candidates, "the path value {"+v.Name()+"} and ")
				return nil
			}
			return b
		}
	}
	if conversion, _ := pathType(v.Type()); h.mentioned[v.Name()] && !h.names[v.Name()] && conversion != "" && len(candidates) > 0 {
		c.ambiguousAt(h, v, path, candidates, "the path value {"+v.Name()+"} of some routes and ")
		return nil
	}
	return c.provided(h, v, candidates, path)
}

// shared returns the handler's one binding under a key.
func (h *handler) shared(key string, make func() *model.Binding) *model.Binding {
	b := h.bindings[key]
	if b == nil {
		b = make()
		h.bindings[key] = b
	}
	return b
}

func (c *checker) candidates(h *handler, t types.Type) []*provider {
	var all []*provider
	for _, p := range c.providers {
		if types.Identical(p.result, t) && (p.receiver == nil || p.receiver == h.receiver) {
			all = append(all, p)
		}
	}
	return all
}

// provided binds the result of the one provider that fits.
func (c *checker) provided(h *handler, v *types.Var, candidates, path []*provider) *model.Binding {
	name := h.Func.Name
	switch {
	case len(candidates) == 0:
		c.report(unbound.At(c.fset, name.Pos(), name.End(), c.describe(v), h.trail(path)).
			WithHint("%s", c.unboundHint(h, v)).WithRelated(c.fset.PositionFor(v.Pos(), false), "the parameter"))
		return nil
	case len(candidates) > 1:
		c.ambiguousAt(h, v, path, candidates, "")
		return nil
	case slices.Contains(path, candidates[0]):
		c.at(circular, name.Pos(), name.End(), h.trail(append(path[:len(path):len(path)], candidates[0])))
		return nil
	}
	p := candidates[0]
	key := "provider " + p.model.Import + " " + p.String() // packages of one name may have functions of one name
	if b := h.bindings[key]; b != nil {
		return b
	}
	b := &model.Binding{Kind: model.Provided, Name: v.Name(), Provider: &p.model}
	if p.model.Method {
		c.serverOf(h.receiver, p.obj.Signature())
	}
	if b.Name == "" || b.Name == "_" {
		b.Name = nameFor(v.Type())
	}
	for param := range p.obj.Signature().Params().Variables() {
		if kindOf(param.Type()) == model.Principal && h.public && !p.optional {
			c.report(providerOnPublic.At(c.fset, name.Pos(), name.End(), name.Name, p).
				WithRelated(c.fset.PositionFor(p.obj.Pos(), false), "the provider"))
			return nil
		}
		arg := c.bind(h, param, append(path[:len(path):len(path)], p))
		if arg == nil {
			return nil
		}
		if arg.Kind == model.Provided && slices.Contains(b.Args, arg) {
			c.report(sameValue.At(c.fset, name.Pos(), name.End(), c.describe(param), p, arg.Provider.Name).
				WithRelated(c.fset.PositionFor(param.Pos(), false), "the parameter"))
		}
		b.Args = append(b.Args, arg)
	}
	h.bindings[key] = b
	return b
}

// ambiguousAt reports a parameter that several providers, and what else is named, bind.
func (c *checker) ambiguousAt(h *handler, v *types.Var, path, candidates []*provider, besides string) {
	d := ambiguous.At(c.fset, h.Func.Name.Pos(), h.Func.Name.End(), h.trail(path), c.describe(v), besides+joinProviders(candidates))
	for _, p := range candidates {
		d = d.WithRelated(c.fset.PositionFor(p.obj.Pos(), false), "%s", p)
	}
	c.report(d)
}

// describe returns a parameter's name and type, as far as it has a name.
func (c *checker) describe(v *types.Var) string {
	if v.Name() == "" {
		return "of type " + c.typeString(v.Type())
	}
	return v.Name() + " (" + c.typeString(v.Type()) + ")"
}

// trail names the handler and the providers that lead to a parameter.
func (h *handler) trail(path []*provider) string {
	s := h.Func.Name.Name
	for _, p := range path {
		s += " → " + p.String()
	}
	return s
}

func joinProviders(all []*provider) string {
	var names []string
	for _, p := range all {
		names = append(names, p.String())
	}
	return strings.Join(names, " and ")
}

func (c *checker) unboundHint(h *handler, v *types.Var) string {
	if p, ok := types.Unalias(v.Type()).(*types.Pointer); ok && kindOf(p.Elem()) != model.Provided {
		return "did you mean " + c.typeString(p.Elem())
	}
	if pointer := types.NewPointer(v.Type()); kindOf(pointer) != model.Provided {
		return "did you mean " + c.typeString(pointer)
	}
	if conversion, _ := pathType(v.Type()); conversion != "" && len(h.routes) > 0 {
		if v.Name() == "" || v.Name() == "_" {
			return "call it as a wildcard of the route is called"
		}
		if len(h.routes) > 1 {
			return fmt.Sprintf("write {%s} into every route, or //auth:provide above a function that returns %s", v.Name(), c.typeString(v.Type()))
		}
		return fmt.Sprintf("write {%s} into the route, or //auth:provide above a function that returns %s", v.Name(), c.typeString(v.Type()))
	}
	return fmt.Sprintf("write //auth:provide above a function that returns %s", c.typeString(v.Type()))
}

// pathValue binds a path wildcard, nil if the parameter's type cannot be one.
func (c *checker) pathValue(h *handler, v *types.Var) *model.Binding {
	conversion, rest := pathType(v.Type())
	if conversion == "" || v.Name() == "" || v.Name() == "_" {
		return nil
	}
	if h.rests[v.Name()] && rest {
		conversion = model.PathRest
	}
	return h.shared("path "+v.Name()+" "+types.TypeString(v.Type(), nil), func() *model.Binding {
		return &model.Binding{Kind: model.Path, Name: v.Name(), Wildcard: v.Name(), Convert: conversion, Type: c.typePieces(v.Type())}
	})
}

// pathType returns how a path value becomes a type, "" if it cannot; text says that its values are strings.
func pathType(t types.Type) (conversion model.Conversion, text bool) {
	if ms := types.NewMethodSet(types.NewPointer(t)); ms.Lookup(nil, "UnmarshalText") != nil && !types.IsInterface(t) {
		if _, pointer := types.Unalias(t).(*types.Pointer); !pointer && isUnmarshaler(ms.Lookup(nil, "UnmarshalText").Type()) {
			return model.PathText, false
		}
	}
	basic, ok := t.Underlying().(*types.Basic)
	if !ok {
		return "", false
	}
	switch info := basic.Info(); {
	case info&types.IsString != 0:
		return model.PathString, true
	case info&types.IsBoolean != 0:
		return model.PathBool, false
	case basic.Kind() == types.Uintptr:
		return "", false
	case info&types.IsUnsigned != 0:
		return model.PathUint, false
	case info&types.IsInteger != 0:
		return model.PathInt, false
	}
	return "", false
}

// isUnmarshaler reports whether a method is func([]byte) error, as encoding.TextUnmarshaler has it.
func isUnmarshaler(t types.Type) bool {
	sig, ok := t.(*types.Signature)
	return ok && sig.Params().Len() == 1 && sig.Results().Len() == 1 &&
		types.Identical(sig.Params().At(0).Type(), types.NewSlice(types.Typ[types.Byte])) &&
		types.Identical(sig.Results().At(0).Type(), types.Universe.Lookup("error").Type())
}

func (c *checker) typeString(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string {
		if p == c.pkg.Types {
			return ""
		}
		return p.Name()
	})
}

// typePieces writes a type with marks where the names of packages stand.
func (c *checker) typePieces(t types.Type) []model.Piece {
	const mark = "\x00"
	s := types.TypeString(t, func(p *types.Package) string {
		if p == c.pkg.Types {
			return ""
		}
		c.imports[p.Path()] = p.Name()
		return mark + p.Path() + mark
	})
	var pieces []model.Piece
	for i, part := range strings.Split(s, mark) {
		switch {
		case i%2 == 1:
			pieces = append(pieces, model.Piece{Import: part})
		case part != "":
			pieces = append(pieces, model.Piece{Text: part, Global: token.IsIdentifier(part)})
		}
	}
	return pieces
}

// nameFor makes a variable's name from its type: "article" for *blog.Article.
func nameFor(t types.Type) string {
	s := types.TypeString(t, func(*types.Package) string { return "" })
	s = s[strings.LastIndexByte(s, '.')+1:]
	s = strings.TrimFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })
	if i := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' }); i >= 0 {
		s = s[:i]
	}
	if name := model.LowerFirst(s); token.IsIdentifier(name) {
		return name
	}
	return "value"
}
