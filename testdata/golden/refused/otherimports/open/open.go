// Package rules has a rule that lets everyone in.
package rules

// View is a permission.
const View = "open.view"

// Holds always.
func Holds() bool { return true }
