// Package hostprefix overlaps by wildcards, trailing slashes and methods.
//
//auth:backend Keys
package hostprefix

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

//auth:route /files/
//auth:guard IsStaff()
func A(http.ResponseWriter, *http.Request) {}

//auth:route POST example.com/files/{name}
//auth:guard IsAuthenticated()
func B(http.ResponseWriter, *http.Request) {}

//auth:route HEAD example.com/{any}/list
//auth:guard IsAuthenticated()
func C(http.ResponseWriter, *http.Request) {}

//auth:route GET /reports/list
//auth:guard IsStaff()
func D(http.ResponseWriter, *http.Request) {}

//auth:route GET example.com/{$}
//auth:guard AllowAny()
func E(http.ResponseWriter, *http.Request) {}

//auth:route GET /
//auth:guard IsAuthenticated()
func F(http.ResponseWriter, *http.Request) {}

//auth:route GET example.com/a/b
//auth:guard AllowAny()
func G(http.ResponseWriter, *http.Request) {}
