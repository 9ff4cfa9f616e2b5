// Package captured has defaults that mean something else in a handler.
//
//auth:backend s.Keys
//auth:guard s.Open && limit > 0
package captured

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

var limit = 1

// Server serves.
//
//auth:guard path.Enabled
type Server struct {
	Keys runtime.Authenticator
	Open bool
}

type switches struct{ Enabled bool }

var path switches

//auth:route GET /a/{limit}
func (s *Server) A(w http.ResponseWriter, r *http.Request, limit int) {}

//auth:route GET /b
func (server *Server) B(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /c
func (*Server) C(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /d/{path}
func (s *Server) D(w http.ResponseWriter, r *http.Request, path string) {}

//auth:route GET /e
func E(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /f
func F(w http.ResponseWriter, s *http.Request) {}

//auth:route GET /g
func (s *Server) G(w http.ResponseWriter) (limit int) { return 0 }
