// Package many has many problems in many places, which are reported in order.
//
//auth:backend Keys, Missing
//auth:guard IsAuthenticated() && 1
//auth:prefix nowhere
package many

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

//auth:route GET
//auth:route GET /{
//auth:guard !IsStaff() && func() bool { return true }() && <-make(chan bool)
//auth:guard AllowAny()
func ServeHTTP(w http.ResponseWriter, user *http.Client) (int, int) { return 0, 0 }

// auth:route GET /c
func C(http.ResponseWriter, *http.Request) {}

//auth:guard IsStaff()

func D(http.ResponseWriter, *http.Request) {}
