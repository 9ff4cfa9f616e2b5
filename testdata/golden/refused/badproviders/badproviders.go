// Package badproviders has providers that cannot provide.
//
//auth:backend Keys
//auth:guard IsAuthenticated()
package badproviders

import (
	"context"
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

// A User is someone.
type User struct{}

// A Box is generic.
type Box[T any] struct{}

//auth:provide
func a() {}

//auth:provide
func b() error { return nil }

//auth:provide
func c() (*User, string) { return nil, "" }

//auth:provide
func d() (*User, string, error) { return nil, "", nil }

//auth:provide
func e[T any]() (T, error) { panic("no") }

//auth:provide
func (b *Box[T]) f() (*User, error) { return nil, nil }

//auth:provide
func g(ids ...int) (*User, error) { return nil, nil }

//auth:provide
func h() *http.Request { return nil }

//auth:provide
func i() (context.Context, error) { return nil, nil }

//auth:provide
func j() http.ResponseWriter { return nil }

//auth:provide
func k() *runtime.Principal { return nil }

//auth:provide
func l() (bool, error) { return false, nil }

//auth:provide
func m() (error, error) { return nil, nil }

//auth:provide
func init() {}

//auth:provide
func _() (*User, error) { return nil, nil }

//auth:provide
func external() (*http.Client, error)

// Handler uses one of them.
//
//auth:route GET /a
func Handler(w http.ResponseWriter) {}
