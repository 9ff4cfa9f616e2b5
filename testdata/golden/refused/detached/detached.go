// Package detached has directives that a blank line parts from what they are to guard.
//
//auth:backend Keys
//auth:guard IsAuthenticated()

package detached

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

//auth:guard IsAdminUser()

//auth:route GET /a
func A(http.ResponseWriter, *http.Request) {}
