// Package unguarded has routes that nobody guards, and the generated code of a better day.
//
//auth:backend s.Keys
package unguarded

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Server serves.
type Server struct {
	Keys runtime.Authenticator
}

// A has no guard.
//
//auth:route GET /a
//auth:route POST /a
func (s *Server) A(http.ResponseWriter, *http.Request) {}

// B has one.
//
//auth:route GET /b
//auth:guard IsAuthenticated()
func (s *Server) B(http.ResponseWriter, *http.Request) {}

// Admin has a guard for all of its handlers.
//
//auth:guard IsAdminUser()
type Admin struct {
	Keys runtime.Authenticator
}

// C throws it away.
//
//auth:route GET /c
//auth:replace it is harmless
func (s *Admin) C(http.ResponseWriter, *http.Request) {}
