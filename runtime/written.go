package runtime

import (
	"net/http"
	"reflect"
)

// sentFields are where writers keep whether their header is gone, as paths of struct fields. The first is the field
// of net/http (HTTP/1, TimeoutHandler), net/http/httptest, net/http/cgi, net/http/fcgi and many others, the second
// that of HTTP/2 in net/http and golang.org/x/net; the third says that a handler took the connection over.
var sentFields = [][]string{{"wroteHeader"}, {"rws", "wroteHeader"}, {"conn", "hijackedv"}}

// headerSent reports whether the header of the answer has been sent, so that it is too late for another status, and
// whether that is known at all.
//
// net/http has no such question. It is asked here when something has failed already, so that handlers can have the
// writer as it came and nobody pays on the way; and it is asked without calling anything that could send or log. The
// way leads from wrapper to wrapper to the writer inside. A wrapper that keeps back what it was given must say so
// through a method Written() bool, as those of gin and negroni do.
func headerSent(w http.ResponseWriter) (sent, known bool) {
	for range 32 { // wrappers might form a ring
		if wrapper, ok := w.(interface{ Written() bool }); ok {
			return wrapper.Written(), true
		}
		if sent, known = sentField(w); sent {
			return true, true
		}
		if w = unwrap(w); w == nil {
			return false, known
		}
	}
	return false, false
}

// sentField reads the fields that say whether the header is gone. It is known if there is one.
func sentField(w http.ResponseWriter) (sent, known bool) {
	for _, path := range sentFields {
		field := reflect.ValueOf(w)
		for _, name := range path {
			field = fieldOf(field, name)
		}
		if field.Kind() == reflect.Bool {
			known = true
			sent = sent || field.Bool()
		}
	}
	return sent, known
}

// unwrap returns the writer inside of a wrapper, or nil: what the method Unwrap returns, on which
// http.ResponseController relies, or what the wrapper embeds.
func unwrap(w http.ResponseWriter) http.ResponseWriter {
	if wrapper, ok := w.(interface{ Unwrap() http.ResponseWriter }); ok {
		return wrapper.Unwrap()
	}
	if field := fieldOf(reflect.ValueOf(w), "ResponseWriter"); field.IsValid() && field.CanInterface() {
		inner, _ := field.Interface().(http.ResponseWriter)
		return inner
	}
	return nil
}

// fieldOf returns the field of a struct, or of what a pointer or interface holds, and the zero Value if there is none.
func fieldOf(v reflect.Value, name string) reflect.Value {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return reflect.Value{}
	}
	field, ok := v.Type().FieldByName(name)
	if !ok {
		return reflect.Value{}
	}
	value, err := v.FieldByIndexErr(field.Index)
	if err != nil { // it is behind an embedded pointer that is nil
		return reflect.Value{}
	}
	return value
}
