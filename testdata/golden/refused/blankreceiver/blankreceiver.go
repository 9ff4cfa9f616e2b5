// Package blankreceiver has defaults that need a receiver where there is none to name.
//
//auth:guard IsAuthenticated()
package blankreceiver

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Server serves.
//
//auth:backend s.Keys
type Server struct{ Keys runtime.Authenticator }

//auth:route GET /a
func (s *Server) A(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /b
func (_ *Server) B(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /c
func (srv *Server) C(w http.ResponseWriter, r *http.Request) {}
