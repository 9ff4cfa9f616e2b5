// Package constants has guards whose answer is known.
//
//auth:backend Keys
package constants

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

// Debug is off.
const Debug = false

//auth:route GET /a
//auth:guard true
func A(http.ResponseWriter, *http.Request) {}

//auth:route GET /b
//auth:guard false
func B(http.ResponseWriter, *http.Request) {}

//auth:route GET /c
//auth:guard Debug || IsStaff()
func C(http.ResponseWriter, *http.Request) {}

//auth:route GET /d
//auth:guard IsStaff() && !Debug
func D(http.ResponseWriter, *http.Request) {}

//auth:route GET /e
//auth:guard 1 == 1
func E(http.ResponseWriter, *http.Request) {}

//auth:route GET /f
//auth:guard IsStaff() || http.MethodGet == "GET"
func F(http.ResponseWriter, *http.Request) {}

//auth:route GET /g
//auth:guard (true)
func G(http.ResponseWriter, *http.Request) {}

//auth:route GET /h
//auth:guard IsStaff() == true
func H(http.ResponseWriter, *http.Request) {}
