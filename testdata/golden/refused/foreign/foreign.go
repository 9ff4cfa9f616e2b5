// Package foreign has an auth_gen.go that someone else wrote.
//
//auth:backend Keys
package foreign

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

//auth:route GET /a
//auth:guard IsAuthenticated()
func A(http.ResponseWriter, *http.Request) {}
