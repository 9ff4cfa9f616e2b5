// Package replaced replaces guards by none.
//
//auth:backend Keys
//auth:guard IsAuthenticated()
package replaced

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

//auth:route GET /a
//auth:replace it is public
func A(http.ResponseWriter, *http.Request) {}

// Server replaces the package's guard by none of its own.
//
//auth:replace its handlers know better
type Server struct{}

//auth:route GET /b
func (Server) B(http.ResponseWriter, *http.Request) {}

//auth:route GET /c
//auth:guard IsStaff()
func (Server) C(http.ResponseWriter, *http.Request) {}
