// Package nilable looks into interfaces for nils.
package nilable

import "reflect"

// IsNil reports whether v is nil, or an interface around a nil pointer, map, function, channel or slice.
func IsNil(v any) bool {
	if v == nil {
		return true
	}
	switch value := reflect.ValueOf(v); value.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Func, reflect.Chan, reflect.Slice:
		return value.IsNil()
	}
	return false
}
