package main

const (
	expressions = "gen/emit/expression.go"
	functions   = "gen/emit/function.go"
	servers     = "gen/emit/server.go"
)

// emitMutants break what is written of a guard that was read correctly.
var emitMutants = []mutant{
	{"&& becomes ||", expressions,
		`return f.node(n.X).Op(string(n.Op)).Add(f.node(n.Y))`,
		`if n.Op == model.And {
			n.Op = model.Or
		}
		return f.node(n.X).Op(string(n.Op)).Add(f.node(n.Y))`},
	{"|| becomes &&", expressions,
		`return f.node(n.X).Op(string(n.Op)).Add(f.node(n.Y))`,
		`if n.Op == model.Or {
			n.Op = model.And
		}
		return f.node(n.X).Op(string(n.Op)).Add(f.node(n.Y))`},
	{"an operand of && is dropped", expressions,
		`return f.node(n.X).Op(string(n.Op)).Add(f.node(n.Y))`,
		`if n.Op == model.And {
			return f.node(n.X)
		}
		return f.node(n.X).Op(string(n.Op)).Add(f.node(n.Y))`},
	{"an operand of || is dropped", expressions,
		`return f.node(n.X).Op(string(n.Op)).Add(f.node(n.Y))`,
		`if n.Op == model.Or {
			return f.node(n.Y)
		}
		return f.node(n.X).Op(string(n.Op)).Add(f.node(n.Y))`},
	{"operands change places", expressions,
		`return f.node(n.X).Op(string(n.Op)).Add(f.node(n.Y))`,
		`return f.node(n.Y).Op(string(n.Op)).Add(f.node(n.X))`},
	{"a negation is removed", expressions, `return jen.Op("!").Add(f.node(n.X))`, `return f.node(n.X)`},
	{"parentheses are removed", expressions, `return jen.Parens(f.node(n.X))`, `return f.node(n.X)`},
	{"a step that is a negation is turned around", expressions, `return f.node(unparen(n.X))`, `return f.negated(n.X)`},
	{"a step that is a comparison is turned around", expressions, `Op(string(opposite[n.Op]))`, `Op(string(n.Op))`},
	{"a step of && or || is negated in its first operand only", expressions,
		"case model.And, model.Or:\n\t\treturn jen.Op(\"!\").Parens(f.node(n))",
		"case model.And, model.Or:\n\t\treturn jen.Op(\"!\").Add(f.node(n))"},
	{"a step of && or || is turned around", expressions,
		"case model.And, model.Or:\n\t\treturn jen.Op(\"!\").Parens(f.node(n))",
		"case model.And, model.Or:\n\t\treturn f.node(n)"},
	{"a step of one operand is turned around", expressions, "\treturn jen.Op(\"!\").Add(f.node(n))\n}", "\treturn f.node(n)\n}"},
	{"a step of several names is turned around", expressions, `return jen.Op("!").Add(f.builtin(b))`, `return f.builtin(b)`},
	{"IsStaff asks for superusers", expressions, `"IsStaff": "IsStaff"`, `"IsStaff": "IsSuperuser"`},
	{"IsStaff asks for anyone", expressions, `"IsStaff": "IsStaff"`, `"IsStaff": "IsAuthenticated"`},
	{"IsAdminUser asks for staff", expressions, `"IsAdminUser": "IsSuperuser"`, `"IsAdminUser": "IsStaff"`},
	{"HasAnyPermission asks for all", expressions, `f.permissions, "||")`, `f.permissions, "&&")`},
	{"HasAllPermissions asks for one", expressions, `return f.each(b, "Has", f.permissions, "&&")`, `return f.each(b, "Has", f.permissions, "||")`},
	{"HasScope asks for one", expressions, `f.scopes, "&&")`, `f.scopes, "||")`},
	{"a guard asks for its first name again and again", expressions, `jen.Id(variables[name])`, `jen.Id(variables[b.Names[0]+name[:0]])`},
	{"Fresh asks for authentication only", expressions, `return p.Dot("Fresh").Call(f.age(b))`, `return p.Dot("IsAuthenticated").Call()`},

	{"no return after a refusal", functions,
		`return []jen.Code{jen.Id(f.call).Dot(method).Call(args...), jen.Return()}`,
		`return []jen.Code{jen.Id(f.call).Dot(method).Call(args...)}`},
	{"no return after a refusal in Enter", functions,
		`b.If(jen.Op("!").Id(f.ok)).Block(jen.Return())`,
		`b.Id("_").Op("=").Id(f.ok)`},
	{"a panic is not recovered", functions, `b.Defer().Id(f.call).Dot("Recover").Call()`, ``},
	{"the last step is left out", functions,
		`for _, s := range f.h.Steps {
				f.step(b, s)`,
		`for _, s := range f.h.Steps[:max(len(f.h.Steps)-1, 0)] {
				f.step(b, s)`},
	{"the first of several steps is left out", functions,
		`for _, s := range f.h.Steps {
				f.step(b, s)`,
		`for i, s := range f.h.Steps {
				if i == 0 && len(f.h.Steps) > 1 && len(s.Bind) == 0 {
					continue
				}
				f.step(b, s)`},
	{"a returned error lets the request pass", functions,
		`jen.Id(f.err).Op("!=").Nil()).Block(f.refuse("DenyError", jen.Id(f.err))...)`,
		`jen.Id(f.err).Op("==").Nil()).Block(f.refuse("DenyError", jen.Id(f.err))...)`},
	{"the error of a (bool, error) step is ignored", functions, `f.refuseOnError(b, "DenyError")`, `b.Id("_").Op("=").Id(f.err)`},
	{"the bool of a (bool, error) step is ignored", functions,
		`b.If(jen.Op("!").Id(holds)).Block(f.refuse("Deny")...)`, `b.Id("_").Op("=").Id(holds)`},
	{"the error of a guard answers with its own status", functions,
		`jen.Id(f.err).Op("!=").Nil()).Block(f.refuse("DenyError", jen.Id(f.err))...)`,
		`jen.Id(f.err).Op("!=").Nil()).Block(f.refuse("Refuse", jen.Id(f.err))...)`},
	{"a step that is false allows", functions,
		"if s.Kind == model.Bool {\n\t\treturn f.refuse(\"Deny\")", "if s.Kind == model.Bool {\n\t\treturn []jen.Code{jen.Id(f.call).Dot(\"Allow\").Call()}"},
	{"HasScope is refused without its challenge", functions, `if s.Kind == model.Bool {`, `if s.Kind == model.Bool || s.Kind == model.Scope {`},
	{"Fresh is refused without its challenge", functions, `if s.Kind == model.Bool {`, `if s.Kind == model.Bool || s.Kind == model.Fresh {`},
	{"a nil of a provider is passed on", functions, "\t\tcall = f.runtime(\"NotNil\").Call(call)\n", ""},
	{"the request does not carry the principal", functions,
		`b.Id(f.r).Op("=").Id(f.call).Dot("Request").Call().Comment("carries the principal in its context")`, ``},
	{"what the handler needs is bound before the guard", functions,
		"for _, s := range f.h.Steps {\n\t\t\t\tf.step(b, s)\n\t\t\t}\n\t\t\tfor _, binding := range f.h.Rest {\n\t\t\t\tf.bind(b, binding)\n\t\t\t}",
		"for _, binding := range f.h.Rest {\n\t\t\t\tf.bind(b, binding)\n\t\t\t}\n\t\t\tfor _, s := range f.h.Steps {\n\t\t\t\tf.step(b, s)\n\t\t\t}"},

	{"the last backend is skipped", servers, `for _, backend := range h.Backends {
				args.Line()`, `for i, backend := range h.Backends {
				if i > 0 && i == len(h.Backends)-1 {
					continue
				}
				args.Line()`},
	{"the first backend is skipped", servers, `for _, backend := range h.Backends {
				args.Line()`, `for i, backend := range h.Backends {
				if i == 0 && len(h.Backends) > 1 {
					continue
				}
				args.Line()`},
	{"all handlers have the first list of backends", servers, `if key == "" || lists[key] != "" {`, `for _, first := range lists {
			if key != "" {
				lists[key] = first
			}
		}
		if key == "" || lists[key] != "" {`},
	{"a guarded handler is public", servers, `model.Guarded: "Guarded"`, `model.Guarded: "Public"`},
	{"a guarded handler is open", servers, `model.Guarded: "Guarded"`, `model.Guarded: "Open"`},
	{"a public handler is open", servers, `model.Public: "Public"`, `model.Public: "Open"`},
	{"an open handler is public", servers, `model.Open: "Open"`, `model.Open: "Public"`},
}
