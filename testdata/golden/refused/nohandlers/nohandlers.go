// Package nohandlers has routes on what nothing can call.
//
//auth:backend Keys
//auth:guard IsAuthenticated()
package nohandlers

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

//auth:route GET /init
func init() {}

//auth:route GET /blank
func _(http.ResponseWriter, *http.Request) {}

//auth:route GET /assembly
func Assembly(w http.ResponseWriter, r *http.Request)

//auth:route GET /generic
func Generic[T any](http.ResponseWriter, *http.Request) {}

// A Box is generic.
type Box[T any] struct{ Value T }

//auth:route GET /box
func (b *Box[T]) Open(http.ResponseWriter, *http.Request) {}

//auth:guard IsStaff()
func (Box[_]) Close(http.ResponseWriter, *http.Request) {}

//auth:route GET /variadic
func Variadic(w http.ResponseWriter, ids ...int64) {}

//auth:route GET /results
func TwoValues(r *http.Request) (int, string) { return 0, "" }

//auth:route GET /three
func ThreeValues(r *http.Request) (int, string, error) { return 0, "", nil }

//auth:route GET /errors
func TwoErrors(r *http.Request) (error, error) { return nil, nil }

//auth:route GET /order
func ErrorFirst(r *http.Request) (error, int) { return nil, 0 }
