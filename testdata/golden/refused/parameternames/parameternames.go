// Package parameternames calls receivers, parameters and results like built-in guards.
//
//auth:backend Keys
package parameternames

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

// A Server serves.
type Server struct{}

//auth:route GET /a
//auth:guard IsStaff()
func A(w http.ResponseWriter, IsStaff *http.Request) {}

//auth:route GET /b
//auth:guard IsAdminUser()
func (IsAdminUser *Server) B(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /c
//auth:guard HasPermission("view")
func C(r *http.Request) (HasPermission error) { return nil }
