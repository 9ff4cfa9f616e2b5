package diag

import (
	"bytes"
	"errors"
	"flag"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite the goldens")

// golden compares what was printed with a file, which -update rewrites.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got))
}

const dir = "/src/app"

// sources are the files that the diagnostics of example stand in.
var sources = map[string]string{
	"/src/app/blog/blog.go": "package blog\n\ntype Server struct{}\n\n//auth:route GET /articles/{id}\n" +
		"//auth:gaurd HasPermission(\"blog.view_artikel\") && user.Näme == \"漢字\"\n" +
		"func (s *Server) GetArticle(w http.ResponseWriter, r *http.Request) {}\n\n" +
		"//auth:route GET /articles/{name}\nfunc (s *Server) ArticleByName(w http.ResponseWriter, r *http.Request) {}\n",
	"/src/app/blog/two words.go": "package blog\r\n\r\n\t//\u202e auth:guard \x1b[31mred\r\n",
	"/elsewhere/lib/lib.go":      "package lib\n\nconst View = \"lib.view\"\n",
}

func source(path string) []byte {
	text, ok := sources[filepath.ToSlash(path)]
	if !ok {
		return nil
	}
	return []byte(text)
}

func position(file string, line, column int) token.Position {
	return token.Position{Filename: file, Line: line, Column: column}
}

var exampleRules = []Rule{
	{ID: "unknown-directive", Summary: "A directive has a name that does not exist."},
	{ID: "hidden-character", Summary: "A directive contains a character that cannot be seen.", Help: "A guard must read as what it is."},
	{ID: "conflicting-patterns", Summary: "Two routes match the same requests.", Help: "net/http refuses /a/{x} beside /a/{y}."},
	{ID: "conflicting-patterns", Summary: "The same identifier, declared once more."},
}

func example() []Diagnostic {
	const blog = "/src/app/blog/blog.go"
	return Sort([]Diagnostic{
		{Pos: position("/elsewhere/lib/lib.go", 3, 7), Rule: "not-listed", Message: "View is a constant as a whole guard"},
		{Pos: position(blog, 9, 14), End: position(blog, 9, 34), Rule: "conflicting-patterns",
			Message: "GET /articles/{name} conflicts with GET /articles/{id}",
			Related: []Related{{Pos: position(blog, 5, 14), Message: "the other pattern stands here"}, {Pos: position("/src/app/gone.go", 1, 1), Message: "and once more"}}},
		{Pos: position(blog, 6, 1), Rule: "unknown-directive", Message: "unknown directive //auth:gaurd", Hint: "did you mean //auth:guard?"},
		{Pos: position(blog, 6, 54), End: position(blog, 6, 75), Rule: "not-listed", Message: "mismatched types\n\tName is of type map[string](int)\n\tthe constant is a string",
			Hint: "compare\nsomething else"},
		{Pos: position("/src/app/blog/two words.go", 3, 4), End: position("/src/app/blog/two words.go", 3, 7), Rule: "hidden-character",
			Message: "a directive must not contain \u202e", Hint: "delete it\x07"},
		{Pos: position("/src/app/blog/auth_gen.go", 0, 0), Rule: "stale", Message: "the file is missing"},
		{Message: "a problem of no place"},
		{Pos: position(blog, 6, 1), Rule: "unknown-directive", Message: "unknown directive //auth:gaurd", Hint: "said twice"},
	})
}

func TestTextGolden(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, Text{Dir: dir, Source: source}.Print(&b, example()))
	golden(t, "example.txt", b.Bytes())
}

func TestTextColor(t *testing.T) {
	var plain, colored bytes.Buffer
	require.NoError(t, Text{Dir: dir, Source: source}.Print(&plain, example()))
	require.NoError(t, Text{Dir: dir, Source: source, Color: true}.Print(&colored, example()))
	golden(t, "example.ansi", colored.Bytes())

	stripped := strings.NewReplacer(bold, "", green, "", red, "", reset, "").Replace(colored.String())
	assert.Equal(t, plain.String(), stripped, "colour changes more than the colour")
}

func TestTextWriteFails(t *testing.T) {
	err := Text{}.Print(failing{}, example())
	assert.ErrorIs(t, err, errFull)
	err = SARIF{Dir: dir}.Print(failing{}, example())
	assert.ErrorIs(t, err, errFull)
}

var errFull = errors.New("disk full")

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errFull }

func TestSort(t *testing.T) {
	given := []Diagnostic{
		{Pos: position("b.go", 1, 1), Rule: "x", Message: "m"},
		{Pos: position("a.go", 2, 1), Rule: "x", Message: "m"},
		{Pos: position("a.go", 10, 2), Rule: "x", Message: "m"},
		{Pos: position("a.go", 10, 1), Rule: "y", Message: "m"},
		{Pos: position("a.go", 10, 1), Rule: "x", Message: "n"},
		{Pos: position("a.go", 10, 1), Rule: "x", Message: "m", Hint: "first"},
		{Pos: position("a.go", 10, 1), Rule: "x", Message: "m", Hint: "second"},
	}
	before := append([]Diagnostic(nil), given...)
	var got []string
	for _, d := range Sort(given) {
		got = append(got, d.Pos.String()+" "+d.Rule+" "+d.Message+" "+d.Hint)
	}
	assert.Equal(t, []string{"a.go:2:1 x m ", "a.go:10:1 x m first", "a.go:10:1 x n ", "a.go:10:1 y m ", "a.go:10:2 x m ", "b.go:1:1 x m "}, got)
	assert.Equal(t, before, given, "the argument was changed")
	assert.Empty(t, Sort(nil))
}

func TestSummary(t *testing.T) {
	a, b := Diagnostic{Pos: position("a.go", 1, 1)}, Diagnostic{Pos: position("b.go", 1, 1)}
	assert.Equal(t, "", Summary(nil))
	assert.Equal(t, "1 problem in 1 file", Summary([]Diagnostic{a}))
	assert.Equal(t, "2 problems in 1 file", Summary([]Diagnostic{a, a}))
	assert.Equal(t, "3 problems in 2 files", Summary([]Diagnostic{a, b, a}))
}

func TestShortPath(t *testing.T) {
	for _, tt := range []struct{ dir, path, want string }{
		{"/src/app", "/src/app/a.go", "a.go"},
		{"/src/app", "/src/app/b/a.go", "b/a.go"},
		{"/src/app/", "/src/app/..a.go", "..a.go"},
		{"/src/app", "/src/application/a.go", "/src/application/a.go"},
		{"/src/app", "/src/a.go", "/src/a.go"},
		{"/", "/src/a.go", "src/a.go"},
		{"", "/src/a.go", "/src/a.go"},
		{"/src", "a.go", "a.go"},
		{"src", "/src/a.go", "/src/a.go"},
	} {
		assert.Equal(t, filepath.FromSlash(tt.want), ShortPath(filepath.FromSlash(tt.dir), filepath.FromSlash(tt.path)), "%s in %s", tt.path, tt.dir)
	}
}
