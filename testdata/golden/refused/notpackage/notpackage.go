// Package notpackage is fine.
//
//auth:backend Keys
package notpackage

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

//auth:route GET /a
//auth:guard IsAuthenticated()
func A(http.ResponseWriter, *http.Request) {}
