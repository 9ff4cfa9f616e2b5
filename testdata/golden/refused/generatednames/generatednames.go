// Package generatednames has handlers that are called like parts of what is generated.
//
//auth:backend s.Keys
//auth:guard IsAuthenticated()
package generatednames

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Server serves.
type Server struct {
	Keys runtime.Authenticator
}

// Routes is taken, whatever the receiver is.
//
//auth:guard IsStaff()
func (s *Server) Routes(http.ResponseWriter, *http.Request) {}

// NewGuarded belongs to the plain functions.
//
//auth:route GET /new
//auth:backend none
//auth:guard AllowAny()
func NewGuarded(http.ResponseWriter, *http.Request) {}

// Guarded does, too.
//
//auth:route GET /guarded
//auth:backend none
//auth:guard AllowAny()
func Guarded(http.ResponseWriter, *http.Request) {}
