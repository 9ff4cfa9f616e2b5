// Package severalroutes has handlers under several patterns, with methods, hosts and exact ends.
//
//auth:backend s.Who
//auth:guard IsAuthenticated()
package severalroutes

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Server struct {
	Who *who.Backend
}

//auth:route GET /docs/{id}
//auth:route GET /documents/{id}/{$}
//auth:route POST /{id}/doc
//auth:guard id != 3
func (s *Server) Doc(id int) int { return id }

//auth:route /
func (s *Server) Index(r *http.Request) string { return r.Pattern }

//auth:route example.com/x
//auth:route GET   api.example.com/x/{rest...}
func (s *Server) Hosts(r *http.Request) string { return r.Pattern }

//auth:route HEAD /head
//auth:route OPTIONS /head
//auth:route PURGE /head
func (s *Server) Methods(w http.ResponseWriter) {}
