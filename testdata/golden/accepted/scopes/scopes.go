// Package scopes asks for OAuth 2.0 scopes as a step of their own, and below other operators.
//
//auth:backend s.Who
package scopes

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Server struct {
	Who *who.Backend
}

//auth:route GET /one
//auth:guard HasScope("read")
func (s *Server) One(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /two
//auth:guard HasScope("read", "write")
func (s *Server) Two(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /parens
//auth:guard (HasScope("read"))
func (s *Server) Parens(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /below
//auth:guard IsStaff() || HasScope("read", "write")
func (s *Server) Below(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /not
//auth:guard !HasScope("read", "admin")
func (s *Server) Not(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /public
//auth:guard AllowAny() && HasScope("read")
func (s *Server) Public(w http.ResponseWriter, r *http.Request) {}
