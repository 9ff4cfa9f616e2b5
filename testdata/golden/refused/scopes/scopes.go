// Package scopes asks for impossible scopes and ages, also below operators.
//
//auth:backend Keys
package scopes

import (
	"net/http"
	"time"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

// Age is negative, Limit a variable.
const Age = -time.Second

// Limit is a variable.
var Limit time.Duration

//auth:route GET /a
//auth:guard IsStaff() || Fresh(Age)
func A(http.ResponseWriter, *http.Request) {}

//auth:route GET /b
//auth:guard Fresh(time.Minute) && !Fresh(time.Minute)
func B(http.ResponseWriter, *http.Request) {}

//auth:route GET /c
//auth:guard HasScope("read") && !HasScope("read")
func C(http.ResponseWriter, *http.Request) {}

//auth:route GET /d
//auth:guard HasScope(`read\`)
func D(http.ResponseWriter, *http.Request) {}

//auth:route GET /e
//auth:guard Fresh(r.Host)
func E(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /f
//auth:guard Fresh(time.Minute, time.Hour)
func F(http.ResponseWriter, *http.Request) {}

//auth:route GET /g
//auth:guard Fresh(5)
//auth:guard !HasScope("a") && HasScope("a", "b")
func G(http.ResponseWriter, *http.Request) {}
