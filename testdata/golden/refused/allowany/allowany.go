// Package allowany opens what it must not.
//
//auth:backend Keys
//auth:guard IsAuthenticated()
package allowany

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

// Open is a switch.
var Open bool

//auth:route GET /a
//auth:guard AllowAny() || IsStaff()
func A(http.ResponseWriter, *http.Request) {}

//auth:route GET /b
//auth:guard IsStaff() || AllowAny()
func B(http.ResponseWriter, *http.Request) {}

//auth:route GET /c
//auth:guard IsStaff() && AllowAny()
func C(http.ResponseWriter, *http.Request) {}

//auth:route GET /d
//auth:guard IsStaff()
//auth:guard AllowAny()
func D(http.ResponseWriter, *http.Request) {}

//auth:route GET /e
//auth:guard AllowAny()
//auth:guard IsStaff()
func E(http.ResponseWriter, *http.Request) {}

//auth:route GET /f
//auth:guard !AllowAny()
func F(http.ResponseWriter, *http.Request) {}

//auth:route GET /g
//auth:guard (AllowAny()) && Open
func G(http.ResponseWriter, *http.Request) {}

//auth:route GET /h
//auth:guard (AllowAny() && Open)
func H(http.ResponseWriter, *http.Request) {}

//auth:route GET /i
//auth:guard AllowAny("for now")
func I(http.ResponseWriter, *http.Request) {}

//auth:route GET /j
//auth:guard AllowAny() == true
func J(http.ResponseWriter, *http.Request) {}

//auth:route GET /k
//auth:guard AllowAny() && AllowAny()
func K(http.ResponseWriter, *http.Request) {}

//auth:route GET /l
//auth:guard AllowAny && Open
//auth:guard Open
func L(http.ResponseWriter, *http.Request) {}

//auth:route GET /m
//auth:guard Open && (IsStaff() || AllowAny)
func M(http.ResponseWriter, *http.Request) {}
