// Package contradictions says two things at once.
//
//auth:backend Keys
//auth:guard IsAuthenticated()
package contradictions

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

// A User is someone.
type User struct{}

//auth:route GET /a
//auth:provide
func A(*http.Request) (*User, error) { return nil, nil }

//auth:ignore it is no handler
//auth:guard IsStaff()
func B(http.ResponseWriter, *http.Request) {}

//auth:backend Keys
func D(http.ResponseWriter, *http.Request) {}

//auth:replace it is not even routed
func E(http.ResponseWriter, *http.Request) {}

//auth:provide
//auth:backend Keys
func F() *http.Client { return nil }
