// Package notgoguards has guards that are no Go.
//
//auth:backend Keys
package notgoguards

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

//auth:route GET /a
//auth:guard IsStaff() &&
func A(http.ResponseWriter, *http.Request) {}

//auth:route GET /b
//auth:guard IsStaff() and IsAdminUser()
func B(http.ResponseWriter, *http.Request) {}

//auth:route GET /c
//auth:guard (IsStaff() || IsAdminUser()
func C(http.ResponseWriter, *http.Request) {}

//auth:route GET /d
//auth:guard IsStaff(), IsAdminUser()
func D(http.ResponseWriter, *http.Request) {}

//auth:route GET /e
//auth:guard [IsStaff(), IsAdminUser()]
func E(http.ResponseWriter, *http.Request) {}

//auth:route GET /f
//auth:guard HasPermission("view)
func F(http.ResponseWriter, *http.Request) {}

//auth:route GET /g
//auth:guard "IsStaff()"
func G(http.ResponseWriter, *http.Request) {}

//auth:route GET /h
//auth:guard not IsStaff()
func H(http.ResponseWriter, *http.Request) {}

//auth:route GET /i
//auth:guard if IsStaff() { return true }
func I(http.ResponseWriter, *http.Request) {}

//auth:route GET /j
//auth:guard IsStaff(); AllowAny()
func J(http.ResponseWriter, *http.Request) {}

//auth:route GET /k
//auth:guard ok := IsStaff()
func K(http.ResponseWriter, *http.Request) {}

//auth:route GET /l
//auth:guard = IsStaff()
func L(http.ResponseWriter, *http.Request) {}
