// Package namelessreceivers has receivers and parameters without names, or with blank ones.
//
//auth:backend backend
//auth:guard IsAuthenticated()
package namelessreceivers

import (
	"context"
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

var backend = &who.Backend{}

type Server struct{}

type User struct{ Name string }

type Names []string

//auth:provide
func (*Server) user(p *runtime.Principal) *User { return &User{p.UserID()} }

//auth:provide
func names(*http.Request, *User, context.Context) (Names, error) { return Names{"a"}, nil }

//auth:route GET /none
func (*Server) None(http.ResponseWriter, *http.Request) {}

//auth:route GET /blank
//lint:ignore ST1006 this is what the case is about
func (_ *Server) Blank(_ http.ResponseWriter, _ *http.Request, _ *User) error { return nil }

//auth:route GET /provided
func (*Server) Provided(*User, Names, context.Context, *runtime.Principal) string { return "provided" }

//auth:route GET /mixed/{id}
//auth:guard id > 0
func (*Server) Mixed(_ *User, id int, _ Names, _ *http.Request) int { return id }
