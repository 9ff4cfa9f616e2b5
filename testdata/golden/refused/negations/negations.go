// Package negations has guards that hold for nobody, written as comparisons.
//
//auth:backend Keys
package negations

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

//auth:route GET /a
//auth:guard IsAuthenticated() == false
func A(http.ResponseWriter, *http.Request) {}

//auth:route GET /b
//auth:guard IsStaff() != true && IsStaff()
func B(http.ResponseWriter, *http.Request) {}

//auth:route GET /c
//auth:guard IsStaff() != IsStaff()
func C(http.ResponseWriter, *http.Request) {}

//auth:route GET /d
//auth:guard !(!(!IsAuthenticated()))
func D(http.ResponseWriter, *http.Request) {}

//auth:route GET /e
//auth:guard (HasPermission("a") && !HasPermission("a")) || (IsStaff() && !IsStaff())
func E(http.ResponseWriter, *http.Request) {}
