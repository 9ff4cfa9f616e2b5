package check

import (
	"slices"
	"strings"

	"github.com/boltauthgen/boltauthgen/gen/model"
)

// mostAtoms bounds the search for a way to satisfy a guard: 2 to the power of it.
const mostAtoms = 14

// satisfiable reports a guard that can never hold. Built-in guards and comparisons without calls are the variables; what
// calls the user's code may answer otherwise each time, so it counts as true and false at once.
func (c *checker) satisfiable(h *handler, steps []*step) {
	f := &formula{atoms: map[string]int{}, public: h.public}
	if f.holds(steps) {
		return
	}
	last := 0 // the first step that cannot hold together with those before it
	for f.holds(steps[:last+1]) {
		last++
	}
	culprit := steps[last]
	l := culprit.line
	d := neverHolds.At(c.fset, l.real(culprit.expr.Pos()), l.real(culprit.expr.End()), h.out.Name)
	for i, s := range steps[:last] {
		if s.line.Pos != l.Pos && f.holds(slices.Delete(slices.Clone(steps[:last+1]), i, i+1)) {
			d = d.WithRelated(c.fset.PositionFor(s.line.real(s.expr.Pos()), false), "together with %s", s.line.text(s.expr.Pos(), s.expr.End()))
		}
	}
	c.report(d)
}

// A formula evaluates steps under every assignment of its atoms.
type formula struct {
	atoms  map[string]int
	public bool
	bits   uint
}

func (f *formula) holds(steps []*step) bool {
	for _, s := range steps {
		f.collect(s.node)
	}
	if len(f.atoms) > mostAtoms {
		return true
	}
	for f.bits = 0; f.bits < 1<<len(f.atoms); f.bits++ {
		if f.consistent() && f.all(steps) {
			return true
		}
	}
	return false
}

// consistent reports whether the assignment can be: on a route that is not public everyone is authenticated, and who is
// not has no rights.
func (f *formula) consistent() bool {
	i, ok := f.atoms[isAuthenticated]
	authenticated := !ok || f.bits>>i&1 == 1
	if authenticated {
		return true
	}
	if !f.public {
		return false
	}
	for name, i := range f.atoms {
		if !strings.HasPrefix(name, "=") && f.bits>>i&1 == 1 {
			return false
		}
	}
	return true
}

func (f *formula) all(steps []*step) bool {
	for _, s := range steps {
		if s.kind == model.ErrorCall || s.kind == model.BoolErrorCall {
			continue
		}
		if can, _ := f.eval(s.node); !can {
			return false
		}
	}
	return true
}

// collect gives every atom of a node a number.
func (f *formula) collect(n *model.Node) {
	if n == nil {
		return
	}
	for _, atom := range atomsOf(n) {
		if _, ok := f.atoms[atom]; !ok {
			f.atoms[atom] = len(f.atoms)
		}
	}
	if n.Op != model.Equal && n.Op != model.NotEqual {
		f.collect(n.X)
		f.collect(n.Y)
	}
}

// atomsOf returns the variables of a leaf or a comparison: one for each right that a built-in guard asks for.
func atomsOf(n *model.Node) []string {
	switch {
	case isLogic(n):
		return append(atomsOf(n.X), atomsOf(n.Y)...)
	case n.Op == model.Equal || n.Op == model.NotEqual:
		if x, y := plain(n.X.Pieces), plain(n.Y.Pieces); x != "" && y != "" {
			return []string{"=" + x + "==" + y}
		}
		return nil
	case n.Op != model.Leaf || isLiteral(n):
		return nil
	case len(n.Pieces) == 1 && n.Pieces[0].Builtin != nil:
		return builtinAtoms(n.Pieces[0].Builtin)
	}
	if text := plain(n.Pieces); text != "" {
		return []string{"=" + text}
	}
	return nil
}

// isLogic reports whether a node compares built-in guards with each other or with true and false.
func isLogic(n *model.Node) bool {
	side := func(n *model.Node) bool { return isLiteral(n) || len(n.Pieces) == 1 && n.Pieces[0].Builtin != nil }
	return (n.Op == model.Equal || n.Op == model.NotEqual) && side(n.X) && side(n.Y)
}

// isLiteral reports whether a node is true or false.
func isLiteral(n *model.Node) bool {
	return n.Op == model.Leaf && len(n.Pieces) == 1 && (n.Pieces[0].Text == "true" || n.Pieces[0].Text == "false")
}

func builtinAtoms(b *model.Builtin) []string {
	kind := "permission "
	switch {
	case b.Name == hasScope:
		kind = "scope "
	case b.Name == fresh:
		return []string{b.Name + " " + plain(b.Age)}
	case len(b.Names) == 0:
		return []string{b.Name}
	}
	var atoms []string
	for _, n := range b.Names {
		atoms = append(atoms, kind+n)
	}
	return atoms
}

// plain writes pieces without calls as a text that is equal for equal expressions; it is "" if there is a call.
func plain(pieces []model.Piece) string {
	var s strings.Builder
	for _, p := range pieces {
		switch {
		case p.Builtin != nil || strings.ContainsAny(p.Text, "(["):
			return ""
		case p.Binding != nil:
			s.WriteString("\x00" + p.Binding.Name)
		case p.Receiver:
			s.WriteString("\x00receiver")
		default:
			s.WriteString(p.Import + strings.Join(strings.Fields(p.Text), ""))
		}
	}
	return s.String()
}

// eval says whether a node can be true and whether it can be false.
func (f *formula) eval(n *model.Node) (canHold, canFail bool) {
	switch n.Op {
	case model.Paren:
		return f.eval(n.X)
	case model.Not:
		hold, fail := f.eval(n.X)
		return fail, hold
	case model.And, model.Or:
		xh, xf := f.eval(n.X)
		yh, yf := f.eval(n.Y)
		if n.Op == model.And {
			return xh && yh, xf || yf
		}
		return xh || yh, xf && yf
	}
	if isLogic(n) {
		value := (f.side(n.X) == f.side(n.Y)) == (n.Op == model.Equal)
		return value, !value
	}
	atoms := atomsOf(n)
	if len(atoms) == 0 {
		return true, true
	}
	value := f.value(n, atoms)
	if n.Op == model.NotEqual {
		value = !value
	}
	return value, !value
}

// side returns the value of one side of a comparison that isLogic.
func (f *formula) side(n *model.Node) bool {
	if isLiteral(n) {
		return n.Pieces[0].Text == "true"
	}
	return f.value(n, atomsOf(n))
}

func (f *formula) value(n *model.Node, atoms []string) bool {
	anyOf := len(n.Pieces) == 1 && n.Pieces[0].Builtin != nil && n.Pieces[0].Builtin.Name == hasAnyPermission
	for _, a := range atoms {
		if holds := f.bits>>f.atoms[a]&1 == 1; holds == anyOf {
			return anyOf
		}
	}
	return !anyOf
}
