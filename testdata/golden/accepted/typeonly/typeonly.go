// Package typeonly has all of its defaults on a type, and none on the package clause.
package typeonly

import (
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

// Server is for staff below /staff.
//
//auth:guard IsStaff
//auth:backend s.Who
//auth:prefix /staff
type Server struct {
	Who *who.Backend
}

//auth:route GET /a
func (s *Server) A() {}

//auth:route GET /b
//auth:guard HasPermission("blog.view_article")
func (s *Server) B() {}

//auth:route GET /c
//auth:guard AllowAny()
func (s *Server) C() {}
