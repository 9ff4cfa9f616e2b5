// Package routeconflicts has routes that match the same requests.
//
//auth:backend Keys
//auth:guard IsAuthenticated()
package routeconflicts

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

//auth:route GET /articles/{id}
//auth:route GET /articles/{name}
func A(http.ResponseWriter, *http.Request) {}

//auth:route GET /{kind}/latest
//auth:guard IsStaff()
func B(http.ResponseWriter, *http.Request) {}

//auth:route /files/
func C(http.ResponseWriter, *http.Request) {}

// A Server has a prefix, and its routes are its own.
//
//auth:prefix /v1
type Server struct{}

//auth:route GET /articles/{id}
func (Server) Get(http.ResponseWriter, *http.Request) {}
