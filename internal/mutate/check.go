package main

const (
	guards      = "gen/check/guard.go"
	satisfiable = "gen/check/satisfiable.go"
	pieces      = "gen/check/pieces.go"
	provide     = "gen/check/provide.go"
	backends    = "gen/check/backend.go"
)

// checkMutants break how guards are read and judged.
var checkMutants = []mutant{
	{"the package's guards are dropped", guards, `add(c.own.Clause, "package")`, `_ = c.own.Clause`},
	{"the type's guards are dropped", guards, `add(h.level, "type")`, `_ = h.level`},
	{"//auth:replace on a type is ignored", guards, `typeReplaces, replace = true, r`, `replace = r`},
	{"every type replaces the package's guards", guards, `var typeReplaces bool`, `typeReplaces := true`},
	{"//auth:replace on a handler is ignored", guards, `if !replaced && !h.public {`, `if (replaced || !replaced) && !h.public {`},
	{"a handler with guards of its own drops the defaults", guards,
		`if !replaced && !h.public {`, `if len(own) == 0 && !replaced && !h.public {`},
	{"only the first guard line of a handler counts", guards,
		`for _, d := range own {
		lines = append`, `for _, d := range own[:min(len(own), 1)] {
		lines = append`},
	{"only the first operand of && counts", guards, `return append(conjuncts(and.X), conjuncts(and.Y)...)`, `return conjuncts(and.X)`},
	{"only the last operand of && counts", guards, `return append(conjuncts(and.X), conjuncts(and.Y)...)`, `return conjuncts(and.Y)`},
	{"steps are checked in reverse", guards,
		`return append(conjuncts(and.X), conjuncts(and.Y)...)`, `return append(conjuncts(and.Y), conjuncts(and.X)...)`},
	{"AllowAny at the end makes a route public", guards, `expr = and.X`, `expr = and.Y`},
	{"AllowAny && … is open", guards, `if operand == expr {`, `if operand != nil {`},
	{"AllowAny alone is public, not open", guards, `if operand == expr {`, `if operand == nil {`},
	{"HasScope is a step like others", guards, `return model.Scope`, `return model.Bool`},
	{"Fresh is a step like others", guards, `return model.Fresh`, `return model.Bool`},
	{"a second line beside AllowAny is accepted", guards, `h.public && len(own) > 1 {`, `h.public && len(own) > 2 {`},
	{"a guard without a backend is accepted", guards, `if len(h.out.Backends) == 0 && !h.public`, `if len(h.out.Backends) == 0 && h.public && !h.public`},
	{"an unguarded route is accepted", guards, `c.directiveAt(unguarded, first, h.Func.Name.Name)`, `_ = first`},

	{"a guard that never holds is accepted", satisfiable, "if f.holds(steps) {\n\t\treturn", "if f.holds(steps) || true {\n\t\treturn"},
	{"a negation is judged as its operand", satisfiable, `return fail, hold`, `return hold, fail`},
	{"&& is judged by its first operand", satisfiable, `return xh && yh, xf || yf`, `return xh, xf || yf`},
	{"|| is judged as &&", satisfiable, `return xh || yh, xf && yf`, `return xh && yh, xf && yf`},
	{"!= is judged as ==", satisfiable, `value = !value`, `_ = value`},
	{"anonymous requests are thought to pass guarded routes", satisfiable, "if !f.public {\n\t\treturn false", "if !f.public {\n\t\treturn true"},
	{"HasAnyPermission is judged as HasAllPermissions", satisfiable,
		`n.Pieces[0].Builtin.Name == hasAnyPermission`, `n.Pieces[0].Builtin.Name == hasAllPermissions`},

	{"AllowAny is accepted anywhere", pieces, `t.fail(allowAnyMisplaced, call)`, `_ = call`},
	{"a default may name parameters", pieces, "if t.line.target != nil {\n\t\t\tt.captured(id, p)", "if t.line.target != nil && id == nil {\n\t\t\tt.captured(id, p)"},
	{"function literals are accepted", pieces, `t.fail(notAllowed, n, "a function literal")`, `_ = n`},
	{"a built-in guard without a backend is accepted", pieces, `t.fail(needsBackendHere, call, name)`, `_ = call`},
	{"a repeated name is accepted", pieces, `case slices.Contains(before, value):`, `case len(before) > 99:`},
	{"an age that never holds is accepted", pieces, `constant.Sign(v) <= 0`, `constant.Sign(v) < -1`},

	{"a provider's arguments are bound after it", provide, `return append(all, b)`, `return append([]*model.Binding{b}, all...)`},
	{"a provider that needs the principal serves public routes", provide, `h.public && !p.optional`, `h.public && p.optional && !p.optional`},
	{"a method provides for other receivers", provide, `(p.receiver == nil || p.receiver == h.receiver)`, `true`},

	{"a handler's backends are ignored", backends, `if d, ok := h.First(directive.Backend); ok {`, `if d, ok := h.First(directive.Backend); ok && d.Args == "none" {`},
	{"a type's backends are ignored", backends, `h.level.First(directive.Backend); ok {`, `h.level.First(directive.Backend); ok && d.Args == "none" {`},
	{"a backend that is named twice is accepted", backends, `if seen[b.Text] {`, `if seen[b.Text+"?"] {`},
}
