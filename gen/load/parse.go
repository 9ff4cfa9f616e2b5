package load

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/build/constraint"
	"go/parser"
	"go/scanner"
	"go/token"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/boltauthgen/boltauthgen/gen/diag"
)

const parseMode = parser.ParseComments | parser.SkipObjectResolution | parser.AllErrors

// parse returns the file as far as it can be read, never nil, and a problem for every line with a syntax error.
func (l *loader) parse(path string, source []byte) (*File, []diag.Diagnostic) {
	syntax, err := parser.ParseFile(l.fset, path, source, parseMode)
	if syntax == nil { // only if there were no source
		panic(fmt.Sprintf("parse %s: %v", path, err))
	}
	dropBodies(syntax)
	var problems []diag.Diagnostic
	if err != nil {
		l.addLostComments(syntax, source)
		ignoreLineComments(l.fset.File(syntax.FileStart), err)
		problems = syntaxProblems(path, err)
	}
	return &File{
		Path:        path,
		Source:      source,
		Syntax:      syntax,
		Constrained: isConstrained(filepath.Base(path), syntax),
		Test:        strings.HasSuffix(path, "_test.go"),
	}, problems
}

// ignoreLineComments makes the positions of syntax errors those of the file itself.
func ignoreLineComments(file *token.File, err error) {
	var list scanner.ErrorList
	if errors.As(err, &list) {
		for _, e := range list {
			e.Pos = file.PositionFor(file.Pos(e.Pos.Offset), false)
		}
	}
}

func syntaxProblems(path string, err error) []diag.Diagnostic {
	var list scanner.ErrorList
	if !errors.As(err, &list) {
		list.Add(token.Position{Filename: path}, err.Error())
	}
	for _, e := range list {
		if strings.HasPrefix(e.Msg, "expected 'package'") { // then nothing is parsed, whatever else the parser says
			return []diag.Diagnostic{problem(ruleSyntax, e.Pos, e.Msg)}
		}
	}
	list.RemoveMultiples() // of a line, only the first one is not a consequence
	problems := make([]diag.Diagnostic, len(list))
	for i, e := range list {
		problems[i] = problem(ruleSyntax, e.Pos, e.Msg)
	}
	return problems
}

// parseOther parses a file that the build leaves out, if a directive can be in it.
func (l *loader) parseOther(path string, source []byte) *File {
	if canHoldDirective(source) {
		f, _ := l.parse(path, source)
		return f
	}
	syntax, _ := parser.ParseFile(token.NewFileSet(), path, source, parser.PackageClauseOnly|parser.ParseComments)
	constrained := isConstrained(filepath.Base(path), syntax)
	return &File{
		Path:        path,
		Syntax:      &ast.File{Name: ast.NewIdent("_")},
		Constrained: constrained,
		Test:        strings.HasSuffix(path, "_test.go"),
	}
}

// canHoldDirective reports whether a file may contain a directive or something that a reader would take for one. It knows
// no more of directives than their shape, and errs on the side of yes: with "auth" in any case of letters, with a comment
// like //oath:guard, and with any character that could stand in for another or hide.
func canHoldDirective(source []byte) bool {
	for i, b := range source {
		switch {
		case b == '\r' && (i+1 == len(source) || source[i+1] != '\n'): // the scanner drops these from comments
			return true
		case b >= 0x7f, b < ' ' && b != '\t' && b != '\n' && b != '\r':
			return true
		}
	}
	lower := bytes.ToLower(source)
	return bytes.Contains(lower, []byte("auth")) || hasDirectiveShape(lower)
}

// hasDirectiveShape reports whether "//TOOL:NAME" occurs in an ASCII text, possibly with a space in front, for another tool
// than go.
func hasDirectiveShape(source []byte) bool {
	for _, after := range bytes.Split(source, []byte("//"))[1:] {
		after = bytes.TrimLeft(after, " \t")
		tool := 0
		for tool < len(after) && isLetterOrDigit(after[tool]) {
			tool++
		}
		name := after[tool:]
		if tool > 0 && string(after[:tool]) != "go" && len(name) > 1 && name[0] == ':' && isLetterOrDigit(name[1]) {
			return true
		}
	}
	return false
}

func isLetterOrDigit(b byte) bool { return 'a' <= b && b <= 'z' || '0' <= b && b <= '9' }

// dropBodies empties the functions of a file. The braces stay, since scopes reach as far as they do.
func dropBodies(file *ast.File) {
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if decl.Body != nil {
				decl.Body.List = nil
			}
		case *ast.GenDecl:
			if decl.Tok == token.VAR {
				ast.Inspect(decl, dropLiteral)
			}
		}
	}
}

func dropLiteral(n ast.Node) bool {
	if f, ok := n.(*ast.FuncLit); ok && f.Body != nil {
		f.Body.List = nil
	}
	return true
}

// addLostComments adds the comments behind the place where the parser gave up, each as a group of its own.
func (l *loader) addLostComments(syntax *ast.File, source []byte) {
	last := token.NoPos
	if n := len(syntax.Comments); n > 0 {
		last = syntax.Comments[n-1].End()
	}
	var s scanner.Scanner
	s.Init(l.fset.File(syntax.FileStart), source, nil, scanner.ScanComments)
	for {
		pos, tok, text := s.Scan()
		if tok == token.EOF {
			return
		}
		if tok == token.COMMENT && pos >= last {
			comment := &ast.Comment{Slash: pos, Text: text}
			syntax.Comments = append(syntax.Comments, &ast.CommentGroup{List: []*ast.Comment{comment}})
		}
	}
}

// isConstrained reports whether the name of the file, a comment above its package clause or an import of "C" limits where it
// is built.
func isConstrained(name string, syntax *ast.File) bool {
	for _, group := range syntax.Comments {
		if syntax.Package.IsValid() && group.Pos() > syntax.Package {
			break
		}
		for _, c := range group.List {
			if constraint.IsGoBuild(c.Text) || constraint.IsPlusBuild(c.Text) {
				return true
			}
		}
	}
	needsCgo := slices.ContainsFunc(syntax.Imports, func(spec *ast.ImportSpec) bool { return importPath(spec) == "C" })
	return needsCgo || hasPlatformSuffix(name)
}

// hasPlatformSuffix asks go/build, which alone knows the names of all platforms, whether a file of this name is left out
// on a platform that does not exist.
func hasPlatformSuffix(name string) bool {
	if !strings.Contains(name, "_") {
		return false
	}
	nowhere := build.Context{
		GOOS:     "nowhere",
		GOARCH:   "nowhere",
		Compiler: "gc",
		OpenFile: func(string) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("package p")), nil },
	}
	match, err := nowhere.MatchFile("", name)
	return err == nil && !match
}
