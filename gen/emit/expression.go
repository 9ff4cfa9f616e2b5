package emit

import (
	"github.com/dave/jennifer/jen"

	"github.com/boltauthgen/boltauthgen/gen/model"
)

// A renderer says what the pieces of an expression are called here.
type renderer struct {
	receiver string
	value    func(*model.Binding) *jen.Statement
	builtin  func(*model.Builtin) *jen.Statement
}

func (f *function) renderer() renderer {
	return renderer{receiver: f.receiver, value: f.value, builtin: f.builtin}
}

// expression writes the pieces of a Go expression.
func (e *emitter) expression(pieces []model.Piece, r renderer) *jen.Statement {
	s := &jen.Statement{}
	for i := 0; i < len(pieces); i++ {
		switch p := pieces[i]; {
		case p.Import != "":
			// A qualified name is three pieces: the package, the dot, the name.
			if i+2 < len(pieces) && pieces[i+1].Text == "." {
				s.Qual(p.Import, pieces[i+2].Text)
				i += 2
				continue
			}
			if i+1 < len(pieces) { // a type: the package, and the dot with what follows
				s.Qual(p.Import, pieces[i+1].Text[1:])
				i++
			}
		case p.Receiver:
			s.Id(r.receiver)
		case p.Binding != nil:
			s.Add(r.value(p.Binding))
		case p.Builtin != nil:
			s.Add(r.builtin(p.Builtin))
		default:
			s.Op(p.Text)
		}
	}
	return s
}

// globals returns the names in pieces that mean something outside of the function.
func globals(pieces []model.Piece) []string {
	var all []string
	for _, p := range pieces {
		if p.Global {
			all = append(all, p.Text)
		}
	}
	return all
}

// node writes a boolean expression as it was written.
func (f *function) node(n *model.Node) *jen.Statement {
	switch n.Op {
	case model.Paren:
		return jen.Parens(f.node(n.X))
	case model.Not:
		return jen.Op("!").Add(f.node(n.X))
	case model.And, model.Or, model.Equal, model.NotEqual:
		return f.node(n.X).Op(string(n.Op)).Add(f.node(n.Y))
	}
	return f.expression(n.Pieces, f.renderer())
}

var opposite = map[model.Op]model.Op{model.Equal: model.NotEqual, model.NotEqual: model.Equal}

// negated writes what is true when a step does not hold.
func (f *function) negated(n *model.Node) *jen.Statement {
	switch n.Op {
	case model.Paren:
		return f.negated(n.X)
	case model.Not:
		return f.node(unparen(n.X))
	case model.Equal, model.NotEqual:
		return f.node(n.X).Op(string(opposite[n.Op])).Add(f.node(n.Y))
	case model.And, model.Or:
		return jen.Op("!").Parens(f.node(n))
	}
	if len(n.Pieces) == 1 && n.Pieces[0].Builtin != nil {
		if b := n.Pieces[0].Builtin; len(b.Names) > 1 {
			return jen.Op("!").Add(f.builtin(b))
		}
	}
	if isComparison(n) {
		return jen.Op("!").Parens(f.node(n))
	}
	return jen.Op("!").Add(f.node(n))
}

// isComparison reports whether a leaf may have an operator that binds less than a negation.
func isComparison(n *model.Node) bool {
	for _, p := range n.Pieces {
		for _, c := range p.Text {
			switch c {
			case '<', '>', '=', '+', '-', '*', '/', '%', '|', '&', '^':
				return true
			}
		}
	}
	return false
}

func unparen(n *model.Node) *model.Node {
	for n.Op == model.Paren {
		n = n.X
	}
	return n
}

var simpleBuiltins = map[string]string{"IsAuthenticated": "IsAuthenticated", "IsStaff": "IsStaff", "IsAdminUser": "IsSuperuser"}

// builtin writes a built-in guard as Go on the principal.
func (f *function) builtin(b *model.Builtin) *jen.Statement {
	p := jen.Id(f.p)
	if method, ok := simpleBuiltins[b.Name]; ok {
		return p.Dot(method).Call()
	}
	switch b.Name {
	case "Fresh":
		return p.Dot("Fresh").Call(f.age(b))
	case "HasScope":
		return f.each(b, "HasScope", f.scopes, "&&")
	case "HasAnyPermission":
		return f.each(b, "Has", f.permissions, "||")
	}
	return f.each(b, "Has", f.permissions, "&&")
}

// each joins one check for each name, in parentheses if there are several.
func (f *function) each(b *model.Builtin, method string, variables map[string]string, op string) *jen.Statement {
	s := &jen.Statement{}
	for i, name := range b.Names {
		if i > 0 {
			s.Op(op)
		}
		s.Id(f.p).Dot(method).Call(jen.Id(variables[name]))
	}
	if len(b.Names) > 1 {
		return jen.Parens(s)
	}
	return s
}
