// Package valuereceiver has handlers and providers on values only.
//
//auth:backend s.Who
package valuereceiver

import (
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Server struct {
	Who who.Backend
}

type Name string

//auth:provide
func (s Server) name() Name { return "name" }

func (s Server) big(n int) bool { return n > 10 }

//auth:route GET /{n}
//auth:guard s.big(n) && s.Who.Prefix == ""
func (s Server) Show(n int, name Name) Name { return name }
