// Package misplaced has directives where they have no meaning.
//
//auth:backend Keys
//auth:guard IsAuthenticated()
//auth:route GET /
//auth:provide
//auth:permissions
//auth:ignore it is a package
//auth:replace it is a package
package misplaced

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

// Server is a type.
//
//auth:route GET /a
//auth:provide
//auth:permissions
type Server struct{}

// View is a constant.
//
//auth:guard IsStaff()
const View = "view"

// A is a handler.
//
//auth:prefix /a
//auth:permissions
//auth:route GET /a
func A(http.ResponseWriter, *http.Request) {}

// Grouped is a type as well.
type (
	//auth:route GET /b
	Grouped struct{}
)
