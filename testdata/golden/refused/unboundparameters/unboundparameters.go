// Package unboundparameters has parameters that nothing binds.
//
//auth:backend Keys
//auth:guard IsAuthenticated()
package unboundparameters

import (
	"context"
	"net/http"
	"net/url"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

// A User is someone, an Article something.
type (
	User    struct{ ID int64 }
	Article struct{ Author int64 }
)

// Server and Other serve.
type (
	Server struct{}
	Other  struct{}
)

//auth:provide
func (s *Server) user(ctx context.Context) (*User, error) { return nil, nil }

//auth:provide
func article(ctx context.Context, id int64) (*Article, error) { return nil, nil }

//auth:route GET /a
func A(w http.ResponseWriter, user *User) {}

//auth:route GET /b/{ident}
func B(w http.ResponseWriter, id int64) {}

//auth:route GET /c/{id}
func C(w http.ResponseWriter, id float64) {}

//auth:route GET /d
func D(w http.ResponseWriter, article *Article) {}

//auth:route GET /e/{id}
func (o *Other) E(w http.ResponseWriter, user *User, article *Article) {}

//auth:route GET /f
func (s *Server) F(w http.ResponseWriter, user User) {}

//auth:route GET /g
func G(w *http.ResponseWriter, r http.Request) {}

//auth:route GET /h
//auth:guard user.ID == 1
func H(w http.ResponseWriter, user *User) {}

//auth:route GET /i/{id}
//auth:route GET /i
func I(w http.ResponseWriter, id int64) {}

//auth:route GET /j/{query}
func J(w http.ResponseWriter, query url.Values) {}

//auth:guard IsStaff()
func K(w http.ResponseWriter, limit float64, body []byte) {}

//auth:route GET /l/{id}
func L(w http.ResponseWriter, _ int64) {}

//auth:route GET /m/{id}
func M(http.ResponseWriter, int64) {}

//auth:route GET /n
func N(w http.ResponseWriter, p runtime.Principal) {}

//auth:route GET /o/{id...}
func O(w http.ResponseWriter, id int64) {}
