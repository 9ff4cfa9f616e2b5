package check

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"strings"

	"github.com/boltauthgen/boltauthgen/gen/diag"
	"github.com/boltauthgen/boltauthgen/gen/directive"
	"github.com/boltauthgen/boltauthgen/gen/model"
)

// A line is the Go behind a directive. Its positions are those of a file of its own; real maps them into the comment.
type line struct {
	directive.Directive
	target *directive.Target // what it stands on; nil for the handler itself
	base   token.Pos         // position of the first byte of Args in the file of its own
	level  string
}

func (l line) real(p token.Pos) token.Pos { return l.ArgsPos + (p - l.base) }

// text returns the source of a part of the line.
func (l line) text(from, to token.Pos) string { return l.Args[from-l.base : to-l.base] }

// parsed is what a directive's arguments were read as; expr is nil after a problem that was reported.
type parsed struct {
	expr ast.Expr
	base token.Pos
}

// parse reads the directive's arguments, put between a prefix and a suffix, as one expression.
func (c *checker) parse(l *line, prefix, suffix string) (ast.Expr, bool) {
	if known, ok := c.parsed[l.ArgsPos]; ok { // a default, which is parsed for its first handler
		l.base = known.base
		return known.expr, known.expr != nil
	}
	if pos, found := commentIn(l.Args); found {
		c.at(commentInside, l.ArgsPos+token.Pos(pos), l.End)
		c.parsed[l.ArgsPos] = parsed{}
		return nil, false
	}
	expr, err := parser.ParseExprFrom(c.fset, "", prefix+l.Args+suffix, parser.SkipObjectResolution)
	if err == nil {
		l.base = token.Pos(c.fset.File(expr.Pos()).Base() + len(prefix))
		c.parsed[l.ArgsPos] = parsed{expr, l.base}
		return expr, true
	}
	offset, msg := 0, err.Error()
	if list, ok := err.(scanner.ErrorList); ok && len(list) > 0 {
		offset, msg = list[0].Pos.Offset-len(prefix), list[0].Msg
	}
	offset = min(max(offset, 0), len(l.Args))
	c.at(unparsable, l.ArgsPos+token.Pos(offset), token.NoPos, endOfLine.Replace(msg))
	c.parsed[l.ArgsPos] = parsed{}
	return nil, false
}

// endOfLine replaces what the end of a directive is called by those who read a file.
var endOfLine = strings.NewReplacer("'EOF'", "the end of the line", "newline", "the end of the line")

// commentIn returns the offset of the first comment in a piece of Go.
func commentIn(src string) (offset int, found bool) {
	fset := token.NewFileSet()
	file := fset.AddFile("", -1, len(src))
	var s scanner.Scanner
	s.Init(file, []byte(src), func(token.Position, string) {}, scanner.ScanComments)
	for {
		pos, tok, _ := s.Scan()
		switch tok {
		case token.COMMENT:
			return file.Offset(pos), true
		case token.EOF:
			return 0, false
		}
	}
}

// A step is one part of a guard, with what is needed to translate it.
type step struct {
	line line
	expr ast.Expr
	kind model.StepKind
	node *model.Node
	uses []*model.Binding // in order of first mention
}

// guardLines returns the lines that count for a handler, outermost first.
func (c *checker) guardLines(h *handler) []line {
	own := h.All(directive.Guard)
	replace, replaced := h.First(directive.Replace)
	var lines []line
	add := func(t *directive.Target, level string) {
		for _, d := range t.All(directive.Guard) {
			lines = append(lines, line{Directive: d, target: t, level: level})
		}
	}
	if !replaced && !h.public {
		var typeReplaces bool
		if r, ok := h.level.First(directive.Replace); ok {
			typeReplaces, replace = true, r
		}
		if !typeReplaces {
			add(c.own.Clause, "package")
		}
		add(h.level, "type")
	}
	h.out.Replaced = replace.Args
	for _, d := range own {
		lines = append(lines, line{Directive: d, level: "handler"})
	}
	if len(lines) == 0 && !c.damaged(h) {
		first, _ := h.First(directive.Route)
		if !first.Pos.IsValid() {
			first = h.Directives[0]
		}
		c.directiveAt(unguarded, first, h.Func.Name.Name)
	}
	for _, l := range lines {
		h.out.Guards = append(h.out.Guards, model.Guard{Text: l.Args, Level: l.level, Pos: c.fset.PositionFor(l.ArgsPos, false)})
	}
	return lines
}

// damaged reports whether a line that counts for a handler was reported already, so that what is missing may be what it was
// to say.
func (c *checker) damaged(h *handler) bool {
	return h.Damaged || h.level.IsDamaged() || c.own.Clause.IsDamaged()
}

// startsOpen reports whether the handler's first own line begins with AllowAny(), which makes its route public. It
// looks at the text only; steps reports what does not belong.
func startsOpen(own []directive.Directive) bool {
	if len(own) == 0 {
		return false
	}
	expr, err := parser.ParseExpr(own[0].Args)
	if err != nil {
		return false
	}
	for {
		and, ok := expr.(*ast.BinaryExpr)
		if !ok || and.Op != token.LAND {
			return builtinName(expr) == allowAny
		}
		expr = and.X
	}
}

// builtinName returns the built-in guard that an operand names, called or, where it has no arguments, not; else "".
func builtinName(e ast.Expr) string {
	if call, ok := e.(*ast.CallExpr); ok {
		e = call.Fun
	}
	if id, ok := e.(*ast.Ident); ok && builtins[id.Name] != nil {
		return id.Name
	}
	return ""
}

// steps parses the lines and takes them apart.
func (c *checker) steps(h *handler, lines []line) []*step {
	if own := h.All(directive.Guard); h.public && len(own) > 1 {
		c.directiveAt(allowAnyBeside, own[1])
	}
	if h.public {
		h.out.Access = model.Public
	}
	var all []*step
	for _, l := range lines {
		expr, ok := c.parse(&l, "", "")
		if !ok {
			continue
		}
		for i, operand := range conjuncts(expr) {
			if i == 0 && h.public && l.level == "handler" && builtinName(operand) == allowAny {
				if call, ok := operand.(*ast.CallExpr); ok && len(call.Args) > 0 {
					c.at(unparsable, l.real(call.Args[0].Pos()), l.real(call.Args[len(call.Args)-1].End()), "AllowAny takes no arguments")
				}
				if operand == expr {
					h.out.Access = model.Open
				}
				continue
			}
			if s := c.step(h, l, operand); s != nil {
				all = append(all, s)
			}
		}
	}
	if len(h.out.Backends) == 0 && !h.public && len(lines) > 0 && !c.damaged(h) {
		last := lines[len(lines)-1]
		d := needsBackend.At(c.fset, last.Pos, last.End, h.out.Name)
		if last.target == nil || !c.reported(d) { // of a default, one handler is enough
			c.report(d)
		}
	}
	return all
}

// conjuncts splits an expression at its top-level &&.
func conjuncts(e ast.Expr) []ast.Expr {
	if and, ok := e.(*ast.BinaryExpr); ok && and.Op == token.LAND {
		return append(conjuncts(and.X), conjuncts(and.Y)...)
	}
	return []ast.Expr{e}
}

// step checks and translates one step. It returns nil after reporting a problem.
func (c *checker) step(h *handler, l line, e ast.Expr) *step {
	t := &translator{checker: c, handler: h, line: l}
	s := &step{line: l, expr: e, kind: t.kind(e)}
	s.node = t.node(e, true)
	s.uses = t.uses
	if t.failed || s.node == nil {
		return nil
	}
	return s
}

// A translator turns one step from syntax into a model.
type translator struct {
	*checker
	handler *handler
	line    line
	uses    []*model.Binding
	bare    map[*ast.CompositeLit]bool // that are still to be put into parentheses
	failed  bool
}

func (t *translator) fail(r diag.Rule, n ast.Node, args ...any) {
	t.failed = true
	t.at(r, t.line.real(n.Pos()), t.line.real(n.End()), args...)
}

// kind says how a step decides, as far as its shape shows.
func (t *translator) kind(e ast.Expr) model.StepKind {
	e = ast.Unparen(e)
	switch builtinName(e) {
	case hasScope:
		return model.Scope
	case fresh:
		return model.Fresh
	}
	call, ok := e.(*ast.CallExpr)
	if !ok || builtinName(e) != "" {
		return model.Bool
	}
	info := newInfo()
	if types.CheckExpr(t.fset, t.pkg.Types, t.handler.pos(), call, info) != nil {
		return model.Bool
	}
	return errorCall(info.Types[call].Type)
}

// errorCall says what kind of step a call with this result is.
func errorCall(result types.Type) model.StepKind {
	isError := func(t types.Type) bool { return types.Identical(t, types.Universe.Lookup("error").Type()) }
	if isError(result) {
		return model.ErrorCall
	}
	if tuple, ok := result.(*types.Tuple); ok && tuple.Len() == 2 && isBool(tuple.At(0).Type()) && isError(tuple.At(1).Type()) {
		return model.BoolErrorCall
	}
	return model.Bool
}

func isBool(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsBoolean != 0
}

// node translates a boolean expression; top says that it is a whole step.
func (t *translator) node(e ast.Expr, top bool) *model.Node {
	switch x := e.(type) {
	case *ast.ParenExpr:
		if call, ok := ast.Unparen(x).(*ast.CallExpr); top && ok {
			return t.node(call, true)
		}
		return &model.Node{Op: model.Paren, X: t.node(x.X, false)}
	case *ast.UnaryExpr:
		if x.Op == token.NOT {
			return &model.Node{Op: model.Not, X: t.node(x.X, false)}
		}
	case *ast.BinaryExpr:
		switch x.Op {
		case token.LAND, token.LOR:
			return &model.Node{Op: model.Op(x.Op.String()), X: t.node(x.X, false), Y: t.node(x.Y, false)}
		}
	}
	return t.leaf(e, top)
}

// leaf checks an operand of the boolean expression and translates it.
func (t *translator) leaf(e ast.Expr, top bool) *model.Node {
	checked := e
	if id, ok := e.(*ast.Ident); ok && builtins[id.Name] != nil {
		checked = &ast.CallExpr{Fun: id, Lparen: id.End(), Rparen: id.End()}
	}
	info := newInfo()
	if err := types.CheckExpr(t.fset, t.pkg.Types, t.handler.pos(), checked, info); err != nil {
		t.typeError(e, err)
		return nil
	}
	tv := info.Types[checked]
	kind := model.Bool
	if _, call := ast.Unparen(e).(*ast.CallExpr); call && tv.Type != nil {
		kind = errorCall(tv.Type)
	}
	switch {
	case kind != model.Bool && !top:
		t.fail(errorCallBelow, e, t.line.text(e.Pos(), e.End()))
		return nil
	case kind == model.Bool && (tv.Type == nil || !tv.IsValue() || !isBool(tv.Type)):
		t.fail(notBoolean, e, t.line.text(e.Pos(), e.End()), typeName(tv, t.pkg.Types))
		return nil
	case tv.Value != nil && tv.Value.Kind() == constant.Bool:
		t.fail(constantGuard, e, t.line.text(e.Pos(), e.End()), tv.Value)
		return nil
	}
	if cmp, ok := e.(*ast.BinaryExpr); ok && (cmp.Op == token.EQL || cmp.Op == token.NEQ) {
		x := &model.Node{Pieces: t.operand(cmp.X, info)}
		return &model.Node{Op: model.Op(cmp.Op.String()), X: x, Y: &model.Node{Pieces: t.operand(cmp.Y, info)}}
	}
	return &model.Node{Pieces: t.operand(checked, info)}
}

func typeName(tv types.TypeAndValue, pkg *types.Package) string {
	switch {
	case tv.IsType():
		return "a type"
	case tv.Type == nil:
		return "nothing"
	}
	if tuple, ok := tv.Type.(*types.Tuple); ok && tuple.Len() == 0 {
		return "nothing"
	}
	return types.TypeString(tv.Type, func(p *types.Package) string {
		if p == pkg {
			return ""
		}
		return p.Name()
	})
}

// typeError reports what the type checker says about an operand.
func (t *translator) typeError(e ast.Expr, err error) {
	t.failed = true
	terr, ok := err.(types.Error)
	if !ok {
		t.fail(illTyped, e, err.Error())
		return
	}
	if t.capturedIn(e) {
		return
	}
	pos := terr.Pos
	if pos < e.Pos() || pos > e.End() {
		pos = e.Pos()
	}
	d := illTyped.At(t.fset, t.line.real(pos), token.NoPos, terr.Msg)
	if name, ok := strings.CutPrefix(terr.Msg, "undefined: "); ok {
		d.End = t.fset.PositionFor(t.line.real(pos)+token.Pos(len(name)), false)
		d = d.WithHint("%s", t.hintFor(name))
		if t.line.target != nil && t.isReceiver(name) {
			d.Message += fmt.Sprintf(", as it is read for %s", t.handler.Func.Name.Name)
		}
		if t.line.target != nil && t.handler.sig.Recv() != nil {
			d = d.WithRelated(t.fset.PositionFor(t.handler.Func.Name.Pos(), false),
				"%s: its receiver is called %s", t.handler.Func.Name.Name, quoteName(t.handler.sig.Recv().Name()))
		}
	}
	if t.line.target != nil && len(d.Related) == 0 {
		d = d.WithRelated(t.fset.PositionFor(t.handler.Func.Name.Pos(), false), "as it is read for %s", t.handler.Func.Name.Name)
	}
	t.report(d)
}

func newInfo() *types.Info {
	return &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{},
		Defs: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
	}
}
