// Package illtyped has guards that do not type-check.
//
//auth:backend s.Keys
package illtyped

import (
	"errors"
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// ErrNo is an error.
var ErrNo = errors.New("no")

// Server serves.
type Server struct {
	Keys   runtime.Authenticator
	Closed bool
	Limit  int
}

func (s *Server) allowed(r *http.Request) bool { return true }

//auth:route GET /a
//auth:guard IsStaf()
func (s *Server) A(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /b
//auth:guard s.Closd
func (s *Server) B(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /c
//auth:guard server.Closed
func (s *Server) C(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /d
//auth:guard s.allowed()
func (s *Server) D(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /e
//auth:guard IsStaff(r)
func (s *Server) E(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /f
//auth:guard HasPermission("a", "b")
func (s *Server) F(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /g
//auth:guard HasPermission
func (s *Server) G(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /h
//auth:guard HasPermission(view)
func (s *Server) H(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /i
//auth:guard s.Limit == "none"
func (s *Server) I(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /j
//auth:guard Fresh("5m")
func (s *Server) J(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /k
//auth:guard IsStaff() == strings.Contains(r.Host, "example")
func (s *Server) K(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /l
//auth:guard IsStaff() && s.allowed(req)
func (s *Server) L(w http.ResponseWriter, r *http.Request) {}
