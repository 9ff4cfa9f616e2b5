// Package diag holds what the generator has to say about a user's code, and the ways to print it: [Text] for people, [SARIF]
// for editors and CI.
//
// The stages of the generator declare [Rule] values and report with [Rule.At]. What they report is put in order by [Sort].
package diag

import (
	"cmp"
	"go/token"
	"path/filepath"
	"slices"
)

// A Diagnostic is one problem in a user's code.
type Diagnostic struct {
	Pos     token.Position // where it is, inside the comment if it concerns a directive
	End     token.Position // end of what is underlined; the zero value underlines the word at Pos
	Rule    string         // the name of the broken rule, such as "unguarded-route"; stable, for editors and CI
	Message string         // what is wrong, without a final full stop
	Hint    string         // how to mend it; may be empty
	Related []Related      // other places that belong to the problem; may be nil
}

// Related is a place that explains a Diagnostic.
type Related struct {
	Pos     token.Position
	Message string
}

// Sort returns the diagnostics in the order of their positions, without those that say the same of the same place again, as
// happens where a file belongs to a package and to its test. The argument is left as it is.
func Sort(diagnostics []Diagnostic) []Diagnostic {
	sorted := slices.Clone(diagnostics)
	slices.SortStableFunc(sorted, compare)
	return slices.CompactFunc(sorted, func(a, b Diagnostic) bool { return compare(a, b) == 0 })
}

func compare(a, b Diagnostic) int {
	return cmp.Or(
		cmp.Compare(a.Pos.Filename, b.Pos.Filename),
		cmp.Compare(a.Pos.Line, b.Pos.Line),
		cmp.Compare(a.Pos.Column, b.Pos.Column),
		cmp.Compare(a.Rule, b.Rule),
		cmp.Compare(a.Message, b.Message),
	)
}

// ShortPath returns the path as it is shown to people: relative to dir where it lies inside dir, otherwise unchanged. An empty
// dir changes nothing.
func ShortPath(dir, path string) string {
	if dir == "" || !filepath.IsAbs(path) {
		return path
	}
	if rel, err := filepath.Rel(dir, path); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return path
}
