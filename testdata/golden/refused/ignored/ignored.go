// Package ignored has reasons that are none, and blanks where reasons belong.
//
//auth:backend Keys
//auth:guard IsAuthenticated()
package ignored

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

//auth:ignore	 
func A(http.ResponseWriter, *http.Request) {}

//auth:route GET /b
//auth:replace 
//auth:guard IsStaff()
func B(http.ResponseWriter, *http.Request) {}

//auth:route 	
//auth:guard		
func C(http.ResponseWriter, *http.Request) {}

//auth:provide	 optional now
func d() *http.Client { return nil }

//auth:backend none, none
//auth:route GET /e
func E(http.ResponseWriter, *http.Request) {}

//auth:backend ,
//auth:route GET /f
func F(http.ResponseWriter, *http.Request) {}
