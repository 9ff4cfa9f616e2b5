// Package nearmisses has comments that a reader takes for directives.
//
//auth:backend Keys
//auth:guard IsAuthenticated()
package nearmisses

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

//auth:route GET /a
// auth:guard IsStaff()
func A(http.ResponseWriter, *http.Request) {}

//auth:route GET /b
//auth:gaurd IsStaff()
func B(http.ResponseWriter, *http.Request) {}

//auth:route GET /c
//auth: guard IsStaff()
func C(http.ResponseWriter, *http.Request) {}

//auth:route GET /d
//Auth:guard IsStaff()
func D(http.ResponseWriter, *http.Request) {}

//auth:route GET /e
//auht:guard IsStaff()
func E(http.ResponseWriter, *http.Request) {}

//auth:route GET /f
//auth guard IsStaff()
func F(http.ResponseWriter, *http.Request) {}

//auth:route GET /g
/*auth:guard IsStaff()*/
func G(http.ResponseWriter, *http.Request) {}

//auth:route GET /h
//auth:Guard IsStaff()
func H(http.ResponseWriter, *http.Request) {}

//auth:route GET /i
//auth :guard IsStaff()
func I(http.ResponseWriter, *http.Request) {}

//auth:route GET /j
///auth:guard IsStaff()
func J(http.ResponseWriter, *http.Request) {}

//auth:route GET /k
//auth.guard IsStaff()
func K(http.ResponseWriter, *http.Request) {}

//auth:route GET /l
//auth-guard IsStaff()
func L(http.ResponseWriter, *http.Request) {}

//auth:route GET /m
//AUTH:GUARD IsStaff()
func M(http.ResponseWriter, *http.Request) {}

//auth:route GET /n
//outh:guard IsStaff()
func N(http.ResponseWriter, *http.Request) {}

//auth:route GET /o
//auth:guards IsStaff()
func O(http.ResponseWriter, *http.Request) {}

//auth:route GET /p
//auth:guard:IsStaff()
func P(http.ResponseWriter, *http.Request) {}

//auth:route GET /q
//	auth:guard IsStaff()
func Q(http.ResponseWriter, *http.Request) {}

//auth:route GET /r
//auth:guardIsStaff()
func R(http.ResponseWriter, *http.Request) {}

//auth:route GET /s
//@auth:guard IsStaff()
func S(http.ResponseWriter, *http.Request) {}

/*
The block comment of a careful writer.

auth:guard IsStaff()
*/
//auth:route GET /t
func T(http.ResponseWriter, *http.Request) {}
