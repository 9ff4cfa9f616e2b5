// Package dotimports names functions and types by a dot import.
//
//auth:backend s.Who
package dotimports

import (
	. "strings" //lint:ignore ST1001 this is what the case is about

	. "github.com/boltauthgen/boltauthgen/testdata/golden/accepted/dotimports/lib" //lint:ignore ST1001 this is what the case is about
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Server struct {
	Who *who.Backend
}

// Upper makes use of an import.
func Upper(s string) string { return ToUpper(s) }

//auth:route GET /{name}
//auth:guard HasPrefix(name, "a") && Good(name) && Thing{Name: name} != Thing{}
func (s *Server) Show(name string, thing Thing) Thing { return thing }
