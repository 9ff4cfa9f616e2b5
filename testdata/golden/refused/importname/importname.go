// Package importname calls an import like a built-in guard.
//
//auth:backend Keys
package importname

import (
	Fresh "net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

//auth:route GET /a
//auth:guard Fresh.MethodGet == "GET"
func A(Fresh.ResponseWriter, *Fresh.Request) {}
