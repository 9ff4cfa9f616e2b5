// Package lib is imported with a dot. It takes names that generated code would like to have.
package lib

// Thing is provided.
type Thing struct{ Name string }

// Names that the generated code must go around.
var (
	Permission = "x"
	Errors     = 1
)

// Good is a guard.
func Good(name string) bool { return name != "abad" }

// NewThing provides.
//
//auth:provide
func NewThing() Thing { return Thing{"thing"} }
