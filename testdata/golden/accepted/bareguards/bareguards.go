// Package bareguards leaves the parentheses of built-in guards out, where there are no arguments.
//
//auth:backend s.Who
package bareguards

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Server struct {
	Who *who.Backend
}

//auth:route GET /anyone
//auth:guard AllowAny
func (s *Server) Anyone(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /user
//auth:guard IsAuthenticated
func (s *Server) User(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /staff
//auth:guard IsStaff
func (s *Server) Staff(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /admin
//auth:guard (IsAdminUser)
func (s *Server) Admin(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /either
//auth:guard IsStaff || IsAdminUser()
func (s *Server) Either(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /notstaff
//auth:guard !IsStaff
func (s *Server) NotStaff(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /signed
//auth:guard AllowAny && r.URL.Query().Get("sig") == "yes"
func (s *Server) Signed(w http.ResponseWriter, r *http.Request) {}
