package diag

import (
	"bytes"
	"encoding/json"
	"go/token"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// FuzzPrint prints anything anywhere: what comes out can be shown in a terminal, and the caret stands below what it is about.
func FuzzPrint(f *testing.F) {
	f.Add("package a\n\n//auth:gaurd x\n", "a.go", "unknown directive", "did you mean guard?", 3, 1, 3, 13)
	f.Add("\ufeff\t漢e\u0301\u202e\xff\r\n", "a\n.go", "a\n\tb", "\x1b[m", 1, 5, 2, 0)
	f.Add(strings.Repeat("\t\u0301漢", 100), "", "", "", 1, 300, 1, 310)
	f.Add("", "a.go", "m", "", 1, 1, 0, 0)
	f.Fuzz(func(t *testing.T, src, path, message, hint string, line, column, endLine, endColumn int) {
		d := Diagnostic{
			Pos:  token.Position{Filename: path, Line: line, Column: column},
			End:  token.Position{Filename: path, Line: endLine, Column: endColumn},
			Rule: "rule", Message: message, Hint: hint,
			Related: []Related{{Pos: token.Position{Filename: path, Line: endLine, Column: endColumn}, Message: message}},
		}
		source := func(string) []byte { return []byte(src) }

		var text bytes.Buffer
		require.NoError(t, Text{Dir: "/", Source: source}.Print(&text, []Diagnostic{d}))
		assert.True(t, utf8.Valid(text.Bytes()))
		for _, r := range text.String() {
			require.True(t, r == '\n' || r == '\t' || unicode.IsPrint(r), "%U in %q", r, text.String())
		}
		assert.LessOrEqual(t, strings.Count(text.String(), "\n"), 7+2*strings.Count(message, "\n")+strings.Count(hint, "\n"))

		var log bytes.Buffer
		sarif := SARIF{Dir: "/src", Source: source, Rules: []Rule{{ID: "rule", Summary: message, Help: hint}}}
		require.NoError(t, sarif.Print(&log, []Diagnostic{d}))
		var decoded sarifLog
		require.NoError(t, json.Unmarshal(log.Bytes(), &decoded))
		validate(t, decoded)
	})
}

// FuzzSnippet checks where the caret is: in the column that a terminal shows the character in.
func FuzzSnippet(f *testing.F) {
	f.Add("\t漢\te\u0301 x\u202e\xff", 9, 12)
	f.Add(strings.Repeat("a漢\t", 80), 200, 210)
	f.Fuzz(func(t *testing.T, line string, at, end int) {
		at = max(0, min(at, len(line)))
		source, mark := snippet(line, at, end)
		require.Equal(t, 1, strings.Count(mark, "^"), "%q", mark)
		require.Empty(t, strings.Trim(mark, " \t^~"), "%q", mark)

		// Below the caret stands the character that the index is in, or the one that it combines with.
		list := cells(line)
		i := slices.IndexFunc(list, func(c cell) bool { return c.end > at })
		for i > 0 && list[i].width == 0 && !list[i].isTab() {
			i--
		}
		marked := ""
		if i >= 0 {
			marked = list[i].text
		}
		before := mark[:strings.Index(mark, "^")]
		for _, stop := range []int{2, 4, 8} {
			assert.True(t, stands(source, marked, before, stop), "%q\n%q, tab stops %d", source, mark, stop)
		}
	})
}

// stands reports whether the text stands in the source in the column behind before; an empty one stands behind the source.
func stands(source, text, before string, stop int) bool {
	if text == "" {
		return screen(source, stop) == screen(before, stop)
	}
	for i := range source {
		if strings.HasPrefix(source[i:], text) && screen(source[:i], stop) == screen(before, stop) {
			return true
		}
	}
	return false
}
