// Package hostoverlap lets the caller choose between guards by the Host header.
//
//auth:backend Keys
package hostoverlap

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys and others know the callers.
var Keys, Others runtime.Authenticator

//auth:route GET /admin
//auth:guard IsAdminUser()
func A(http.ResponseWriter, *http.Request) {}

//auth:route GET internal.example.com/admin
//auth:guard IsAuthenticated()
func B(http.ResponseWriter, *http.Request) {}

//auth:route example.com/{anything...}
//auth:guard IsAuthenticated()
func C(http.ResponseWriter, *http.Request) {}

//auth:route GET /same
//auth:guard IsAuthenticated()
func D(http.ResponseWriter, *http.Request) {}

//auth:route GET example.org/same
//auth:guard IsAuthenticated()
func E(http.ResponseWriter, *http.Request) {}

//auth:route GET example.net/same
//auth:guard IsAuthenticated()
//auth:backend Others
func F(http.ResponseWriter, *http.Request) {}

//auth:route POST example.net/admin
//auth:guard IsAuthenticated()
func G(http.ResponseWriter, *http.Request) {}
