// Package typeerrors has handlers that do not type-check.
//
//auth:backend s.Keys
//auth:guard IsAuthenticated()
package typeerrors

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Server serves.
type Server struct {
	Keys runtime.Authenticator
}

//auth:route GET /a
func (s *Server) A(w http.ResponseWritr, r *http.Request) {}

//auth:route GET /b
func (s *Sever) B(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /c
func (s *Server) C(w http.ResponseWriter, article *Article) error {}

//auth:provide
func (s *Server) user(p *runtime.Principle) (*User, error) {}

// A Fine handler stays out of it.
//
//auth:route GET /d
func (s *Server) D(w http.ResponseWriter, r *http.Request) {}

// D is a second one.
//
//auth:route GET /e
func (s *Server) D(w http.ResponseWriter, r *http.Request) {}
