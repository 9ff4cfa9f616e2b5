// Package hostmeaning lets the caller choose between guards that read the same, and between paths that are written differently.
//
//auth:backend Keys
package hostmeaning

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
	rules "github.com/boltauthgen/boltauthgen/testdata/golden/refused/otherimports/strict"
)

// Keys knows the callers.
var Keys runtime.Authenticator

//auth:route GET /admin
//auth:guard rules.Holds()
func Admin(http.ResponseWriter, *http.Request) { _ = rules.Holds }

//auth:route GET /staff
//auth:guard IsAdminUser()
func Staff(http.ResponseWriter, *http.Request) {}

//auth:route GET example.com/st%61ff
//auth:guard IsAuthenticated()
func Escaped(http.ResponseWriter, *http.Request) {}
