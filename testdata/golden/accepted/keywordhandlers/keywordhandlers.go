// Package keywordhandlers has handlers whose names are keywords or predeclared names in lower case.
//
//auth:backend s.Who
//auth:guard IsStaff()
package keywordhandlers

import (
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Server struct {
	Who *who.Backend
}

//auth:route GET /type
func (s *Server) Type() {}

//auth:route GET /func
func (s *Server) Func() {}

//auth:route GET /go
func (s *Server) Go() {}

//auth:route GET /select
func (s *Server) Select() {}

//auth:route GET /range
func (s *Server) Range() {}

//auth:route GET /string
func (s *Server) String() string { return "string" }

//auth:route GET /error
func (s *Server) Error() string { return "error" }

//auth:route GET /nil
func (s *Server) Nil() {}

//auth:route GET /len
func (s *Server) Len() int { return 0 }

//auth:route GET /map
func (s *Server) Map() {}

//auth:route GET /URL
func (s *Server) URL() {}

//auth:route GET /import
func (s *Server) IMPORT() {}
