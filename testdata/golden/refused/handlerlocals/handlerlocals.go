// Package handlerlocals has handlers whose directives see what is not there yet, or not any more.
//
//auth:backend Keys
package handlerlocals

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

//auth:route GET /a
//auth:guard local
func A(w http.ResponseWriter, r *http.Request) {
	local := true
	_ = local
}

//auth:route GET /b/{id}
//auth:guard id > 0
func B(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /c/{id}
//auth:guard id > 0 && IsAuthenticated()
func C(w http.ResponseWriter, r *http.Request, _ int64) {}

//auth:route GET /d
//auth:guard GuardedServer{} == nil
func D(w http.ResponseWriter, r *http.Request) {}
