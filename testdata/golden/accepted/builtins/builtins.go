// Package builtins calls every built-in guard with its parentheses.
//
//auth:backend s.Who
package builtins

import (
	"net/http"
	"time"

	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Server struct {
	Who *who.Backend
}

//auth:route GET /anyone
//auth:guard AllowAny()
func (s *Server) Anyone(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /user
//auth:guard IsAuthenticated()
func (s *Server) User(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /staff
//auth:guard IsStaff()
func (s *Server) Staff(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /admin
//auth:guard IsAdminUser()
func (s *Server) Admin(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /permission
//auth:guard HasPermission("blog.view_article")
func (s *Server) Permission(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /any
//auth:guard HasAnyPermission("blog.view_article", "blog.add_article")
func (s *Server) Any(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /all
//auth:guard HasAllPermissions("blog.view_article", "blog.delete_article")
func (s *Server) All(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /scope
//auth:guard HasScope("read", "write")
func (s *Server) Scope(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /fresh
//auth:guard Fresh(5 * time.Minute)
func (s *Server) Fresh(w http.ResponseWriter, r *http.Request) {}

// Day makes use of the import that the guard names.
const Day = 24 * time.Hour
