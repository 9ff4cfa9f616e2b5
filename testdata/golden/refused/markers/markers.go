// Package markers writes directives as other tools would have them.
//
//auth:backend Keys
//auth:guard IsAuthenticated()
package markers

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

// A has a marker.
//
// +auth:guard IsAdminUser()
//
//auth:route GET /a
func A(http.ResponseWriter, *http.Request) {}

// B names the tool.
//
//boltauthgen:guard IsAdminUser()
//auth:route GET /b
func B(http.ResponseWriter, *http.Request) {}
