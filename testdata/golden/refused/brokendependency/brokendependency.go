// Package brokendependency imports a package that does not compile.
//
//auth:backend Keys
//auth:guard IsAuthenticated()
package brokendependency

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/testdata/golden/refused/brokendependency/accounts"
)

// Keys knows the callers.
var Keys runtime.Authenticator

//auth:route GET /a
func A(w http.ResponseWriter, user *accounts.User) {}

//auth:route GET /b
//auth:guard accounts.Allowed(r)
func B(w http.ResponseWriter, r *http.Request) {}
