// Package linedirectives says that its lines come from other files, as templates do.
//
//auth:backend s.Who
package linedirectives

import (
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Server struct {
	Who *who.Backend
}

//line page.tmpl:100

func yes(n int) bool { return n > 1 }

//line page.tmpl:10

//auth:route GET /one/{n}
//auth:guard yes(n) && no(n)
func (s *Server) One(n int) {}

//line page.tmpl:1

func no(n int) bool { return n < 5 }

//auth:route GET /two/{n}
//auth:guard no(n)
func (s *Server) Two(n int) {}
