// Package constrained has handlers that only some builds have.
//
//auth:backend Keys
//auth:guard IsAuthenticated()
package constrained

import (
	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator
