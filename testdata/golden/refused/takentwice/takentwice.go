// Package takentwice has two receivers whose generated types would have one name.
//
//auth:backend Keys
//auth:guard IsAuthenticated()
package takentwice

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

type server struct{}

//auth:route GET /a
func (s *server) Get(http.ResponseWriter, *http.Request) {}

type guardedServer struct{}

//auth:route GET /b
func (s *guardedServer) Get(http.ResponseWriter, *http.Request) {}

type alias struct{}

//auth:route GET /c
func (s *alias) Get(http.ResponseWriter, *http.Request) {}

// The first letter is a long s, whose capital is the same.
type ſerver struct{}

//auth:route GET /d
func (s *ſerver) Get(http.ResponseWriter, *http.Request) {}
