package diag

import (
	"fmt"
	"go/token"
	"io"
	"strings"
)

// Text prints diagnostics for people:
//
//	blog/blog.go:12:3: unknown directive //auth:gaurd
//	    //auth:gaurd IsAuthenticated()
//	    ^~~~~~~~~~~~
//	    hint: did you mean //auth:guard?
//
// Whatever comes from the user's files is shown by [Printable]. The zero value prints positions as they are, without source.
type Text struct {
	Dir    string                   // paths inside this folder are shown relative to it; may be empty
	Source func(path string) []byte // a file's bytes, nil if it cannot be had; a nil function knows no file
	Color  bool                     // for a terminal that understands ANSI sequences
}

// Print writes the diagnostics in the order given.
func (t Text) Print(w io.Writer, diagnostics []Diagnostic) error {
	for _, d := range diagnostics {
		if _, err := io.WriteString(w, t.render(d)); err != nil {
			return fmt.Errorf("print diagnostic: %w", err)
		}
	}
	return nil
}

const indentation = "    "

func (t Text) render(d Diagnostic) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", t.paint(bold, t.position(d.Pos)), t.paint(bold, lines(d.Message)))
	t.snippet(&b, indentation, d.Pos, d.End)
	if d.Hint != "" {
		fmt.Fprintf(&b, "%s%s %s\n", indentation, t.paint(green, "hint:"), lines(d.Hint))
	}
	for _, r := range d.Related {
		fmt.Fprintf(&b, "%s%s: %s\n", indentation, t.position(r.Pos), lines(r.Message))
		t.snippet(&b, indentation+indentation, r.Pos, token.Position{})
	}
	return b.String()
}

// position returns "file:line:column", less what is not known of it.
func (t Text) position(pos token.Position) string {
	pos.Filename = Printable(ShortPath(t.Dir, pos.Filename))
	switch {
	case pos.Filename == "":
		return "-"
	case pos.Line < 1:
		return pos.Filename
	}
	return pos.String()
}

// snippet writes the source line and what is underlined in it, if the source is known.
func (t Text) snippet(b *strings.Builder, indent string, pos, end token.Position) {
	if t.Source == nil {
		return
	}
	line, at, ok := sourceLine(t.Source(pos.Filename), pos)
	if !ok {
		return
	}
	source, underline := snippet(line, max(at, 0), extent(line, max(at, 0), pos, end))
	b.WriteString(strings.TrimRight(indent+source, " \t") + "\n")
	if at >= 0 {
		b.WriteString(indent + t.paintMark(underline) + "\n")
	}
}

// lines returns a text whose lines are printable, and indented from the second on.
func lines(text string) string {
	list := strings.Split(text, "\n")
	for i, line := range list {
		list[i] = Printable(strings.Trim(line, "\t\r"))
	}
	return strings.Join(list, "\n"+indentation)
}

// The ANSI sequences (ECMA-48, SGR) in use.
const (
	bold  = "\x1b[1m"
	green = "\x1b[32m"
	red   = "\x1b[1;31m"
	reset = "\x1b[0m"
)

func (t Text) paint(color, text string) string {
	if !t.Color {
		return text
	}
	return color + text + reset
}

// paintMark colours the underlining, but not the blanks before it.
func (t Text) paintMark(underline string) string {
	at := strings.IndexByte(underline, '^')
	return underline[:at] + t.paint(red, underline[at:])
}

// Summary returns what a list of diagnostics comes to, such as "3 problems in 2 files", and "" for none.
func Summary(diagnostics []Diagnostic) string {
	files := map[string]bool{}
	for _, d := range diagnostics {
		files[d.Pos.Filename] = true
	}
	if len(diagnostics) == 0 {
		return ""
	}
	return count(len(diagnostics), "problem") + " in " + count(len(files), "file")
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
