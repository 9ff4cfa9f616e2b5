// Package capturedimport has a default that means another package in another file.
//
//auth:backend Keys
//auth:guard rules.Open
package capturedimport

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/testdata/golden/refused/capturedimport/rules"
)

// Keys knows the callers.
var Keys runtime.Authenticator

//auth:route GET /a
func A(http.ResponseWriter, *http.Request) { _ = rules.Open }
