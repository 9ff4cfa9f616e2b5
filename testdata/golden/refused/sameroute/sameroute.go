// Package sameroute routes twice, on one handler and by prefixes that meet.
//
//auth:backend Keys
//auth:guard IsAuthenticated()
package sameroute

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

//auth:route GET /a
//auth:route GET /a
func A(http.ResponseWriter, *http.Request) {}

//auth:route GET example.com/b
//auth:route GET EXAMPLE.com/b
func B(http.ResponseWriter, *http.Request) {}

//auth:route GET /c/
//auth:route GET /c/{rest...}
func C(http.ResponseWriter, *http.Request) {}

//auth:route GET /d%2Fe
//auth:route GET /d%2fe
func D(http.ResponseWriter, *http.Request) {}

//auth:route GET example.com./e
func E(http.ResponseWriter, *http.Request) {}
