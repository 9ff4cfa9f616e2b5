// Package backendkinds has backends that are fields, calls, composite literals, variables and conversions.
package backendkinds

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

var shared = &who.Backend{Prefix: "shared"}

var backends = map[string]*who.Backend{"x": {Prefix: "map"}}

type renamed struct{ *who.Backend }

func made(prefix string) *who.Backend { return &who.Backend{Prefix: prefix} }

type Server struct {
	Field *who.Backend
}

func (s *Server) method() runtime.Authenticator { return &who.Backend{Prefix: "method"} }

//auth:route GET /all
//auth:guard IsAuthenticated()
//auth:backend s.Field, shared, &who.Backend{Prefix: "literal"}, who.Backend{Prefix: `value`}, s.method(), made("made"), backends["x"], renamed{made("renamed")}, *shared, (*who.Backend)(made("converted"))
func (s *Server) All(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /two
//auth:guard IsAuthenticated()
//auth:backend   shared ,  s.Field
func (s *Server) Two(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /again
//auth:guard IsAuthenticated()
//auth:backend shared, s.Field
func (s *Server) Again(w http.ResponseWriter, r *http.Request) {}
