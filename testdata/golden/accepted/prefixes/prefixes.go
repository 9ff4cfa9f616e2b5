// Package prefixes puts prefixes before routes on the package clause and on a type, with a wildcard in them.
//
//auth:backend s.Who
//auth:guard IsAuthenticated()
//auth:prefix /api/{tenant}
package prefixes

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

// Server has a prefix of its own.
//
//auth:prefix /v1
type Server struct {
	Who *who.Backend
}

//auth:route GET /docs/{id}
func (s *Server) Doc(tenant string, id int) string { return tenant }

//auth:route GET /{$}
func (s *Server) Index(w http.ResponseWriter, r *http.Request) {}

//auth:route POST example.com/docs
func (s *Server) Host(w http.ResponseWriter, r *http.Request) {}

//auth:route /any
//auth:guard tenant == "acme"
func (s *Server) Any(tenant string) {}
