// Package capturedreceiver has a default that means the receiver of one handler and a variable in another.
//
//auth:backend s.Keys
//auth:guard IsAuthenticated()
package capturedreceiver

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

type Server struct{ Keys runtime.Authenticator }

var s Server

//auth:route GET /a
func (s *Server) A(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /b
func (srv *Server) B(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /c
func (s Server) C(w http.ResponseWriter, r *http.Request) {}
