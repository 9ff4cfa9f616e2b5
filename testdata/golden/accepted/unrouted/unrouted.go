// Package unrouted has guarded handlers without a route, which the program registers itself.
//
//auth:backend s.Who
package unrouted

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Server struct {
	Who *who.Backend
}

//auth:guard IsStaff()
func (s *Server) Staff(w http.ResponseWriter, r *http.Request) {}

// Doc takes its path value from whatever router it is registered on.
//
//auth:guard HasPermission("blog.view_article") || id == 1
func (s *Server) Doc(id int, name string) string { return name }

//auth:guard AllowAny()
func (s *Server) Anyone() string { return "anyone" }
