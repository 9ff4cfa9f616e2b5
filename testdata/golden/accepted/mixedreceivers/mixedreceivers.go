// Package mixedreceivers has handlers on values and providers on pointers.
//
//auth:backend s.Who
//auth:guard IsAuthenticated()
package mixedreceivers

import (
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Server struct {
	Who *who.Backend
}

type Name string

//auth:provide
func (s *Server) name() (Name, error) { return "name", nil }

//auth:route GET /value
func (s Server) Value(name Name) Name { return name }

//auth:route GET /other
//auth:guard srv.Who != nil
//auth:backend srv.Who
func (srv Server) Other() string { return "other" }
