package runtime

import (
	"encoding/json"
	"reflect"
)

// maxClaimDepth is as deep as encoding/json reads. Only claims that contain themselves are deeper.
const maxClaimDepth = 10_000

// copyClaims returns a deep copy of the claims.
func copyClaims(claims map[string]any) map[string]any {
	return copyClaim(claims, 0).(map[string]any)
}

// copyClaim returns a deep copy of a claim's value.
func copyClaim(value any, depth int) any {
	if depth > maxClaimDepth {
		panic("runtime.NewPrincipal: claims contain themselves")
	}
	switch value := value.(type) {
	case nil, bool, string, float64, int64, json.Number:
		return value
	case map[string]any:
		if value == nil {
			return value
		}
		clone := make(map[string]any, len(value))
		for name, element := range value {
			clone[name] = copyClaim(element, depth+1)
		}
		return clone
	case []any:
		if value == nil {
			return value
		}
		clone := make([]any, len(value))
		for i, element := range value {
			clone[i] = copyClaim(element, depth+1)
		}
		return clone
	}
	return copyOther(reflect.ValueOf(value), depth).Interface()
}

// copyOther is copyClaim for maps, slices and arrays of any other type. It returns everything else as it is.
func copyOther(value reflect.Value, depth int) reflect.Value {
	switch value.Kind() {
	case reflect.Map:
		if value.IsNil() {
			return value
		}
		clone := reflect.MakeMapWithSize(value.Type(), value.Len())
		for entry := value.MapRange(); entry.Next(); {
			clone.SetMapIndex(entry.Key(), copyElement(entry.Value(), depth))
		}
		return clone
	case reflect.Slice:
		if value.IsNil() {
			return value
		}
		return copyElements(reflect.MakeSlice(value.Type(), value.Len(), value.Len()), value, depth)
	case reflect.Array:
		return copyElements(reflect.New(value.Type()).Elem(), value, depth)
	}
	return value
}

// copyElements copies the elements of a slice or array into clone, and returns it.
func copyElements(clone, value reflect.Value, depth int) reflect.Value {
	for i := range value.Len() {
		clone.Index(i).Set(copyElement(value.Index(i), depth))
	}
	return clone
}

// copyElement returns a deep copy of an element, assignable to where it came from.
func copyElement(element reflect.Value, depth int) reflect.Value {
	switch element.Kind() {
	case reflect.Interface, reflect.Map, reflect.Slice, reflect.Array:
		if clone := copyClaim(element.Interface(), depth+1); clone != nil {
			return reflect.ValueOf(clone)
		}
		return reflect.Zero(element.Type())
	}
	return element
}
