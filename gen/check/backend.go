package check

import (
	"go/ast"
	"go/types"

	"github.com/boltauthgen/boltauthgen/gen/directive"
	"github.com/boltauthgen/boltauthgen/gen/model"
)

// backends notes the backends of the nearest level that names any.
func (c *checker) backends(h *handler) {
	l := line{}
	if d, ok := h.First(directive.Backend); ok {
		l = line{Directive: d}
	} else if d, ok := h.level.First(directive.Backend); ok {
		l = line{Directive: d, target: h.level}
	} else if d, ok := c.own.Clause.First(directive.Backend); ok {
		l = line{Directive: d, target: c.own.Clause}
	} else {
		return
	}
	if l.Args == "none" {
		return
	}
	expr, ok := c.parse(&l, "_(", ")")
	if !ok {
		h.out.Backends = []model.Backend{{Text: l.Args}} // so that no other problem follows from this one
		return
	}
	call, ok := expr.(*ast.CallExpr)
	if !ok || !isList(call) {
		c.at(unparsable, l.ArgsPos, l.End, "a list of backends is wanted, such as s.JWT, s.Keys")
		h.out.Backends = []model.Backend{{Text: l.Args}}
		return
	}
	seen := map[string]bool{}
	for _, arg := range call.Args {
		if id, ok := arg.(*ast.Ident); ok && id.Name == "none" && len(call.Args) > 1 {
			c.at(unparsable, l.real(id.Pos()), l.real(id.End()), "none stands alone")
			h.out.Backends = append(h.out.Backends, model.Backend{Text: id.Name})
			continue
		}
		t := &translator{checker: c, handler: h, line: l}
		b := t.backend(arg)
		if t.failed {
			// A problem keeps the package from being generated; noting the backend keeps others from following from it.
			h.out.Backends = append(h.out.Backends, model.Backend{Text: l.text(arg.Pos(), arg.End())})
			continue
		}
		if seen[b.Text] {
			t.fail(repeatedBackend, arg, b.Text)
		}
		seen[b.Text] = true
		h.out.Backends = append(h.out.Backends, b)
	}
}

// isList reports whether the call that a list of backends is parsed as has not become another one by parentheses in it.
func isList(call *ast.CallExpr) bool {
	id, ok := call.Fun.(*ast.Ident)
	return ok && id.Name == "_" && !call.Ellipsis.IsValid() && len(call.Args) > 0
}

// backend checks and translates one backend.
func (t *translator) backend(e ast.Expr) model.Backend {
	text := t.line.text(e.Pos(), e.End())
	info := newInfo()
	if err := types.CheckExpr(t.fset, t.pkg.Types, t.handler.pos(), e, info); err != nil {
		t.typeError(e, err)
		return model.Backend{}
	}
	tv := info.Types[e]
	if tv.IsNil() || !tv.IsValue() || !t.isAuthenticator(tv.Type) {
		t.fail(notBackend, e, text, typeName(tv, t.pkg.Types))
		return model.Backend{}
	}
	b := model.Backend{Text: text, Expr: t.pieces(e, info)}
	for _, p := range b.Expr {
		if p.Binding != nil {
			t.fail(backendParameter, e, text)
		}
		if p.Builtin != nil {
			t.fail(notBackend, e, text, "a guard")
		}
	}
	return b
}

// isAuthenticator reports whether a type has the methods of runtime.Authenticator. It compares the method set by shape
// because the package need not import the run time itself.
func (t *translator) isAuthenticator(typ types.Type) bool {
	methods := types.NewMethodSet(typ)
	want := map[string]string{
		"Name":         "func() string",
		"Authenticate": "func(*net/http.Request) (*" + model.RuntimePath + ".Principal, error)",
		"Challenge":    "func(*net/http.Request, error) string",
	}
	for name, signature := range want {
		m := methods.Lookup(nil, name)
		if m == nil {
			return false
		}
		sig, ok := m.Type().(*types.Signature)
		if !ok || shape(sig) != signature {
			return false
		}
	}
	return true
}

// shape writes a signature without the names of its parameters.
func shape(sig *types.Signature) string {
	return types.TypeString(types.NewSignatureType(nil, nil, nil, unnamed(sig.Params()), unnamed(sig.Results()), sig.Variadic()), nil)
}

func unnamed(t *types.Tuple) *types.Tuple {
	var vars []*types.Var
	for v := range t.Variables() {
		vars = append(vars, types.NewParam(0, nil, "", types.Unalias(v.Type())))
	}
	return types.NewTuple(vars...)
}
