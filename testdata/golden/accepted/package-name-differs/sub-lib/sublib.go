// Package sublib lies in a folder of another name.
package sublib

// Value is provided.
type Value struct{ OK bool }

// Yes is a guard.
func Yes() bool { return true }

// NewValue provides.
//
//auth:provide
func NewValue() Value { return Value{true} }
