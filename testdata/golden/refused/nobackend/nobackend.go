// Package nobackend asks who the caller is where nobody can tell.
//
//auth:guard IsAuthenticated()
package nobackend

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

//auth:route GET /c
//auth:backend none
//auth:guard r.Host == "localhost"
func C(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /d
//auth:guard AllowAny() && HasPermission("view")
func D(http.ResponseWriter, *http.Request) {}

//auth:route GET /e
//auth:backend Keys
func E(http.ResponseWriter, *http.Request) {}

//auth:route GET /f
func F(http.ResponseWriter, *http.Request) {}
