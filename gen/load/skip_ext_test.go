package load_test

import (
	"go/parser"
	"go/token"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/gen/directive"
	"github.com/boltauthgen/boltauthgen/gen/load"
)

// FuzzSkippedFiles: in a file that is not even parsed, nobody would have found a directive or a near miss.
func FuzzSkippedFiles(f *testing.F) {
	for _, seed := range []string{
		"//auth:guard x", "// auth:guard", "//auth: guard", "//Auth:Guard", "//oath:guard x", "// aut:guard", "//ahut:route GET /",
		"/* aut:guard */", "//auth guard", "//authguard", "//@auth:guard", "///auth:guard", "//aut\u0068:guard", "//\u0430uth:guard",
		"//au\rth:guard", "//go:build x", "// see https://x:y", "/*\n * aut:guard */", "//\taut:guard", "//\vaut:guard", "//1ut:guard", "//auth\uff1aguard",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, comment string) {
		source := []byte("package p\n\n" + comment + "\n")
		if load.CanHoldDirective(source) {
			return
		}
		fset := token.NewFileSet()
		syntax, err := parser.ParseFile(fset, "x_test.go", source, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return
		}
		pkg := &load.Package{Other: []*load.File{{Path: "x_test.go", Source: source, Syntax: syntax, Test: true}}}
		_, found := directive.Read(fset, pkg)
		require.Empty(t, found)
	})
}
