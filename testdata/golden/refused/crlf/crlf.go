// Package crlf was written on another system.
//
//auth:backend Keys
package crlf

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

//auth:route GET /a
//auth:guard IsStaf()
func A(http.ResponseWriter, *http.Request) {}

//auth:route GET /b
//auth:guard IsStaff() &&
func B(http.ResponseWriter, *http.Request) {}

//auth:route GET /c
func C(http.ResponseWriter, *http.Request) {}
