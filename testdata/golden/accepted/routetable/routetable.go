// Package routetable serves its own access table: what a Route says is what the directives say.
//
//auth:backend s.A, s.B
//auth:guard IsAuthenticated()
//auth:prefix /api
package routetable

import (
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Server struct {
	A, B *who.Backend
}

//auth:route GET /open
//auth:guard AllowAny()
func (s *Server) Open() {}

//auth:route POST /public
//auth:guard AllowAny() && s.A != nil
//auth:backend none
func (s *Server) Public() {}

//auth:route GET /either
//auth:route GET /or
//auth:guard IsStaff() || HasAnyPermission("b", "a", "c")
//auth:guard !HasPermission("a") || s.B == nil
//auth:backend s.B
func (s *Server) Either() {}

//auth:route GET /replaced
//auth:replace because
//auth:guard HasAllPermissions("a", "b")
func (s *Server) Replaced() {}

//auth:guard IsStaff()
func (s *Server) Unrouted() {}
