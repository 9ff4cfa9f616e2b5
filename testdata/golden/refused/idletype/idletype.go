// Package idletype guards types that serve nothing.
//
//auth:backend Keys
package idletype

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

// Server is a type.
type Server struct{}

// Alias is another name of it, and guarded in vain.
//
//auth:guard IsStaff()
type Alias = Server

//auth:route GET /a
//auth:guard IsAuthenticated()
func (s *Alias) Get(http.ResponseWriter, *http.Request) {}

//auth:guard IsStaff()
type Interface interface{ Get() }

//auth:prefix /group
type Group struct{}
