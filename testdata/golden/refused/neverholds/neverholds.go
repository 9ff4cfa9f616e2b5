// Package neverholds has guards that let nobody in.
//
//auth:backend Keys
package neverholds

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

// Open is a switch.
var Open bool

//auth:route GET /a
//auth:guard IsStaff() && !IsStaff()
func A(http.ResponseWriter, *http.Request) {}

//auth:route GET /b
//auth:guard !IsAuthenticated()
func B(http.ResponseWriter, *http.Request) {}

//auth:route GET /c
//auth:guard IsStaff() || IsAdminUser()
//auth:guard !IsStaff()
//auth:guard !IsAdminUser()
func C(http.ResponseWriter, *http.Request) {}

//auth:route GET /d
//auth:guard HasPermission("a")
//auth:guard Open
//auth:guard !HasAnyPermission("a", "b")
func D(http.ResponseWriter, *http.Request) {}

//auth:route GET /e
//auth:guard HasAllPermissions("a", "b") && !(HasPermission("b") || HasScope("x"))
func E(http.ResponseWriter, *http.Request) {}

//auth:route GET /f
//auth:guard Open && !Open
func F(http.ResponseWriter, *http.Request) {}

//auth:route GET /g
//auth:guard r.Method == "GET" && r.Method != "GET"
func G(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /h
//auth:guard IsAuthenticated && !(IsStaff || !IsStaff)
func H(http.ResponseWriter, *http.Request) {}

//auth:route GET /i
//auth:guard AllowAny() && IsStaff() && !IsAuthenticated()
func I(http.ResponseWriter, *http.Request) {}

//auth:route GET /j
//auth:guard HasScope("a", "b") && !HasScope("a")
func J(http.ResponseWriter, *http.Request) {}
