// Package backendlevels names backends at every level: the nearest one counts, and none is one.
//
//auth:backend s.A
//auth:guard IsAuthenticated()
package backendlevels

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Plain struct {
	A, B *who.Backend
}

//auth:route GET /plain
func (s *Plain) Package(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /plain/own
//auth:backend s.B
func (s *Plain) Own(w http.ResponseWriter, r *http.Request) {}

// Typed has backends of its own.
//
//auth:backend s.B, s.A
type Typed struct {
	A, B runtime.Authenticator
}

//auth:route GET /typed
func (s *Typed) Type(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /typed/own
//auth:backend s.A
func (s *Typed) Own(w http.ResponseWriter, r *http.Request) {}

// None has no backend but where a handler says so.
//
//auth:backend none
type None struct {
	A *who.Backend
}

//auth:route GET /none
//auth:guard AllowAny() && r.URL.Query().Has("ok")
func (s *None) None(r *http.Request) {}

//auth:route GET /none/own
//auth:backend s.A
func (s *None) Own(w http.ResponseWriter, r *http.Request) {}
