// Package halfwildcard has a parameter that a wildcard of one of two routes and a provider could bind.
//
//auth:backend Keys
package halfwildcard

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

//auth:provide
func number(*runtime.Principal) (int64, error) { return 1, nil }

//auth:route GET /a/{id}
//auth:route GET /a
//auth:guard id == 1
func A(w http.ResponseWriter, id int64) {}
