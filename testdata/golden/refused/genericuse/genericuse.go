// Package genericuse has instantiated types where only whole ones have a meaning.
//
//auth:backend s.Keys
//auth:guard IsAuthenticated()
package genericuse

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// A Server serves one kind of thing.
//
//auth:guard IsStaff()
type Server[T any] struct {
	Keys runtime.Authenticator
	Item T
}

//auth:route GET /get
func (s *Server[T]) Get(http.ResponseWriter, *http.Request) {}

//auth:route GET /list
func (s Server[_]) List(http.ResponseWriter, *http.Request) {}

func is[T any](v T) bool { return true }

// Plain serves.
type Plain struct{ Keys runtime.Authenticator }

//auth:route GET /plain
//auth:guard is[int]
func (s *Plain) Get(http.ResponseWriter, *http.Request) {}
