package runtime

import (
	"encoding"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strconv"

	"github.com/boltauthgen/boltauthgen/internal/nilable"
)

// PathInt returns a wildcard's value as an integer of this type. A number that does not fit is one that does not parse.
func PathInt[T ~int | ~int8 | ~int16 | ~int32 | ~int64](r *http.Request, name string) (T, error) {
	value, err := pathValue(r, name)
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(value, 10, reflect.TypeFor[T]().Bits())
	if err != nil {
		return 0, pathError(name, err)
	}
	return T(n), nil
}

// PathUint returns a wildcard's value as an unsigned integer of this type. A number that does not fit is one that
// does not parse.
func PathUint[T ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr](r *http.Request, name string) (T, error) {
	value, err := pathValue(r, name)
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseUint(value, 10, reflect.TypeFor[T]().Bits())
	if err != nil {
		return 0, pathError(name, err)
	}
	return T(n), nil
}

// PathBool returns a wildcard's value as a truth value, in the spellings of [strconv.ParseBool].
func PathBool[T ~bool](r *http.Request, name string) (T, error) {
	value, err := pathValue(r, name)
	if err != nil {
		return false, err
	}
	b, err := strconv.ParseBool(value)
	if err != nil {
		return false, pathError(name, err)
	}
	return T(b), nil
}

// PathString returns a wildcard's value.
func PathString[T ~string](r *http.Request, name string) (T, error) {
	value, err := pathValue(r, name)
	return T(value), err
}

// PathText returns a wildcard's value as a type whose pointer has the method UnmarshalText.
func PathText[T any, P interface {
	*T
	encoding.TextUnmarshaler
}](r *http.Request, name string) (T, error) {
	var v T
	value, err := pathValue(r, name)
	if err != nil {
		return v, err
	}
	if err := P(&v).UnmarshalText([]byte(value)); err != nil {
		var zero T // what a failed UnmarshalText leaves behind is of no use
		return zero, pathError(name, err)
	}
	return v, nil
}

// PathRest returns the value of a wildcard {name...}, the rest of the path, which may be empty.
func PathRest[T ~string](r *http.Request, name string) T { return T(r.PathValue(name)) }

func pathValue(r *http.Request, name string) (string, error) {
	value := r.PathValue(name)
	if value == "" {
		return "", NewError(http.StatusInternalServerError, "", fmt.Errorf("path value %q is empty: the router did not set it", name))
	}
	return value, nil
}

// pathError takes the reason out of a strconv.NumError, which would quote the value.
func pathError(name string, cause error) error {
	var numError *strconv.NumError
	if errors.As(cause, &numError) {
		cause = numError.Err
	}
	return NewError(http.StatusBadRequest, fmt.Sprintf("Invalid value of path parameter %q", name), cause)
}

// NotNil passes on the results of a provider, and makes an error of a nil pointer or interface that came without one:
// nobody checks for nil behind a provider that reported no error.
func NotNil[T comparable](v T, err error) (T, error) {
	if err != nil {
		return v, err
	}
	var zero T
	if v == zero || reflect.TypeFor[T]().Kind() == reflect.Interface && nilable.IsNil(v) {
		return zero, fmt.Errorf("a provider returned a nil %v without an error", reflect.TypeFor[T]())
	}
	return v, nil
}
