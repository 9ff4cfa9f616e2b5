// Package commentsinside has guards with comments in them.
//
//auth:backend Keys // our own
//auth:guard IsAuthenticated() /* for now */
package commentsinside

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

//auth:route GET /a
//auth:guard IsStaff() // && IsAdminUser()
func A(http.ResponseWriter, *http.Request) {}

//auth:route GET /b
//auth:guard IsStaff() /* && */ || /* or */ IsAdminUser()
func B(http.ResponseWriter, *http.Request) {}

//auth:route GET /c
//auth:guard HasPermission("a//b") // the string is none
func C(http.ResponseWriter, *http.Request) {}
