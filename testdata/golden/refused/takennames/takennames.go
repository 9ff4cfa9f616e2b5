// Package takennames takes the names of the generated code.
//
//auth:backend Keys
//auth:guard IsAuthenticated()
package takennames

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

// Server serves.
type Server struct{}

//auth:route GET /serve
func (s *Server) ServeHTTP(http.ResponseWriter, *http.Request) {}

//auth:route GET /routes
func (s *Server) Routes(http.ResponseWriter, *http.Request) {}

// GuardedServer is what the generated type is called.
type GuardedServer struct{}

// NewGuardedServer is what its constructor is called.
func NewGuardedServer() *GuardedServer { return nil }

//auth:route GET /plain
func Plain(http.ResponseWriter, *http.Request) {}

// Guarded is what the generated type for plain functions is called.
const Guarded = true

type small struct{}

//auth:route GET /small
func (small) Get(http.ResponseWriter, *http.Request) {}

var newGuardedSmall int
