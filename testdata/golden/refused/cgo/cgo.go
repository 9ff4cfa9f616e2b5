// Package cgo asks C.
//
//auth:backend Keys
//auth:guard IsAuthenticated()
package cgo

// int allowed(void) { return 1; }
import "C"

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

//auth:route GET /a
//auth:guard C.allowed() == 1
func A(http.ResponseWriter, *http.Request) {}

//auth:route GET /b
//auth:guard IsStaff() && !IsStaff()
func B(http.ResponseWriter, *http.Request) {}
