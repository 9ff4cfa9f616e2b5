// Package notboolean has guards that are no booleans.
//
//auth:backend s.Keys
package notboolean

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Server serves.
type Server struct {
	Keys  runtime.Authenticator
	Limit int
}

func (s *Server) log(r *http.Request) {}

func (s *Server) two(r *http.Request) (bool, bool) { return true, true }

func (s *Server) errorFirst(r *http.Request) (error, bool) { return nil, true }

func allowed(r *http.Request) bool { return true }

//auth:route GET /a
//auth:guard s.Limit
func (s *Server) A(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /b
//auth:guard IsStaff() && r.Host
func (s *Server) B(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /c
//auth:guard s.log(r)
func (s *Server) C(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /d
//auth:guard s.two(r)
func (s *Server) D(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /e
//auth:guard s.errorFirst(r)
func (s *Server) E(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /f
//auth:guard allowed
func (s *Server) F(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /g
//auth:guard nil
func (s *Server) G(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /h
//auth:guard bool
func (s *Server) H(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /i
//auth:guard (*Server)(nil)
func (s *Server) I(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /j
//auth:guard http
func (s *Server) J(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /k
//auth:guard s.Keys
func (s *Server) K(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /l
//auth:guard -s.Limit || !r.Host
func (s *Server) L(w http.ResponseWriter, r *http.Request) {}
