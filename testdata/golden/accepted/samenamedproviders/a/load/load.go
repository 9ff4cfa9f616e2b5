// Package load has the name of another one, and so has its provider.
package load

// Value says where it comes from.
type Value struct{ From string }

// Current provides a value.
//
//auth:provide
func Current() *Value { return &Value{"a"} }
