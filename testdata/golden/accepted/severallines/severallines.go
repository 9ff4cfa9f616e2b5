// Package severallines writes guards in several lines, which are checked in order.
//
//auth:backend s.Who
package severallines

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Server struct {
	Who *who.Backend
}

func (s *Server) missing(r *http.Request) error {
	if r.URL.Query().Has("missing") {
		return runtime.ErrUnauthenticated
	}
	return nil
}

// Two has lines that must both hold.
//
//auth:route GET /two
//auth:guard IsStaff() || HasPermission("blog.view_article")
//auth:guard !IsAdminUser()
//auth:guard HasAnyPermission("blog.view_article", "blog.change_article") || p.UserID() == "staff"
func (s *Server) Two(w http.ResponseWriter, r *http.Request, p *runtime.Principal) {}

// Order shows that the second line is not asked where the first refuses.
//
//auth:route GET /order
//auth:guard IsStaff()
//auth:guard s.missing(r)
func (s *Server) Order(w http.ResponseWriter, r *http.Request) {}
