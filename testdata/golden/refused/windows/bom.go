//auth:gaurd IsStaff()

// Package windows was saved with a byte order mark.
//
//auth:backend Keys
package windows

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

//auth:route GET /a
//auth:guard IsStaf()
func A(http.ResponseWriter, *http.Request) {}
