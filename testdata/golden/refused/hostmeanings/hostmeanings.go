// Package hostmeanings has guards that read the same on a host and without, and mean something else.
//
//auth:backend Keys
package hostmeanings

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

type Server struct{ open bool }

var s Server

//auth:route GET example.com/a
//auth:guard s.open
func (s *Server) A(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /a
//auth:guard s.open
func (srv *Server) B(w http.ResponseWriter, r *http.Request) {}

//auth:route GET example.com/c
//auth:guard s.open
func (s *Server) C(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /c
//auth:guard s.open
func (s *Server) D(w http.ResponseWriter, r *http.Request) {}
