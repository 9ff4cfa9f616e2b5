// Package allowanylevels opens whole levels.
//
//auth:backend Keys
//auth:guard AllowAny()
package allowanylevels

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

//auth:route GET /a
func A(http.ResponseWriter, *http.Request) {}

//auth:route GET /b
//auth:guard IsStaff()
func B(http.ResponseWriter, *http.Request) {}

// Server is open.
//
//auth:guard AllowAny()
type Server struct{}

//auth:route GET /a
func (Server) Get(http.ResponseWriter, *http.Request) {}
