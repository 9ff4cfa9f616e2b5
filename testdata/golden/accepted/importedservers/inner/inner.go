// Package inner has guarded handlers and a provider for others.
//
//auth:backend s.Who
package inner

import (
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Server struct {
	Who *who.Backend
}

// ID is provided.
type ID string

// Good is a guard.
func (id ID) Good() bool { return id != "" }

//auth:provide
func ProvideID() ID { return "id" }

//auth:route GET /inner/{x}
//auth:guard IsStaff() && id.Good()
func (s *Server) Get(id ID, x string) string { return x }
