// Package replaces starts guards over, on handlers and on types.
//
//auth:backend s.Who
//auth:guard IsStaff()
package replaces

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

// Server adds to the package's guard.
//
//auth:guard HasPermission("blog.view_article")
type Server struct {
	Who *who.Backend
}

//auth:route GET /both
func (s *Server) Both(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /handler
//auth:replace users may "see" this, 100 %
//auth:guard IsAuthenticated()
func (s *Server) Handler(w http.ResponseWriter, r *http.Request) {}

// Open starts over from the package's guard.
//
//auth:replace for admins
//auth:guard IsAdminUser()
type Open struct {
	Who *who.Backend
}

//auth:route GET /type
func (s *Open) Type(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /twice
//auth:replace once more
//auth:guard HasPermission("blog.view_article")
func (s *Open) Twice(w http.ResponseWriter, r *http.Request) {}
