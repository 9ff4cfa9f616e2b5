// Package badimports imports what cannot be imported.
//
//auth:backend Keys
//auth:guard IsAuthenticated()
package badimports

import (
	"net/http"

	"example.invalid/nowhere"
	"github.com/boltauthgen/boltauthgen/runtime"
	_ "github.com/boltauthgen/boltauthgen/testdata/golden/refused/badimports/program"
)

// Keys knows the callers.
var Keys runtime.Authenticator

//auth:route GET /a
func A(http.ResponseWriter, *http.Request, *nowhere.User) {}
