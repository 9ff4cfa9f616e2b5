// Package unreadable has a file that cannot be read, so that nobody knows what it holds.
//
//auth:backend Keys
package unreadable

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

//auth:route GET /a
//auth:guard IsAuthenticated()
func A(http.ResponseWriter, *http.Request) {}
