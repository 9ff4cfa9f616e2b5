// Package embedding has backends, guards and fields that are promoted from embedded structs.
//
//auth:backend s.Who
//auth:guard s.open()
package embedding

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Base struct {
	Who   *who.Backend
	Limit int
}

func (b *Base) open() bool { return b.Limit > 0 }

type deps struct{ names map[string]bool }

type Server struct {
	*Base
	deps
	http.Handler
}

//auth:route GET /{name}
//auth:guard s.names[name] || len(name) > s.Limit
func (s *Server) Show(name string) string { return name }

// Admin embeds a server, and is one of its own: what it embeds is no route of it.
type Admin struct{ *Server }

//auth:route GET /admin
//auth:guard IsStaff()
func (s *Admin) Show(w http.ResponseWriter, r *http.Request) {}
