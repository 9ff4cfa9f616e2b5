// Package backendlevels has backends that do not add up: the nearest list counts.
//
//auth:backend Keys
//auth:guard IsAuthenticated()
package backendlevels

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

// Public needs nobody, or so it says.
//
//auth:backend none
type Public struct{}

//auth:route GET /a
func (Public) A(http.ResponseWriter, *http.Request) {}

//auth:route GET /b
//auth:guard AllowAny() && IsStaff()
func (Public) B(http.ResponseWriter, *http.Request) {}

//auth:route GET /c
//auth:backend []runtime.Authenticator{Keys}
func C(http.ResponseWriter, *http.Request) {}

//auth:route GET /d
//auth:backend (Keys, Keys)
func D(http.ResponseWriter, *http.Request) {}

//auth:route GET /f
//auth:backend Keys && Keys
func F(http.ResponseWriter, *http.Request) {}

//auth:route GET /g
//auth:backend None
func G(http.ResponseWriter, *http.Request) {}
