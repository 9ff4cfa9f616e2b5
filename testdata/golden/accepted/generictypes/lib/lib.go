// Package lib has generic types.
package lib

// Key is a path value.
type Key[T any] string

// Local is an argument.
type Local struct{}
