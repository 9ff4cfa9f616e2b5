package emit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/boltauthgen/boltauthgen/gen/model"
)

// A function writes the method that guards one handler.
type function struct {
	*server
	h     *model.Handler
	local names

	g, w, r, call, ok, p, err string
	receiver                  string // the variable for the receiver; "" if only the handler's call needs it
	bindings                  map[*model.Binding]string
	ages                      map[*model.Builtin]string // that a variable holds
}

func newFunction(s *server, h *model.Handler) *function {
	f := &function{server: s, h: h, local: s.functionNames(h), bindings: map[*model.Binding]string{},
		ages: map[*model.Builtin]string{}}
	for _, b := range h.Args { // what a guard can name comes first, and is called here as it is there
		f.name(b)
		f.nameSpecial(b)
	}
	if s.Receiver != nil && f.usesReceiver() {
		f.receiver = pickReceiver(f.local, s.Receiver)
	}
	eachBinding(h, f.name)
	f.g = f.local.pick("g", "guarded")
	f.pickUnless(&f.w, "w", "rw")
	f.pickUnless(&f.r, "r", "req")
	f.call, f.ok, f.err = f.local.pick("call", "c"), f.local.pick("ok"), f.local.pick("err")
	f.pickUnless(&f.p, "p", "principal")
	return f
}

// nameSpecial chooses the names of what every generated function has if the handler has names for it.
func (f *function) nameSpecial(b *model.Binding) {
	if b.Name == "" || b.Name == "_" {
		return
	}
	switch b.Kind {
	case model.Writer:
		f.pickUnless(&f.w, b.Name, "w", "rw")
	case model.Request:
		f.pickUnless(&f.r, b.Name, "r", "req")
	case model.Principal:
		f.pickUnless(&f.p, b.Name, "p", "principal")
	}
}

// pickUnless chooses a name that has not been chosen yet.
func (f *function) pickUnless(name *string, candidates ...string) {
	if *name == "" {
		*name = f.local.pick(candidates...)
	}
}

// name chooses the variable of a value.
func (f *function) name(b *model.Binding) {
	if f.bindings[b] != "" || b.Kind != model.Path && b.Kind != model.Provided {
		return
	}
	other := b.Name + "Value"
	if b.Name == "value" {
		other = "v"
	}
	f.bindings[b] = f.local.pick(b.Name, other)
}

// functionNames returns the names that the function's body uses with their meaning outside of it.
func (s *server) functionNames(h *model.Handler) names {
	taken := s.locals()
	for _, step := range h.Steps {
		step.Expr.AllPieces(func(p model.Piece) { taken.add(globals([]model.Piece{p})...) })
	}
	eachBinding(h, func(b *model.Binding) {
		taken.add(globals(b.Type)...)
		if b.Provider != nil && !b.Provider.Method && b.Provider.Import == "" {
			taken.add(b.Provider.Name)
		}
	})
	if s.Receiver == nil {
		taken.add(h.Name)
	}
	return taken
}

func (f *function) usesReceiver() bool {
	uses := false
	for _, s := range f.h.Steps {
		s.Expr.AllPieces(func(p model.Piece) { uses = uses || p.Receiver })
	}
	eachBinding(f.h, func(b *model.Binding) { uses = uses || b.Provider != nil && b.Provider.Method })
	return uses
}

func (f *function) usesPrincipal() bool {
	uses := false
	for _, s := range f.h.Steps {
		s.Expr.Builtins(func(*model.Builtin) { uses = true })
	}
	eachBinding(f.h, func(b *model.Binding) { uses = uses || b.Kind == model.Principal })
	return uses
}

func (f *function) emit() {
	f.doc()
	f.file.Func().Params(jen.Id(f.g).Op("*").Id(f.GuardedName())).Id(f.h.Name).
		Params(jen.Id(f.w).Add(http("ResponseWriter")), jen.Id(f.r).Op("*").Add(http("Request"))).
		BlockFunc(func(b *jen.Group) {
			f.enter(b)
			for _, s := range f.h.Steps {
				f.step(b, s)
			}
			for _, binding := range f.h.Rest {
				f.bind(b, binding)
			}
			if len(f.h.Steps) > 0 || len(f.bindings) > 0 {
				b.Line()
			}
			b.Id(f.call).Dot("Allow").Call()
			f.serve(b)
		})
}

// doc says what the handler stands behind.
func (f *function) doc() {
	name := f.h.Name
	if f.Receiver != nil {
		name = f.Receiver.Type + "." + name
	}
	lines := []string{fmt.Sprintf("%s serves [%s].", f.h.Name, name), ""}
	row := func(key, value string) { lines = append(lines, fmt.Sprintf("\t%-8s %s", key, value)) }
	for _, p := range f.h.Patterns {
		row("route", p)
	}
	if texts := backendTexts(f.h); len(texts) > 0 {
		row("backend", strings.Join(texts, ", "))
	} else {
		row("backend", "none")
	}
	for _, g := range f.h.Guards {
		row("guard", g.Text)
	}
	if f.h.Replaced != "" {
		row("replaces", "the defaults: "+f.h.Replaced)
	}
	for _, l := range lines {
		f.file.Comment(lineComment(l))
	}
}

func (f *function) enter(b *jen.Group) {
	b.List(jen.Id(f.call), jen.Id(f.ok)).Op(":=").Id(f.g).Dot(f.fields[f.h.Name]).Dot("Enter").Call(jen.Id(f.w), jen.Id(f.r)).
		Comment("a refusal has been answered")
	b.If(jen.Op("!").Id(f.ok)).Block(jen.Return())
	b.Defer().Id(f.call).Dot("Recover").Call()
	receiver := jen.Id(f.g).Dot(f.receiverField)
	principal := jen.Id(f.call).Dot("Principal").Call()
	switch {
	case f.receiver != "" && f.usesPrincipal():
		b.List(jen.Id(f.receiver), jen.Id(f.p)).Op(":=").List(receiver, principal)
	case f.receiver != "":
		b.Id(f.receiver).Op(":=").Add(receiver)
	case f.usesPrincipal():
		b.Id(f.p).Op(":=").Add(principal)
	}
	if len(f.h.Steps)+len(f.h.Rest) > 0 {
		b.Line()
	}
}

// refuse writes the end of a request: a call of the method with these arguments, and a return.
func (f *function) refuse(method string, args ...jen.Code) []jen.Code {
	return []jen.Code{jen.Id(f.call).Dot(method).Call(args...), jen.Return()}
}

// refuseOnError ends the request if there is an error.
func (f *function) refuseOnError(b *jen.Group, method string) {
	b.If(jen.Id(f.err).Op("!=").Nil()).Block(f.refuse(method, jen.Id(f.err))...)
}

// bind writes what makes a binding's value known.
func (f *function) bind(b *jen.Group, binding *model.Binding) {
	switch binding.Kind {
	case model.Request:
		b.Id(f.r).Op("=").Id(f.call).Dot("Request").Call().Comment("carries the principal in its context")
	case model.Path:
		f.path(b, binding)
	case model.Provided:
		f.provide(b, binding)
	}
}

func (f *function) path(b *jen.Group, binding *model.Binding) {
	value := f.runtime(string(binding.Convert)).Types(f.expression(binding.Type, f.renderer())).
		Call(jen.Id(f.r), jen.Lit(binding.Wildcard))
	if binding.Convert == model.PathRest {
		b.Id(f.bindings[binding]).Op(":=").Add(value)
		return
	}
	b.List(jen.Id(f.bindings[binding]), jen.Id(f.err)).Op(":=").Add(value)
	f.refuseOnError(b, "Refuse")
}

func (f *function) provide(b *jen.Group, binding *model.Binding) {
	p := binding.Provider
	fun := jen.Id(p.Name)
	switch {
	case p.Method:
		fun = jen.Id(f.receiver).Dot(p.Name)
	case p.Import != "":
		fun = jen.Qual(p.Import, p.Name)
	}
	call := fun.Call(f.arguments(binding.Args)...)
	switch {
	case p.Nilable && p.Error:
		call = f.runtime("NotNil").Call(call)
	case p.Nilable:
		call = f.runtime("NotNil").Call(call, jen.Nil())
	case !p.Error:
		b.Id(f.bindings[binding]).Op(":=").Add(call)
		return
	}
	b.List(jen.Id(f.bindings[binding]), jen.Id(f.err)).Op(":=").Add(call)
	f.refuseOnError(b, "Refuse")
}

// arguments writes the values of bindings.
func (f *function) arguments(bindings []*model.Binding) []jen.Code {
	var args []jen.Code
	for _, b := range bindings {
		args = append(args, f.value(b))
	}
	return args
}

func (f *function) value(b *model.Binding) *jen.Statement {
	switch b.Kind {
	case model.Writer:
		return jen.Id(f.w)
	case model.Request:
		return jen.Id(f.r)
	case model.Context:
		return jen.Id(f.r).Dot("Context").Call()
	case model.Principal:
		return jen.Id(f.p)
	}
	return jen.Id(f.bindings[b])
}

// step writes one step: what it needs, and the refusal if it does not hold.
func (f *function) step(b *jen.Group, s model.Step) {
	for _, binding := range s.Bind {
		f.bind(b, binding)
	}
	switch s.Kind {
	case model.ErrorCall:
		b.If(jen.Id(f.err).Op(":=").Add(f.node(s.Expr)), jen.Id(f.err).Op("!=").Nil()).Block(f.refuse("DenyError", jen.Id(f.err))...)
	case model.BoolErrorCall:
		holds := f.local.pick("holds")
		b.List(jen.Id(holds), jen.Id(f.err)).Op(":=").Add(f.node(s.Expr))
		f.refuseOnError(b, "DenyError")
		b.If(jen.Op("!").Id(holds)).Block(f.refuse("Deny")...)
	default:
		f.fixAge(b, s)
		b.If(f.negated(s.Expr)).Block(f.denial(s)...)
	}
}

// fixAge keeps the age that Fresh asks for in a variable if it takes a call to know it: the refusal names it once more.
func (f *function) fixAge(b *jen.Group, s model.Step) {
	if s.Kind != model.Fresh {
		return
	}
	builtin := s.Expr.Pieces[0].Builtin
	calls := slices.ContainsFunc(builtin.Age, func(p model.Piece) bool { return strings.Contains(p.Text, "(") })
	if calls {
		value := f.expression(builtin.Age, f.renderer())
		f.ages[builtin] = f.local.pick("maxAge")
		b.Id(f.ages[builtin]).Op(":=").Add(value)
	}
}

// age writes the age that Fresh asks for.
func (f *function) age(b *model.Builtin) *jen.Statement {
	if known := f.ages[b]; known != "" {
		return jen.Id(known)
	}
	return f.expression(b.Age, f.renderer())
}

// denial writes the refusal of a step, which says more for HasScope and Fresh.
func (f *function) denial(s model.Step) []jen.Code {
	if s.Kind == model.Bool {
		return f.refuse("Deny")
	}
	builtin := s.Expr.Pieces[0].Builtin
	if s.Kind == model.Fresh {
		return f.refuse("DenyStale", f.age(builtin))
	}
	var scopes []jen.Code
	for _, name := range builtin.Names {
		scopes = append(scopes, jen.Id(f.scopes[name]))
	}
	return f.refuse("DenyScope", scopes...)
}

// serve writes the call of the handler and the answer.
func (f *function) serve(b *jen.Group) {
	fun := jen.Id(f.h.Name)
	switch {
	case f.receiver != "":
		fun = jen.Id(f.receiver).Dot(f.h.Name)
	case f.Receiver != nil:
		fun = jen.Id(f.g).Dot(f.receiverField).Dot(f.h.Name)
	}
	call := fun.Call(f.arguments(f.h.Args)...)
	fail := func() []jen.Code { return []jen.Code{jen.Id(f.call).Dot("Fail").Call(jen.Id(f.err))} }
	switch f.h.Result {
	case model.NoResult:
		b.Add(call)
	case model.Error:
		b.If(jen.Id(f.err).Op(":=").Add(call), jen.Id(f.err).Op("!=").Nil()).Block(fail()...)
	case model.Value:
		b.Id(f.call).Dot("Respond").Call(call)
	case model.ValueError:
		result := f.local.pick("result")
		b.List(jen.Id(result), jen.Id(f.err)).Op(":=").Add(call)
		b.If(jen.Id(f.err).Op("!=").Nil()).Block(append(fail(), jen.Return())...)
		b.Id(f.call).Dot("Respond").Call(jen.Id(result))
	}
}
