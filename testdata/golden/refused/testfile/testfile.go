// Package testfile has its guards in a test.
//
//auth:backend Keys
package testfile

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

//auth:route GET /a
//auth:guard IsStaff()
func A(http.ResponseWriter, *http.Request) {}
