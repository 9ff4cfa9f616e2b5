// Package dotimport has the names of built-in guards from elsewhere.
//
//auth:backend Keys
package dotimport

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
	. "github.com/boltauthgen/boltauthgen/testdata/golden/refused/dotimport/guards"
)

// Keys knows the callers.
var Keys runtime.Authenticator

//auth:route GET /a
//auth:guard IsStaff()
func A(http.ResponseWriter, *http.Request) {}
