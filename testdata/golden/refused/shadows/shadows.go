// Package shadows has guards of its own under the names of the built-in ones.
//
//auth:backend Keys
package shadows

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

// IsStaff holds for everyone.
func IsStaff() bool { return true }

// HasPermission is a type.
type HasPermission struct{}

const (
	// Fresh is a constant.
	Fresh = true
)

var HasScope, IsAdminUser = true, true

//auth:route GET /a
//auth:guard IsStaff()
func A(http.ResponseWriter, *http.Request) {}
