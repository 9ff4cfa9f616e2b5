// Package permissions names permissions in every way in which Go can name a constant.
//
//auth:backend s.Who
package permissions

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/testdata/golden/accepted/permissions/catalogue"
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type name string

const (
	app    = "blog."
	view   = app + "view_article"
	change = name(app + "change_article")
)

// All uses the names that only guards name otherwise.
const All = catalogue.View + string(change)

type Server struct {
	Who *who.Backend
}

//auth:route GET /literal
//auth:guard HasPermission(`blog.view_article`)
func (s *Server) Literal(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /constant
//auth:guard HasPermission(view)
func (s *Server) Constant(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /expression
//auth:guard HasPermission(app + "view" + "_article")
func (s *Server) Expression(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /converted
//auth:guard HasPermission(string(change))
func (s *Server) Converted(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /imported
//auth:guard HasPermission(catalogue.Delete)
func (s *Server) Imported(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /one
//auth:guard HasAllPermissions(view) && HasAnyPermission(view)
func (s *Server) One(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /below
//auth:guard IsStaff() || HasAllPermissions(view, catalogue.Delete) || !HasAnyPermission(view, string(change))
func (s *Server) Below(w http.ResponseWriter, r *http.Request) {}
