// Package unknown has directives that do not exist.
//
//auth:backends Keys
//auth:default IsAuthenticated()
package unknown

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

//auth:ruote GET /a
func A(http.ResponseWriter, *http.Request) {}

//auth:allow everyone
//auth:route GET /b
//auth:backend Keys
//auth:guard IsAuthenticated()
func B(http.ResponseWriter, *http.Request) {}

//auth:
func C(http.ResponseWriter, *http.Request) {}
