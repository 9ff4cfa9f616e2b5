// Package redeclared has handlers twice, in two files.
//
//auth:backend Keys
//auth:guard IsAuthenticated()
package redeclared

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

//auth:route GET /a
func A(http.ResponseWriter, *http.Request) {}

// Server serves.
type Server struct{ Get http.Handler }

//auth:route GET /get
func (s *Server) Get(http.ResponseWriter, *http.Request) {}
