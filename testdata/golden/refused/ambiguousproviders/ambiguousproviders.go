// Package ambiguousproviders has parameters that more than one thing binds.
//
//auth:backend Keys
//auth:guard IsAuthenticated()
package ambiguousproviders

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/testdata/golden/refused/ambiguousproviders/accounts"
)

// Keys knows the callers.
var Keys runtime.Authenticator

// Server serves.
type Server struct{}

// An ID is a number with a provider.
type ID int64

// A Team has users.
type Team struct{}

//auth:provide
func (s *Server) user(r *http.Request) (*accounts.User, error) { return nil, nil }

//auth:provide
func user(r *http.Request) (*accounts.User, error) { return nil, nil }

//auth:provide
func id(r *http.Request) ID { return 0 }

//auth:provide
func team(user *accounts.User) (*Team, error) { return nil, nil }

//auth:route GET /a
func (s *Server) A(w http.ResponseWriter, user *accounts.User) {}

//auth:route GET /b
func B(w http.ResponseWriter, user *accounts.User) {}

//auth:route GET /c/{id}
func C(w http.ResponseWriter, id ID) {}

//auth:route GET /d
func (s *Server) D(w http.ResponseWriter, team *Team) {}
