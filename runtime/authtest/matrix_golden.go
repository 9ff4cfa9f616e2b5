package authtest

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// updateFlag cannot be "update": packages of tests define that one themselves, after this package is initialized, and
// a flag that is defined twice is a panic.
const updateFlag = "authtest.update"

func init() {
	if testing.Testing() {
		flag.Bool(updateFlag, false, "have authtest.Matrix write its files anew")
	}
}

// updating reports whether files are to be written: by our flag, or by the one that the package of the test has.
func updating() bool {
	for _, name := range []string{updateFlag, "update"} {
		if f := flag.Lookup(name); f != nil && f.Value.String() == "true" {
			return true
		}
	}
	return false
}

// updateCommand returns what writes the file of a test anew.
func updateCommand(test string) string {
	name, _, _ := strings.Cut(test, "/")
	return "go test -run '^" + name + "$' -" + updateFlag
}

// goldenFile returns the file of a test; those of subtests are in folders.
func goldenFile(test string) (string, error) {
	parts := strings.Split(test, "/")
	for i, part := range parts {
		parts[i] = url.QueryEscape(part) // fit for every file system
	}
	name := strings.Join(parts, "/") + ".txt"
	if !filepath.IsLocal(name) {
		return "", fmt.Errorf("the name of the test, %q, is not fit for a file", test)
	}
	return filepath.Join("testdata", "matrix", filepath.FromSlash(name)), nil
}

// compareGolden compares the text with the file of the test, or writes it there.
func compareGolden(t testing.TB, text string) {
	t.Helper()
	file, err := goldenFile(t.Name())
	if err != nil {
		t.Fatalf("authtest: %v", err)
	}
	old, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("authtest: %v", err)
	}
	missing := err != nil
	difference := describe(strings.ReplaceAll(string(old), "\r\n", "\n"), text) // as git may check it out
	switch {
	case !missing && difference == "":
	case updating():
		if err := replaceFile(file, text); err != nil {
			t.Fatalf("authtest: %v", err)
		}
		if missing {
			t.Logf("authtest: wrote %s", file)
		} else {
			t.Logf("authtest: wrote %s:\n%s", file, difference)
		}
	case missing:
		t.Errorf("authtest: %s is missing; write it, and read it before you commit it:\n\t%s", file, updateCommand(t.Name()))
	default:
		t.Errorf("authtest: who may do what is not what %s says:\n%s\nIf that is meant, write it anew:\n\t%s", file, difference, updateCommand(t.Name()))
	}
}

// replaceFile writes a file, and its folder if need be, so that a reader sees the old contents or the new ones, never a
// part.
func replaceFile(path, contents string) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dir, ".matrix-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			tmp.Close()
			os.Remove(tmp.Name())
		}
	}()
	if _, err = tmp.WriteString(contents); err != nil {
		return err
	}
	if err = tmp.Chmod(0o644); err != nil {
		return err
	}
	if err = tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

const goldenHeader = `# What the guards of every route decide, for every principal: "allowed", or the status of the refusal.
# Routes that serve anonymous requests, too, are marked as public. authtest.Matrix compares this with what
# they decide now. After a change that is meant, write it anew, and review what changed here:
#
#     %s

`

// render returns the text of a file: a table with a line for each row, and below it what stands before each route.
func render(test string, principals []Principal, rows []*row) string {
	var b strings.Builder
	fmt.Fprintf(&b, goldenHeader, updateCommand(test))
	names := make([]string, len(principals))
	widths := make([]int, len(principals))
	for i, p := range principals {
		names[i] = p.Name
		widths[i] = max(utf8.RuneCountInString(p.Name), len(allowed))
	}
	line := func(cells []string, mark, rest string) {
		for i, cell := range cells {
			fmt.Fprintf(&b, "%-*s  ", widths[i], cell)
		}
		fmt.Fprintf(&b, "%-*s  %s\n", len(publicMark), mark, rest)
	}
	line(names, "", "route  request")
	for _, row := range rows {
		mark := ""
		if row.route.Public {
			mark = publicMark
		}
		line(row.decisions, mark, row.String())
	}
	last := ""
	for _, row := range rows {
		if pattern := patternOf(row.route); pattern != last {
			fmt.Fprintf(&b, "\n%s\n%s", pattern, details(row))
			last = pattern
		}
	}
	return b.String()
}

const publicMark = "public"

// details returns what generated code says of a route, too.
func details(r *row) string {
	backends := cmp.Or(strings.Join(r.route.Backends, ", "), "none")
	text := fmt.Sprintf("    handler  %s\n    backend  %s\n    guard    %s\n", r.route.Name, backends, oneLine(r.route.Guard))
	if r.route.Replaced != "" {
		text += fmt.Sprintf("    replace  %s\n", oneLine(r.route.Replaced))
	}
	return text
}

func oneLine(text string) string { return strings.NewReplacer("\r", " ", "\n", " ").Replace(text) }

// A golden is what a file says.
type golden struct {
	principals []string
	rows       []string                     // in the order of the file
	decisions  map[string]map[string]string // by row and principal
	routes     map[string]string            // their details, by pattern
}

// columns have two spaces between them, or more.
var columns = regexp.MustCompile(` {2,}`)

// parse reads what render wrote.
func parse(text string) (golden, error) {
	g := golden{decisions: map[string]map[string]string{}, routes: map[string]string{}}
	pattern := "" // of the route whose details come
	inTable := true
	for i, line := range strings.Split(text, "\n") {
		switch {
		case strings.HasPrefix(line, "#"):
		case line == "":
			inTable = inTable && g.principals == nil
		case !inTable && strings.HasPrefix(line, "    "):
			g.routes[pattern] += line + "\n"
		case !inTable:
			pattern = line
			g.routes[pattern] = ""
		case g.principals == nil:
			fields := columns.Split(line, -1)
			if fields[0] != Anonymous || len(fields) < 3 {
				return golden{}, fmt.Errorf("line %d: it is not the head of the table", i+1)
			}
			g.principals = fields[:len(fields)-2] // behind them "route" and "request"
		default:
			if err := g.parseRow(line); err != nil {
				return golden{}, fmt.Errorf("line %d: %w", i+1, err)
			}
		}
	}
	if len(g.rows) == 0 {
		return golden{}, errors.New("it has no table")
	}
	return g, nil
}

func (g *golden) parseRow(line string) error {
	n := len(g.principals)
	fields := columns.Split(line, -1)
	if len(fields) <= n {
		return errors.New("it is not a line of the table")
	}
	rest := fields[n:]
	if rest[0] == publicMark {
		rest = rest[1:]
	}
	key := strings.Join(rest, "  ")
	g.rows = append(g.rows, key)
	g.decisions[key] = map[string]string{}
	for i, name := range g.principals {
		g.decisions[key][name] = fields[i]
	}
	return nil
}

// describe says how the text of a file differs from what it should be, and nothing if it does not.
func describe(old, now string) string {
	if old == now {
		return ""
	}
	is, err := parse(now)
	if err != nil {
		return fmt.Sprintf("\tit cannot be read back: %v", err)
	}
	was, err := parse(old)
	if err != nil {
		return fmt.Sprintf("\tthe file is not one that Matrix wrote: %v", err)
	}
	lines := was.changes(is)
	if len(lines) == 0 {
		lines = []string{"no decision, but the order or the words of the file"}
	}
	return "\t" + strings.Join(lines, "\n\t")
}

// changes describes what became of a matrix, the worst first.
func (g golden) changes(now golden) []string {
	var widened, changed []string
	for _, row := range now.rows {
		before, known := g.decisions[row]
		if !known {
			changed = append(changed, "new: "+row+": "+now.summary(row))
			continue
		}
		for _, name := range now.principals {
			was, is := before[name], now.decisions[row][name]
			switch {
			case was == is:
			case was == "":
				changed = append(changed, fmt.Sprintf("new principal %s: %s: %s", name, row, is))
			case is == allowed:
				widened = append(widened, fmt.Sprintf("access WIDENED: %s: %s was refused with %s, and is allowed", row, name, was))
			case was == allowed:
				changed = append(changed, fmt.Sprintf("%s: %s was allowed, and is refused with %s", row, name, is))
			default:
				changed = append(changed, fmt.Sprintf("%s: %s was refused with %s, and is with %s", row, name, was, is))
			}
		}
	}
	for _, row := range g.rows {
		if now.decisions[row] == nil {
			changed = append(changed, "removed: "+row)
		}
	}
	for _, name := range g.principals {
		if !slices.Contains(now.principals, name) {
			changed = append(changed, "removed principal "+name)
		}
	}
	return slices.Concat(widened, changed, g.changedDetails(now))
}

// summary says who is allowed in a row.
func (g golden) summary(row string) string {
	var names []string
	for _, name := range g.principals {
		if g.decisions[row][name] == allowed {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "nobody is allowed"
	}
	return "allowed for " + strings.Join(names, ", ")
}

// changedDetails describes what stands before routes that are in both.
func (g golden) changedDetails(now golden) []string {
	var lines []string
	for _, pattern := range slices.Sorted(maps.Keys(now.routes)) {
		was, known := g.routes[pattern]
		if is := now.routes[pattern]; known && was != is {
			lines = append(lines, pattern+":")
			lines = append(lines, onlyIn(was, is, "- ")...)
			lines = append(lines, onlyIn(is, was, "+ ")...)
		}
	}
	return lines
}

// onlyIn returns the lines of a text that another has not.
func onlyIn(text, other, prefix string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		if !slices.Contains(slices.Collect(strings.Lines(other)), line) {
			lines = append(lines, "    "+prefix+strings.TrimSpace(line))
		}
	}
	return lines
}
