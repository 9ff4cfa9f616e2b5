// Package backendnames has backends whose names are those of variables in generated constructors.
package backendnames

import (
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

var (
	api      = &who.Backend{Prefix: "api"}
	g        = &who.Backend{Prefix: "g"}
	options  = &who.Backend{Prefix: "options"}
	backends = &who.Backend{Prefix: "backends"}
	server   = &who.Backend{Prefix: "server"}
)

func err() *who.Backend { return &who.Backend{Prefix: "err"} }

func errors() *who.Backend { return &who.Backend{Prefix: "errors"} }

type Server struct {
	s *who.Backend
}

//auth:route GET /all
//auth:guard IsAuthenticated()
//auth:backend api, g, options, backends, server, err(), errors(), s.s, who.Backend{Prefix: "who"}
func (s *Server) All() {}

//auth:route GET /other
//auth:guard IsAuthenticated()
//auth:backend backend.s, g
func (backend *Server) Other(who string_) string { return string(who) }

type string_ string

//auth:provide
func provide() string_ { return "string" }
