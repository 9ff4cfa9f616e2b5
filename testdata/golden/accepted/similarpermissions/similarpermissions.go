// Package similarpermissions has permissions and scopes whose names make the same identifier, or none that is free.
//
//auth:backend s.Who
package similarpermissions

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

// What the generated variables would like to be called.
const (
	permAB  = "a.b"
	permAB2 = "a-b"
	scopeX  = "x"
)

// Names uses them.
const (
	Names = permAB + permAB2 + scopeX
)

type Server struct {
	Who *who.Backend
}

//auth:route GET /all
//auth:guard HasAllPermissions(permAB, permAB2, "a_b", "a b", "ä", "1", "权限", "!")
func (s *Server) All(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /scopes
//auth:guard HasScope(scopeX, "https://example.com/x", "x:y", "x.y")
func (s *Server) Scopes(w http.ResponseWriter, r *http.Request) {}
