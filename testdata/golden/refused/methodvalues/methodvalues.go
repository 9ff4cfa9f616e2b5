// Package methodvalues has guards that are functions, not answers.
//
//auth:backend s.Keys
package methodvalues

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Server serves.
type Server struct{ Keys runtime.Authenticator }

func (s *Server) open() bool { return true }

func (s *Server) later() func() bool { return s.open }

//auth:route GET /a
//auth:guard s.open
func (s *Server) A(http.ResponseWriter, *http.Request) {}

//auth:route GET /b
//auth:guard (*Server).open
func (s *Server) B(http.ResponseWriter, *http.Request) {}

//auth:route GET /c
//auth:guard s.later()
func (s *Server) C(http.ResponseWriter, *http.Request) {}

//auth:route GET /d
//auth:guard IsStaff() || s.Keys.Authenticate(r)
func (s *Server) D(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /e
//auth:guard s.Get == nil
func (s *Server) E(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /f
//auth:guard (IsStaff)
//auth:guard (IsStaff)()
//auth:guard ((AllowAny))()
func (s *Server) F(w http.ResponseWriter, r *http.Request) {}
