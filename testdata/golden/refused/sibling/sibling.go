// Package sibling has an endpoint whose provider belongs to another receiver, and one that is not exported.
//
//auth:backend Keys
//auth:guard IsAuthenticated()
package sibling

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/testdata/golden/refused/sibling/accounts"
)

// Keys knows the callers.
var Keys runtime.Authenticator

//auth:route GET /a
func A(w http.ResponseWriter, user *accounts.User) {}

//auth:route GET /b
func B(w http.ResponseWriter, team *accounts.Team) {}
