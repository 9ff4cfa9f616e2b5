// Package patterns has routes that net/http refuses.
//
//auth:backend Keys
//auth:guard IsAuthenticated()
package patterns

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

//auth:route GET
func A(http.ResponseWriter, *http.Request) {}

//auth:route GET articles
func B(http.ResponseWriter, *http.Request) {}

//auth:route G@T /c
func C(http.ResponseWriter, *http.Request) {}

//auth:route GET /d/{id
func D(http.ResponseWriter, *http.Request) {}

//auth:route GET /e/{id}{name}
func E(http.ResponseWriter, *http.Request) {}

//auth:route GET /f/{id}/{id}
func F(http.ResponseWriter, *http.Request) {}

//auth:route GET /g/{rest...}/h
func G(http.ResponseWriter, *http.Request) {}

//auth:route GET /h/{$}/i
func H(http.ResponseWriter, *http.Request) {}

//auth:route GET /i/../j
func I(http.ResponseWriter, *http.Request) {}

//auth:route GET /j/{}
func J(http.ResponseWriter, *http.Request) {}

//auth:route GET /k, POST /k
func K(http.ResponseWriter, *http.Request) {}

//auth:route GET /l // the list
func L(http.ResponseWriter, *http.Request) {}

//auth:route "GET /m"
func M(http.ResponseWriter, *http.Request) {}

//auth:route GET {host}/n
func N(http.ResponseWriter, *http.Request) {}

//auth:route get /o
func O(http.ResponseWriter, *http.Request) {}

//auth:route GET  /p?x=1
func P(http.ResponseWriter, *http.Request) {}
