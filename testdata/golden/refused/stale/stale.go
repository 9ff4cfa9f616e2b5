// Package stale was generated when its guard was right.
//
//auth:backend Keys
package stale

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

// H uses what is generated.
var H = NewGuarded

//auth:route GET /a
//auth:gard IsAuthenticated()
func A(http.ResponseWriter, *http.Request) {}
