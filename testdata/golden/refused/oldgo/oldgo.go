// Package oldgo writes guards in other languages.
//
//auth:backend Keys
package oldgo

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

//auth:route GET /a
//auth:guard isStaff()
func A(http.ResponseWriter, *http.Request) {}

//auth:route GET /b
//auth:guard IsAuthenticated() & IsStaff()
func B(http.ResponseWriter, *http.Request) {}

//auth:route GET /c
//auth:guard IsStaff() | IsAdminUser()
func C(http.ResponseWriter, *http.Request) {}

//auth:route GET /d
//auth:guard IsAuthenticated, IsStaff
func D(http.ResponseWriter, *http.Request) {}

//auth:route GET /e
//auth:guard ~IsStaff
func E(http.ResponseWriter, *http.Request) {}

//auth:route GET /f
//auth:guard HasPermission('blog.view')
func F(http.ResponseWriter, *http.Request) {}

//auth:route GET /g
//auth:guard runtime.IsStaff()
func G(http.ResponseWriter, *http.Request) {}

//auth:route GET /h
//auth:guard IsStaff() ? true : false
func H(http.ResponseWriter, *http.Request) {}

//auth:route GET /i
//auth:guard {IsStaff()}
func I(http.ResponseWriter, *http.Request) {}

//auth:route GET /j
//auth:guard IsStaff()()
func J(http.ResponseWriter, *http.Request) {}

//auth:route GET /k
//auth:guard IsAuthenticated.IsStaff
func K(http.ResponseWriter, *http.Request) {}

//auth:route GET /l
//auth:guard “IsStaff()”
func L(http.ResponseWriter, *http.Request) {}

//auth:route GET /m
//auth:guard HasPermission(`blog.view`
func M(http.ResponseWriter, *http.Request) {}

//auth:route GET /n
//auth:guard IsStaff().(bool)
func N(http.ResponseWriter, *http.Request) {}
