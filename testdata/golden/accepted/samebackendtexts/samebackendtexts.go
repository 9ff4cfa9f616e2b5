// Package samebackendtexts has backends that are written the same and mean the receiver in one method, a variable in another.
package samebackendtexts

import (
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Server struct {
	a *who.Backend
}

var b = Server{a: &who.Backend{Prefix: "variable"}}

//auth:route GET /one
//auth:guard IsAuthenticated()
//auth:backend b.a
func (b *Server) One() {}

//auth:route GET /two
//auth:guard IsAuthenticated()
//auth:backend b.a
func (s *Server) Two() {}

//auth:route GET /three
//auth:guard IsAuthenticated()
//auth:backend s.a
func (s *Server) Three() {}
