package check

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/boltauthgen/boltauthgen/gen/diag"
	"github.com/boltauthgen/boltauthgen/gen/directive"
	"github.com/boltauthgen/boltauthgen/gen/model"
)

// A handler is a function that is checked.
type handler struct {
	*directive.Target
	obj      *types.Func
	sig      *types.Signature
	receiver *types.TypeName   // nil for a plain function
	level    *directive.Target // the receiver type's directives; nil if it has none
	routes   []pattern
	names    map[string]bool // wildcards that all of its patterns have
	rests    map[string]bool // of these, the ones written {name...}

	mentioned map[string]bool // wildcards that any of its patterns has

	bindings map[string]*model.Binding
	bound    map[*model.Binding]bool
	named    map[*model.Binding]bool // that have the name of a parameter of the handler
	public   bool
	out      *model.Handler
}

// pos is where a guard is checked: at the closing brace receiver and parameters are in scope.
func (h *handler) pos() token.Pos { return h.Func.Body.Rbrace }

// findHandlers returns the functions that have a route or a guard, and complains about directives that need one.
func (c *checker) findHandlers() []*handler {
	var all []*handler
	for _, t := range c.own.Funcs {
		if !c.isHandler(t) {
			continue
		}
		if h := c.signatureOf(t); h != nil {
			all = append(all, h)
		}
	}
	before := len(c.problems)
	for _, t := range c.own.Types {
		served := slices.ContainsFunc(all, func(h *handler) bool { return h.level == t })
		if !served && !t.Damaged && before == 0 {
			c.directiveAt(idleType, t.Directives[0], t.Directives[0].Name, t.Type.Name.Name)
		}
	}
	return all
}

func (c *checker) isHandler(t *directive.Target) bool {
	route, isRoute := t.First(directive.Route)
	guard, isGuard := t.First(directive.Guard)
	provide, isProvider := t.First(directive.Provide)
	ignore, isIgnored := t.First(directive.Ignore)
	first := guard
	if isRoute {
		first = route
	}
	if !isRoute && !isGuard {
		for _, d := range t.Directives {
			if d.Name == directive.Backend || d.Name == directive.Replace {
				c.directiveAt(idleDirective, d, d.Name)
			}
		}
		return false
	}
	if isProvider {
		c.directiveAt(contradiction, first, provide.Name, first.Name)
	}
	if isIgnored {
		c.directiveAt(contradiction, first, ignore.Name, first.Name)
	}
	return !isProvider && !isIgnored
}

// signatureOf looks at what a handler is declared as. It returns nil after reporting why it cannot be one.
func (c *checker) signatureOf(t *directive.Target) *handler {
	name := t.Func.Name
	obj, _ := c.pkg.Info.Defs[name].(*types.Func)
	special := t.Func.Recv == nil && (name.Name == "init" || name.Name == "main" && c.pkg.Name == "main")
	if obj == nil && c.brokenTypes(t.Func.Type) {
		return nil
	}
	if name.Name == "_" || obj == nil || t.Func.Body == nil || special {
		c.at(noHandler, name.Pos(), name.End(), name.Name)
		return nil
	}
	h := &handler{Target: t, obj: obj, sig: obj.Signature(), bindings: map[string]*model.Binding{}, bound: map[*model.Binding]bool{},
		named: map[*model.Binding]bool{}, mentioned: map[string]bool{}}
	if h.sig.TypeParams().Len() > 0 {
		c.at(generic, name.Pos(), name.End(), "the handler "+name.Name)
		return nil
	}
	if h.sig.Variadic() {
		c.at(variadic, name.Pos(), name.End(), name.Name)
		return nil
	}
	if t.Func.Recv != nil && !c.receiver(h) {
		return nil
	}
	if c.brokenTypes(t.Func.Type) || c.hidesBuiltin(h) {
		return nil
	}
	return h
}

// hidesBuiltin reports a receiver, parameter or result that has the name of a built-in guard: a guard would mean that.
func (c *checker) hidesBuiltin(h *handler) bool {
	hides := false
	for _, list := range []*ast.FieldList{h.Func.Recv, h.Func.Type.Params, h.Func.Type.Results} {
		if list == nil {
			continue
		}
		for _, field := range list.List {
			for _, name := range field.Names {
				if builtins[name.Name] != nil {
					c.at(hidesBuiltin, name.Pos(), name.End(), name.Name)
					hides = true
				}
			}
		}
	}
	return hides
}

// receiver finds the handler's receiver type and the directives on it.
func (c *checker) receiver(h *handler) bool {
	field := h.Func.Recv.List[0]
	if c.brokenTypes(field) {
		return false
	}
	named := receiverType(h.sig)
	if named == nil || named.TypeParams().Len() > 0 {
		c.at(generic, field.Type.Pos(), field.Type.End(), "the receiver")
		return false
	}
	h.receiver = named.Obj()
	for _, t := range c.own.Types {
		if c.pkg.Info.Defs[t.Type.Name] == types.Object(h.receiver) {
			h.level = t
		}
	}
	return true
}

// receiverType returns the named type behind a method's receiver, nil for a plain function.
func receiverType(sig *types.Signature) *types.Named {
	if sig.Recv() == nil {
		return nil
	}
	t := types.Unalias(sig.Recv().Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	named, _ := t.(*types.Named)
	return named
}

// brokenTypes reports the type errors inside of a node, if there are any.
func (c *checker) brokenTypes(n ast.Node) bool {
	broken := false
	for i, e := range c.pkg.TypeErrors {
		if n.Pos() <= e.Pos && e.Pos < n.End() && !isContinued(e) {
			d := typeErrorAt(c.fset, e)
			for _, more := range c.pkg.TypeErrors[i+1:] {
				if !isContinued(more) {
					break
				}
				d = d.WithRelated(c.fset.PositionFor(more.Pos, false), "%s", strings.TrimSpace(more.Msg))
			}
			c.report(d)
			broken = true
		}
	}
	return broken
}

// isContinued reports whether an error only says more of the one before it, as go/types marks it.
func isContinued(e types.Error) bool { return strings.HasPrefix(e.Msg, "\t") }

// redeclared matches the end of a type error that names the place of another declaration.
var redeclared = regexp.MustCompile(`^(.*) at (.+):(\d+):(\d+)$`)

// typeErrorAt reports a type error; a place that its message names becomes a related one.
func typeErrorAt(fset *token.FileSet, e types.Error) diag.Diagnostic {
	m := redeclared.FindStringSubmatch(e.Msg)
	if m == nil {
		return typeError.At(fset, e.Pos, token.NoPos, e.Msg)
	}
	line, _ := strconv.Atoi(m[3])
	column, _ := strconv.Atoi(m[4])
	return typeError.At(fset, e.Pos, token.NoPos, m[1]).
		WithRelated(token.Position{Filename: m[2], Line: line, Column: column}, "the other declaration")
}

// serverOf returns the server of the handler's receiver, and notes what the receiver is called.
func (c *checker) serverOf(receiver *types.TypeName, sig *types.Signature) *server {
	s := c.servers[receiver]
	if s == nil {
		s = &server{receiver: receiver, vars: map[string]int{}}
		c.servers[receiver] = s
	}
	if recv := sig.Recv(); recv != nil {
		s.vars[recv.Name()]++
		if _, pointer := types.Unalias(recv.Type()).(*types.Pointer); pointer {
			s.pointer = true
		}
	}
	return s
}

// handler judges one handler and adds it to its server.
func (c *checker) handler(h *handler) {
	before := len(c.problems)
	h.public = startsOpen(h.All(directive.Guard))
	h.out = &model.Handler{Name: h.Func.Name.Name, Pos: c.fset.PositionFor(h.Func.Name.Pos(), false)}
	c.routes(h)
	c.result(h)
	lines := c.guardLines(h)
	c.backends(h)
	steps := c.steps(h, lines)
	c.bindSteps(h, steps)
	c.bindParameters(h)
	if len(c.problems) == before {
		c.satisfiable(h, steps)
	}
	s := c.serverOf(h.receiver, h.sig)
	s.handlers = append(s.handlers, h.out)
	s.decls = append(s.decls, h.Func)
}

// result notes what the handler returns.
func (c *checker) result(h *handler) {
	results := h.sig.Results()
	isError := func(i int) bool { return types.Identical(results.At(i).Type(), types.Universe.Lookup("error").Type()) }
	switch {
	case results.Len() == 0:
		h.out.Result = model.NoResult
	case results.Len() == 1 && isError(0):
		h.out.Result = model.Error
	case results.Len() == 1:
		h.out.Result = model.Value
	case results.Len() == 2 && isError(1) && !isError(0):
		h.out.Result = model.ValueError
	default:
		c.at(badResults, h.Func.Type.Results.Pos(), h.Func.Type.Results.End(), h.out.Name)
	}
}

// takenNames reports names that the generated code would declare a second time.
func (c *checker) takenNames() {
	scope := c.pkg.Types.Scope()
	declares := map[string]string{} // generated name to whose it is
	servers := slices.SortedFunc(maps.Values(c.servers), func(a, b *server) int { return cmp.Compare(a.name(), b.name()) })
	for _, s := range servers {
		out, owner := &model.Server{}, "the plain functions"
		if s.receiver != nil {
			out.Receiver, owner = &model.Receiver{Type: s.name()}, s.name()
		}
		for i, h := range s.handlers {
			if h.Name == "ServeHTTP" || h.Name == "Routes" {
				c.at(takenName, s.decls[i].Name.Pos(), s.decls[i].Name.End(), h.Name, "every generated server has a method of that name")
			}
		}
		for _, name := range []string{out.GuardedName(), out.ConstructorName()} {
			at := s.decls[0].Name
			if obj := scope.Lookup(name); obj != nil {
				c.at(takenName, obj.Pos(), obj.Pos()+token.Pos(len(name)), name, "the generated code for "+owner+" declares it, too")
			}
			if other, again := declares[name]; again {
				c.at(takenName, at.Pos(), at.End(), name, "the generated code for "+other+" and for "+owner+" would both declare it")
			}
			declares[name] = owner
		}
	}
	slices.SortFunc(c.problems, compareProblems)
}

// name returns the name of the server's receiver, "" for plain functions.
func (s *server) name() string {
	if s.receiver == nil {
		return ""
	}
	return s.receiver.Name()
}
