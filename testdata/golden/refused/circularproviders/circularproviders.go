// Package circularproviders has providers that need each other.
//
//auth:backend Keys
//auth:guard IsAuthenticated()
package circularproviders

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

// Server serves.
type Server struct{}

// These need each other.
type (
	User  struct{}
	Team  struct{}
	Board struct{}
	Self  struct{}
	Lost  struct{}
)

//auth:provide
func (s *Server) user(t *Team) (*User, error) { return nil, nil }

//auth:provide
func (s *Server) team(b *Board) (*Team, error) { return nil, nil }

//auth:provide
func (s *Server) board(r *http.Request, u *User) (*Board, error) { return nil, nil }

//auth:provide
func self(s *Self) *Self { return s }

//auth:provide
func (s *Server) lost(missing *http.Client) (*Lost, error) { return nil, nil }

//auth:route GET /a
func (s *Server) A(w http.ResponseWriter, user *User) {}

//auth:route GET /b
func B(w http.ResponseWriter, self *Self) {}

//auth:route GET /c
func (s *Server) C(w http.ResponseWriter, lost *Lost) {}
