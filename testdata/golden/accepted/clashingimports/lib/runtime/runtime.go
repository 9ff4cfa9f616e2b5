// Package runtime is not the run time.
package runtime

// Holds is a guard.
func Holds(s string) bool { return s != "no" }
