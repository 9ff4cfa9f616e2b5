package load

import (
	"go/ast"
	"go/scanner"
	"go/token"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCanHoldDirective(t *testing.T) {
	for text, want := range map[string]bool{
		"//auth:guard IsStaff()":            true,
		"// AUTH : guard":                   true,
		"/*\n * auth:guard\n */":            true,
		"var oauth int":                     true, // it need not be exact
		"//oath:guard":                      true,
		"// aut:guard":                      true,
		"//\taut:guard":                     true,
		"x := 1 //aut:guard":                true,
		"//\u0430uth:guard":                 true, // a Cyrillic letter
		"//a\u200buth:guard":                true, // a space of no width
		"//au\rth:guard":                    true, // which the scanner leaves out
		"//au\x01th:guard":                  true,
		"//au\x7fth:guard":                  true,
		"//auth":                            true,
		"//aut":                             false,
		"// the author's":                   true,
		"//go:build linux":                  false,
		"//go:generate go tool x":           false,
		"// see http://example.com:80/":     false,
		"// Note: this is a sentence":       false,
		"//nolint:gosec":                    true,
		"a := b[1:2] / c":                   false,
		"":                                  false,
		"//":                                false,
		"//:":                               false,
		"//x:":                              false,
		"/":                                 false,
		"package p\r\n\r\n// text\r\n":      false,
		"package p\n\n// text\n\tfunc f(){": false,
	} {
		assert.Equal(t, want, canHoldDirective([]byte(text)), "%q", text)
	}
}

func TestHasPlatformSuffix(t *testing.T) {
	for name, want := range map[string]bool{
		"x.go": false, "x_linux.go": true, "x_amd64.go": true, "x_linux_amd64.go": true, "x_linux_test.go": true,
		"x_wasip1.go": true, "linux.go": false, "linux_test.go": false, "x_test.go": false, "x_unix.go": false,
		"x_handlers.go": false, "x_plan9_y.go": false,
	} {
		assert.Equal(t, want, hasPlatformSuffix(name), name)
	}
}

func TestIsConstrained(t *testing.T) {
	for text, want := range map[string]bool{
		"package p":                     false,
		"//go:build linux\n\npackage p": true,
		"// Copyright\n\n//go:build linux\n\npackage p": true,
		"//go:build go1.1\n\npackage p":                 true,
		"// +build linux\n\npackage p":                  true,
		"package p\n\n//go:build linux":                 false,
		"// go:build linux\n\npackage p":                false,
		"//go:builder linux\n\npackage p":               false,
		"//go:build linux\n\npakage p":                  true,
	} {
		l := &loader{fset: token.NewFileSet()}
		f, _ := l.parse("x.go", []byte(text))
		assert.Equal(t, want, f.Constrained, "%q", text)
	}
}

// FuzzParse: whatever a file holds, all of its comments are found, in order, and no statement is kept.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"package p\n\n// a\nfunc f() { x() /* b */ }\n\n// c\n",
		"package p\n\n//a\nfunc {{{ \"unterminated\n//b\n}\n/* c\nd */ /* e */\n\n//f",
		"//a\npakage p\n//b",
		"//a", "", "\x00//a", "/* a", "package p; var f = func() { for { /**/ } }\n//\r\n", "package p\nvar x = `//a\n`//b",
		"//line other.go:7\npackage p\n//line :9\n)//a\n//b\n", "\ufeff//a\npackage p", "package p\nfunc f() {\n//a\n'",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		l := &loader{fset: token.NewFileSet()}
		file, _ := l.parse("x.go", []byte(source))
		var got []string
		last := token.NoPos
		for _, group := range file.Syntax.Comments {
			for _, c := range group.List {
				require.Greater(t, c.Pos(), last)
				last = c.Pos()
				got = append(got, c.Text)
			}
		}
		require.Equal(t, scanned(source), got)
		ast.Inspect(file.Syntax, func(n ast.Node) bool {
			block, ok := n.(*ast.BlockStmt)
			require.False(t, ok && len(block.List) > 0, "statements are left")
			return true
		})
	})
}

func scanned(source string) []string {
	var all []string
	var s scanner.Scanner
	s.Init(token.NewFileSet().AddFile("x.go", -1, len(source)), []byte(source), nil, scanner.ScanComments)
	for {
		_, tok, text := s.Scan()
		switch tok {
		case token.EOF:
			return all
		case token.COMMENT:
			all = append(all, text)
		}
	}
}
