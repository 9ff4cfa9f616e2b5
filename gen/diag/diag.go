// Package diag holds what the generator has to say about a user's code, and the ways to print it.
package diag

import "go/token"

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
