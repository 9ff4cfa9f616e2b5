// Package rules has a rule that lets nobody in.
package rules

// View is a permission.
const View = "strict.view"

// Holds never.
func Holds() bool { return false }
