package check

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/boltauthgen/boltauthgen/gen/directive"
	"github.com/boltauthgen/boltauthgen/gen/model"
)

// pieces translates a Go expression: its text as it was written, but for the names that the generated code may call
// otherwise and the calls of built-in guards.
func (t *translator) pieces(e ast.Expr, info *types.Info) []model.Piece {
	var pieces []model.Piece
	selected := map[*ast.Ident]bool{} // names behind a dot
	at := e.Pos()
	text := func(to token.Pos) {
		if at == to {
			return
		}
		s := t.line.text(at, to)
		if strings.TrimSpace(s) == "." { // as it stands between a package and a name, for those who print it
			s = "."
		}
		pieces = append(pieces, model.Piece{Text: s})
	}
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			t.fail(notAllowed, n, "a function literal")
			return false
		case *ast.ChanType:
			t.fail(notAllowed, n, "a channel")
			return false
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				t.fail(notAllowed, n, "a channel operation")
				return false
			}
		case *ast.CompositeLit:
			if t.bare[n] {
				delete(t.bare, n)
				text(n.Pos())
				pieces = slices.Concat(pieces, []model.Piece{{Text: "("}}, t.pieces(n, info), []model.Piece{{Text: ")"}})
				at = n.End()
				return false
			}
		case *ast.CallExpr:
			if name := builtinName(n); name != "" {
				text(n.Pos())
				pieces = append(pieces, model.Piece{Builtin: t.builtin(name, n, info)})
				at = n.End()
				return false
			}
		case *ast.SelectorExpr:
			selected[n.Sel] = true
		case *ast.Ident:
			text(n.Pos())
			if !selected[n] {
				t.sameImport(n, info.Uses[n])
			}
			if obj := info.Uses[n]; obj != nil && !selected[n] && fromDotImport(obj, t.pkg.Types) {
				t.imports[obj.Pkg().Path()] = obj.Pkg().Name()
				pieces = append(pieces, model.Piece{Import: obj.Pkg().Path()}, model.Piece{Text: "."})
			}
			pieces = append(pieces, t.ident(n, info))
			at = n.End()
		}
		return true
	})
	text(e.End())
	return pieces
}

// operand translates what the generated code puts into the head of an if statement.
func (t *translator) operand(e ast.Expr, info *types.Info) []model.Piece {
	t.bare = map[*ast.CompositeLit]bool{}
	t.findBare(e)
	return t.pieces(e, info)
}

// findBare notes the composite literals that need parentheses in the head of an if statement: those which begin with the
// name of a type, and stand in no parentheses or brackets.
func (t *translator) findBare(e ast.Expr) {
	switch e := e.(type) {
	case *ast.BinaryExpr:
		t.findBare(e.X)
		t.findBare(e.Y)
	case *ast.UnaryExpr:
		t.findBare(e.X)
	case *ast.StarExpr:
		t.findBare(e.X)
	case *ast.SelectorExpr:
		t.findBare(e.X)
	case *ast.TypeAssertExpr:
		t.findBare(e.X)
	case *ast.SliceExpr:
		t.findBare(e.X)
	case *ast.IndexExpr:
		t.findBare(e.X)
	case *ast.CallExpr:
		t.findBare(e.Fun)
	case *ast.CompositeLit:
		switch e.Type.(type) {
		case *ast.Ident, *ast.SelectorExpr, *ast.IndexExpr, *ast.IndexListExpr:
			t.bare[e] = true
		}
	}
}

// ident translates one identifier.
func (t *translator) ident(id *ast.Ident, info *types.Info) model.Piece {
	obj := info.Uses[id]
	if name := directive.Latin(id.Name); name != id.Name && builtins[name] != nil {
		t.fail(looksBuiltin, id, id.Name, name)
	}
	piece := model.Piece{Text: id.Name, Object: ObjectKey(t.fset, obj)}
	t.sameInAll(id, obj)
	switch obj := obj.(type) {
	case *types.PkgName:
		t.imports[obj.Imported().Path()] = obj.Imported().Name()
		return model.Piece{Import: obj.Imported().Path(), Object: piece.Object}
	case *types.Func:
		if obj.Pkg() == t.pkg.Types && obj.Pos() == token.NoPos && builtins[obj.Name()] != nil {
			t.fail(builtinValue, id, id.Name)
		}
	case *types.Var:
		if obj.IsField() || obj.Pkg() == nil {
			return piece
		}
		if local, ok := t.local(id, obj); ok {
			return local
		}
	}
	piece.Global = obj != nil && (obj.Parent() == types.Universe || obj.Parent() == t.pkg.Types.Scope())
	return piece
}

// fromDotImport reports whether an object that is named without its package comes from another one.
func fromDotImport(obj types.Object, pkg *types.Package) bool {
	return obj.Pkg() != nil && obj.Pkg() != pkg && obj.Parent() == obj.Pkg().Scope()
}

// local translates the receiver and the parameters of the handler.
func (t *translator) local(id *ast.Ident, v *types.Var) (model.Piece, bool) {
	h := t.handler
	if v == h.sig.Recv() {
		return model.Piece{Receiver: true}, true
	}
	for r := range h.sig.Results().Variables() {
		if r == v {
			if t.line.target != nil {
				t.captured(id, v)
			} else {
				t.fail(notAllowedName, id, "a named result")
			}
			return model.Piece{Text: id.Name}, true
		}
	}
	for p := range h.sig.Params().Variables() {
		if p != v {
			continue
		}
		if t.line.target != nil {
			t.captured(id, p)
			return model.Piece{Text: id.Name}, true
		}
		b := t.parameter(h, p)
		if b == nil {
			t.failed = true
			return model.Piece{Text: id.Name}, true
		}
		if b.Kind == model.Writer {
			t.fail(notAllowedName, id, "the http.ResponseWriter")
		}
		if !slices.Contains(t.uses, b) {
			t.uses = append(t.uses, b)
		}
		return model.Piece{Binding: b}, true
	}
	return model.Piece{}, false
}

// sameInAll reports a name in a default that is the receiver of one handler and something else in another.
func (t *translator) sameInAll(id *ast.Ident, obj types.Object) {
	if t.line.target == nil || obj == nil || obj.Parent() == nil {
		return
	}
	at, receiver := t.line.real(id.Pos()), obj == types.Object(t.handler.sig.Recv())
	before, seen := t.meanings[at]
	if !seen {
		t.meanings[at] = meaning{receiver: receiver, handler: t.handler}
		return
	}
	if receiver == before.receiver {
		return
	}
	with, without := t.handler, before.handler
	if before.receiver {
		with, without = without, with
	}
	t.failed = true
	t.report(capturedByReceiver.At(t.fset, at, t.line.real(id.End()), id.Name, with.Func.Name.Name, without.Func.Name.Name).
		WithRelated(t.fset.PositionFor(with.sig.Recv().Pos(), false), "the receiver"))
}

// captured reports a name in a default that a parameter or result of the handler takes.
func (t *translator) captured(id *ast.Ident, by *types.Var) {
	t.failed = true
	t.report(captured.At(t.fset, t.line.real(id.Pos()), t.line.real(id.End()), id.Name, t.handler.Func.Name.Name).
		WithRelated(t.fset.PositionFor(by.Pos(), false), "what takes the name"))
}

// capturedIn reports the names in a part of a default that are taken, and whether there are any. It goes by the names alone,
// for what does not type-check.
func (t *translator) capturedIn(e ast.Expr) bool {
	if t.line.target == nil {
		return false
	}
	locals := map[string]*types.Var{}
	for _, list := range []*types.Tuple{t.handler.sig.Params(), t.handler.sig.Results()} {
		for v := range list.Variables() {
			locals[v.Name()] = v
		}
	}
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			found = t.capturedIn(n.X) || found
			return false
		case *ast.Ident:
			if v := locals[n.Name]; v != nil {
				t.captured(n, v)
				found = true
			}
		}
		return true
	})
	return found
}

// sameImport reports a name in a default that the handler's file knows by an import, and the default's own file by another
// one or not at all.
func (t *translator) sameImport(id *ast.Ident, obj types.Object) {
	if t.line.target == nil || t.line.target.File == t.handler.File || obj == nil {
		return
	}
	name, isPackage := obj.(*types.PkgName)
	if !isPackage && !fromDotImport(obj, t.pkg.Types) {
		return
	}
	there := t.fileScope(t.line.target.File.Syntax).Lookup(id.Name)
	if other, ok := there.(*types.PkgName); there == obj || ok && isPackage && other.Imported() == name.Imported() {
		return
	}
	t.failed = true
	d := otherImport.At(t.fset, t.line.real(id.Pos()), t.line.real(id.End()), id.Name, origin(there), origin(obj), t.handler.Func.Name.Name)
	if isPackage {
		d = d.WithRelated(t.fset.PositionFor(name.Pos(), false), "the other import")
	}
	t.report(d)
}

// origin says what a name means in a file that knows it by an import.
func origin(obj types.Object) string {
	switch obj := obj.(type) {
	case nil:
		return "not imported"
	case *types.PkgName:
		return "package " + obj.Imported().Path()
	}
	return "the one of package " + obj.Pkg().Path()
}

// sameImports is [translator.sameImport] for all names in an expression.
func (t *translator) sameImports(e ast.Expr, info *types.Info) {
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			t.sameImports(n.X, info)
			return false
		case *ast.Ident:
			t.sameImport(n, info.Uses[n])
		}
		return true
	})
}

// builtin translates a call of a built-in guard.
func (t *translator) builtin(name string, call *ast.CallExpr, info *types.Info) *model.Builtin {
	b, spec := &model.Builtin{Name: name}, builtins[name]
	if name == allowAny {
		t.fail(allowAnyMisplaced, call)
		return b
	}
	if t.handler.public && len(t.handler.out.Backends) == 0 && !t.damaged(t.handler) {
		t.fail(needsBackendHere, call, name)
	}
	switch {
	case spec.duration:
		arg := call.Args[0]
		if v := info.Types[arg].Value; v != nil && constant.Sign(v) <= 0 {
			t.fail(badAge, arg, t.line.text(arg.Pos(), arg.End()))
		}
		b.Age = t.pieces(arg, info)
	case spec.names && len(call.Args) == 0:
		t.fail(noNames, call, name)
	case spec.names:
		if call.Ellipsis.IsValid() {
			list := call.Args[len(call.Args)-1].Pos()
			t.failed = true
			t.at(notConstant, t.line.real(list), t.line.real(call.Rparen), t.line.text(list, call.Rparen))
			return b
		}
		for _, arg := range call.Args {
			b.Names = append(b.Names, t.name(name, arg, b.Names, info))
		}
	}
	return b
}

// name checks one permission or scope.
func (t *translator) name(guard string, arg ast.Expr, before []string, info *types.Info) string {
	v := info.Types[arg].Value
	if v == nil || v.Kind() != constant.String {
		t.fail(notConstant, arg, t.line.text(arg.Pos(), arg.End()))
		return ""
	}
	t.sameImports(arg, info)
	value := constant.StringVal(v)
	switch {
	case !isName(value):
		t.fail(blankName, arg, fmt.Sprintf("%q", value))
	case guard == hasScope && !isScope(value):
		t.fail(badScope, arg, fmt.Sprintf("%q", value))
	case slices.Contains(before, value):
		t.fail(repeatedName, arg, fmt.Sprintf("%q", value))
	case guard != hasScope:
		t.inCatalogue(arg, value)
	}
	return value
}

// isName reports whether a value can be told from others by reading it.
func isName(value string) bool {
	return value != "" && strings.TrimSpace(value) == value && utf8.ValidString(value) &&
		!strings.ContainsFunc(value, func(r rune) bool { return !unicode.IsPrint(r) })
}

// isScope reports whether s is one scope-token of RFC 6749 section 3.3.
func isScope(s string) bool {
	for _, r := range s {
		if r < 0x21 || r > 0x7e || r == '"' || r == '\\' {
			return false
		}
	}
	return s != ""
}

// ObjectKey names an object so that two type-checks of the same files agree on it: by its place of declaration, or, for
// what export data brings, by its package and name. Fields and the methods of interfaces are known by their names: what
// they are selected from has a key of its own. It is "" for nil.
func ObjectKey(fset *token.FileSet, obj types.Object) string {
	switch o := obj.(type) {
	case nil:
		return ""
	case *types.PkgName:
		return "package " + o.Imported().Path()
	case *types.Var:
		if o.IsField() { // identical types may be declared in several places
			return "field " + o.Name()
		}
	case *types.Func:
		if recv := o.Signature().Recv(); recv != nil && types.IsInterface(recv.Type()) {
			return "method " + o.Name()
		}
	}
	if obj.Pkg() == nil {
		return "predeclared " + obj.Name()
	}
	p := fset.PositionFor(obj.Pos(), false) // a line comment must not make two objects one
	return fmt.Sprintf("%s.%s %s:%d:%d", obj.Pkg().Path(), obj.Name(), p.Filename, p.Line, p.Column)
}
