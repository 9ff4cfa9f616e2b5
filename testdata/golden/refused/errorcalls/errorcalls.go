// Package errorcalls turns errors into answers.
//
//auth:backend s.Keys
package errorcalls

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Server serves.
type Server struct{ Keys runtime.Authenticator }

func (s *Server) check(r *http.Request) error { return nil }

func (s *Server) ask(r *http.Request) (bool, error) { return true, nil }

//auth:route GET /a
//auth:guard IsStaff() || s.check(r)
func (s *Server) A(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /b
//auth:guard !s.check(r)
func (s *Server) B(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /c
//auth:guard IsStaff() && (s.ask(r) || IsAdminUser())
func (s *Server) C(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /d
//auth:guard !(IsStaff() && s.ask(r))
func (s *Server) D(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /e
//auth:guard s.check(r) || s.ask(r)
func (s *Server) E(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /f
//auth:guard (IsStaff() && s.ask(r)) && IsAdminUser()
func (s *Server) F(w http.ResponseWriter, r *http.Request) {}
