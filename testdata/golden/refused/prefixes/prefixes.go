// Package prefixes has prefixes that nothing can follow.
//
//auth:backend Keys
//auth:guard IsAuthenticated()
//auth:prefix api
package prefixes

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

// A is below everything.
//
//auth:prefix /{rest...}
type A struct{}

//auth:route GET /a
func (A) Get(http.ResponseWriter, *http.Request) {}

//auth:route GET /b
func (A) List(http.ResponseWriter, *http.Request) {}

// B ends with a slash.
//
//auth:prefix /b/
type B struct{}

//auth:route GET /a
func (B) Get(http.ResponseWriter, *http.Request) {}

// C has a method and a host.
//
//auth:prefix GET example.com/c
type C struct{}

//auth:route GET /a
func (C) Get(http.ResponseWriter, *http.Request) {}

// D ends for good.
//
//auth:prefix /d/{$}
type D struct{}

//auth:route GET /a
func (D) Get(http.ResponseWriter, *http.Request) {}

// E climbs.
//
//auth:prefix /e/..
type E struct{}

//auth:route GET /a
func (E) Get(http.ResponseWriter, *http.Request) {}

// F names a wildcard that its route names again.
//
//auth:prefix /f/{id}
type F struct{}

//auth:route GET /a/{id}
func (F) Get(http.ResponseWriter, *http.Request) {}
