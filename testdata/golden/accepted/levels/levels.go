// Package levels has guards on the package clause, on a type and on handlers: they add up.
//
//auth:backend s.Who
//auth:guard !IsAdminUser()
package levels

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

// Server is for staff.
//
//auth:guard IsStaff() || HasPermission("blog.view_article")
//auth:guard s.open()
type Server struct {
	Who    *who.Backend
	Closed bool
}

func (s *Server) open() bool { return !s.Closed }

//auth:route GET /defaults
func (s *Server) Defaults(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /own
//auth:guard p.UserID() == "viewer"
func (s *Server) Own(w http.ResponseWriter, r *http.Request, p *runtime.Principal) {}

//auth:route GET /anyone
//auth:guard AllowAny()
func (s *Server) Anyone(w http.ResponseWriter, r *http.Request) {}
