// Package twoclauses has defaults in two files.
//
//auth:backend Keys
//auth:guard IsAuthenticated()
package twoclauses

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

//auth:route GET /a
func A(http.ResponseWriter, *http.Request) {}
