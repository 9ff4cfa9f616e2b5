// Package repeated says twice what counts once.
//
//auth:prefix /v1
//auth:backend Keys
//auth:guard IsAuthenticated()
//auth:prefix /v2
//auth:backend Keys
package repeated

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

// Server serves.
//
//auth:replace these are for everyone at work
//auth:replace these are for the staff
//auth:guard IsStaff()
type Server struct{}

// Get serves.
//
//auth:backend Keys
//auth:route GET /
//auth:backend none
func (s *Server) Get(http.ResponseWriter, *http.Request) {}

// A User is someone.
type User struct{}

//auth:provide
//auth:provide optional
func user() *User { return nil }

//auth:ignore it is a helper
//auth:ignore it really is
func helper(http.ResponseWriter, *http.Request) {}

//auth:permissions
//auth:permissions
const View = "view"
