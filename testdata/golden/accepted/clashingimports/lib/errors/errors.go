// Package errors is not that of the standard library.
package errors

// Value is provided.
type Value string

// None is a guard.
func None(string) bool { return true }

// NewValue provides.
//
//auth:provide
func NewValue() (Value, error) { return "value", nil }
