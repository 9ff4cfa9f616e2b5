package diag

import (
	"go/token"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// at returns the position of the mark « in a source file, its end at the mark », and the file without both. Without » the end
// is unknown, as a diagnostic's may be.
func at(t *testing.T, marked string) (src []byte, pos, end token.Position) {
	t.Helper()
	unmarked := strings.NewReplacer("«", "", "»", "")
	place := func(mark string) token.Position {
		before, _, found := strings.Cut(marked, mark)
		if !found {
			return token.Position{}
		}
		before = unmarked.Replace(before)
		return token.Position{Filename: "a.go", Line: 1 + strings.Count(before, "\n"), Column: len(before) - strings.LastIndex(before, "\n")}
	}
	pos, end = place("«"), place("»")
	require.True(t, pos.IsValid(), "the case marks no position")
	return []byte(unmarked.Replace(marked)), pos, end
}

// render returns the lines that show a place in a source file, without the indentation.
func render(t *testing.T, marked string) string {
	t.Helper()
	src, pos, end := at(t, marked)
	var b strings.Builder
	Text{Source: func(string) []byte { return src }}.snippet(&b, "", pos, end)
	return b.String()
}

func TestSnippet(t *testing.T) {
	for _, tt := range []struct{ name, source, want string }{
		{"range", "//auth:guard «IsStaf»() && x", "" +
			"//auth:guard IsStaf() && x\n" +
			"             ^~~~~~\n"},
		{"no end: the identifier", "//auth:guard user.«Näme» && x", "" +
			"//auth:guard user.Näme && x\n" +
			"                  ^~~~\n"},
		{"no end: the directive", "«//auth:gaurd IsStaff()", "" +
			"//auth:gaurd IsStaff()\n" +
			"^~~~~~~~~~~~\n"},
		{"no end: one character", "x := a «&& b", "" +
			"x := a && b\n" +
			"       ^\n"},
		{"end before position", "a »b «c d", "" +
			"a b c d\n" +
			"    ^\n"},
		{"end on a later line", "a\nb «c d\ne» f", "" +
			"b c d\n" +
			"  ^~~\n"},
		{"tabs before", "\t\tif «x» {", "" +
			"\t\tif x {\n" +
			"\t\t   ^\n"},
		{"tab inside is a gap", "x «a\tbc» d", "" +
			"x a\tbc d\n" +
			"  ^\t~~\n"},
		{"tab first ends the range", "x«\tbc» d", "" +
			"x\tbc d\n" +
			" ^\n"},
		{"tab between", "漢\t«b»", "" +
			"漢\tb\n" +
			"  \t^\n"},
		{"wide", "const s = \"漢字\" + «Größe» // 漢", "" +
			"const s = \"漢字\" + Größe // 漢\n" +
			"                   ^~~~~\n"},
		{"wide underlined", "x(«漢字»)", "" +
			"x(漢字)\n" +
			"  ^~~~\n"},
		{"emoji", "\"🔒\" «x»", "" +
			"\"🔒\" x\n" +
			"     ^\n"},
		{"combining", "e\u0301te\u0301 := «x»", "" +
			"e\u0301te\u0301 := x\n" +
			"       ^\n"},
		{"combining underlined", "x «e\u0301a» y", "" +
			"x e\u0301a y\n" +
			"  ^~\n"},
		{"position on a combining character", "x ae«\u0301» y", "" +
			"x ae\u0301 y\n" +
			"   ^\n"},
		{"combining first in the line", "«\u0301» y", "" +
			"\u0301 y\n" +
			"^\n"},
		{"Hangul letters", "\u1112\u1161\u11ab «x»", "" +
			"\u1112\u1161\u11ab x\n" +
			"   ^\n"},
		{"CRLF", "a\r\nb «c»\r\nd\r\n", "" +
			"b c\n" +
			"  ^\n"},
		{"CRLF, end of line", "a\r\nb«»\r\nd\r\n", "" +
			"b\n" +
			" ^\n"},
		{"carriage return inside", "a\r«b»", "" +
			"a\\rb\n" +
			"   ^\n"},
		{"end of line", "//auth:guard«\nfunc f()", "" +
			"//auth:guard\n" +
			"            ^\n"},
		{"end of file", "package a\n«", "" +
			"\n" +
			"^\n"},
		{"empty file", "«", "" +
			"\n" +
			"^\n"},
		{"empty line", "a\n«\nb", "" +
			"\n" +
			"^\n"},
		{"byte order mark", "\ufeffpackage «a»", "" +
			"package a\n" +
			"        ^\n"},
		{"on the byte order mark", "«\ufeffpackage a", "" +
			"package a\n" +
			"^~~~~~~\n"},
		{"byte order mark inside", "a \ufeff«b»", "" +
			"a \\ufeffb\n" +
			"        ^\n"},
		{"bidirectional", "//auth:guard «\u202eabc\u202c»()", "" +
			"//auth:guard \\u202eabc\\u202c()\n" +
			"             ^~~~~~~~~~~~~~~\n"},
		{"zero width", "Is«\u200b»Staff", "" +
			"Is\\u200bStaff\n" +
			"  ^~~~~~\n"},
		{"no-break space", "a«\u00a0»b", "" +
			"a\\u00a0b\n" +
			" ^~~~~~\n"},
		{"Hangul filler", "a\u3164 «b»", "" +
			"a\\u3164 b\n" +
			"        ^\n"},
		{"variation selector", "//auth:guard f(\"v«\ufe0f»\")", "" +
			"//auth:guard f(\"v\\ufe0f\")\n" +
			"                 ^~~~~~\n"},
		{"tag character", "a\U000e0041«b»", "" +
			"a\\U000e0041b\n" +
			"           ^\n"},
		{"escape sequence", "\x1b[31m «b»", "" +
			"\\x1b[31m b\n" +
			"         ^\n"},
		{"NUL", "a\x00«b»", "" +
			"a\\x00b\n" +
			"     ^\n"},
		{"C1 control", "a\u009b«b»", "" +
			"a\\u009bb\n" +
			"       ^\n"},
		{"not UTF-8", "a\xff«b»", "" +
			"a\\xffb\n" +
			"     ^\n"},
		{"within a character", "a \xc3«\xa9 b", "" +
			"a é b\n" +
			"  ^\n"},
		{"blanks at the end are not shown", "a «b»  \t", "" +
			"a b\n" +
			"  ^\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, render(t, tt.source))
		})
	}
}

func TestSnippetOfLongLines(t *testing.T) {
	words := strings.Repeat("abcdefg ", 100)
	for _, tt := range []struct {
		name, source string
		cutLeft      bool
		cutRight     bool
	}{
		{"caret in the beginning", "«first» " + words, false, true},
		{"caret in the middle", words + "«first» " + words, true, true},
		{"caret at the last word", words + "«first»", true, false},
		{"caret at the end", words + "first«", true, false},
		{"the range is longer than the window", words + "«first" + words + "»" + words, true, true},
		{"tabs", strings.Repeat("\t", 100) + "«first»" + strings.Repeat("\t", 100) + "x", true, true},
		{"a heap of combining characters", "a" + strings.Repeat("\u0301", 1000) + "«first»" + strings.Repeat("\u0301", 1000), true, true},
		{"wide", strings.Repeat("漢", 100) + "«first»" + strings.Repeat("漢", 100), true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			source, mark, _ := strings.Cut(render(t, tt.source), "\n")
			mark = strings.TrimSuffix(mark, "\n")
			assert.Equal(t, tt.cutLeft, strings.HasPrefix(source, cutMark), source)
			assert.Equal(t, tt.cutRight, strings.HasSuffix(source, cutMark), source)
			room := 0
			for _, c := range cells(source) {
				room += c.room()
			}
			assert.LessOrEqual(t, room, maxColumns+2*len(cutMark))
			assert.LessOrEqual(t, len(mark), len(source)+len("^"), "the underlining is longer than the line")

			shown := strings.Index(source, "first")
			require.GreaterOrEqual(t, shown, 0, source)
			caret := shown
			if strings.HasSuffix(tt.source, "first«") {
				caret += len("first")
			}
			assert.Equal(t, screen(source[:caret], 8), screen(mark[:strings.Index(mark, "^")], 8), "the caret is elsewhere")
		})
	}
}

// screen returns the column that a terminal's cursor has after a text, with a tab stop every so many columns.
func screen(text string, stop int) int {
	at := 0
	for _, r := range text {
		if r == '\t' {
			at += stop - at%stop
		} else {
			at += columns(r)
		}
	}
	return at
}

func TestSnippetWithoutSource(t *testing.T) {
	src := []byte("package a\n")
	for _, tt := range []struct {
		name string
		src  []byte
		pos  token.Position
		want string
	}{
		{"unknown file", nil, token.Position{Line: 1, Column: 1}, ""},
		{"no line", src, token.Position{}, ""},
		{"line behind the end", src, token.Position{Line: 3, Column: 1}, ""},
		{"no column", src, token.Position{Line: 1}, "package a\n"},
		{"column behind the end", src, token.Position{Line: 1, Column: 1000}, "package a\n         ^\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var b strings.Builder
			Text{Source: func(string) []byte { return tt.src }}.snippet(&b, "", tt.pos, token.Position{})
			assert.Equal(t, tt.want, b.String())
		})
	}
	var b strings.Builder
	Text{}.snippet(&b, "", token.Position{Filename: "a.go", Line: 1, Column: 1}, token.Position{})
	assert.Empty(t, b.String(), "no Source at all")
}

func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"plain text":         "plain text",
		"é漢🔒":                "é漢🔒",
		"a\nb\r\tc":          `a\nb\r\tc`,
		"\x1b]0;title\a":     `\x1b]0;title\a`,
		"\u2066x\u2069":      `\u2066x\u2069`,
		"\u2028":             `\u2028`,
		"a\x80b":             `a\x80b`,
		"\ufffd":             "\ufffd",
		"\u2764\ufe0f":       "\u2764\\ufe0f",
		"a\U000e0101":        `a\U000e0101`,
		"\U000e0001":         `\U000e0001`,
		"\u115f\u3164\uffa0": `\u115f\u3164\uffa0`,
	} {
		assert.Equal(t, want, Printable(text))
	}
}
