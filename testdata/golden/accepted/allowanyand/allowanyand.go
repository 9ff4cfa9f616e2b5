// Package allowanyand serves anonymous requests that show something else: a signature, a token in a link.
//
//auth:backend s.Who
package allowanyand

import (
	"errors"
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Server struct {
	Who *who.Backend
}

func (s *Server) signed(r *http.Request) bool { return r.Header.Get("Signature") == "good" }

func (s *Server) check(r *http.Request) error {
	switch r.Header.Get("Signature") {
	case "good":
		return nil
	case "bad":
		return runtime.ErrForbidden
	case "":
		return runtime.ErrUnauthenticated
	}
	return errors.New("out of order")
}

//auth:route POST /hook
//auth:guard AllowAny() && s.signed(r)
func (s *Server) Hook(w http.ResponseWriter, r *http.Request) {}

//auth:route POST /check
//auth:guard AllowAny() && s.check(r)
func (s *Server) Check(w http.ResponseWriter, r *http.Request) {}

//auth:route POST /either
//auth:guard AllowAny() && (IsStaff() || s.signed(r))
func (s *Server) Either(w http.ResponseWriter, r *http.Request) {}

//auth:route POST /nobackend
//auth:guard AllowAny() && s.signed(r)
//auth:backend none
func (s *Server) NoBackend(w http.ResponseWriter, r *http.Request) {}

//auth:route POST /link/{token}
//auth:guard AllowAny() && token != "" && len(token) < 8 && s.signed(r)
func (s *Server) Link(r *http.Request, token string) string { return token }
