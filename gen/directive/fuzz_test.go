package directive

import (
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/gen/load"
)

// FuzzRead puts any line of comment above a function. What begins like a directive is read or reported, never passed
// over, and every place is inside of the line.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"//auth:route GET /articles/{id}", "//auth:guard IsStaff() && !x", "//auth:backend none", "//auth:provide optional",
		"//auth:permissions", "//auth:replace because", "//auth:prefix /api", "//auth:ignore no handler",
		"// auth:guard IsStaff()", "//auth:gaurd IsStaff()", "//auth: guard IsStaff()", "//Auth:guard x", "//auht:guard x",
		"//auth guard x", "/*auth:guard x*/", "/*\n * auth:guard x\n */", "//auth:guard\tIsStaff()\t", "//auth:guard\u200b x",
		"//аuth:guard x", "//auth:", "//auth:guard", "// see auth:guard", "///auth:guard x", "//\t//auth:guard x", "// +auth:guard x",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, comment string) {
		if strings.ContainsAny(comment, "\n\r") && !strings.HasPrefix(comment, "/*") {
			t.Skip("more than one line")
		}
		source := "package p\n\n" + comment + "\nfunc F() {}\n"
		fset := token.NewFileSet()
		syntax, err := parser.ParseFile(fset, "p.go", source, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil || len(syntax.Comments) != 1 || len(syntax.Comments[0].List) != 1 {
			t.Skip("not one comment")
		}
		own, problems := Read(fset, &load.Package{Files: []*load.File{{Path: "p.go", Source: []byte(source), Syntax: syntax}}})
		read := 0
		for _, target := range own.Funcs {
			for _, d := range target.Directives {
				read++
				require.Equal(t, d.Args, source[fset.Position(d.ArgsPos).Offset:fset.Position(d.End).Offset])
			}
		}
		if strings.HasPrefix(comment, "//auth:") {
			require.Equal(t, 1, read+min(len(problems), 1), "read %d, reported %d", read, len(problems))
		}
		for _, p := range problems {
			require.LessOrEqual(t, p.Pos.Offset, len(source))
			require.NotEmpty(t, p.Message)
			require.GreaterOrEqual(t, p.Pos.Line, 3)
		}
	})
}
