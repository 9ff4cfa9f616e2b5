// Package freshness asks how long ago the user signed in: alone, below other operators, and with ages that are no literals.
//
//auth:backend s.Who
package freshness

import (
	"net/http"
	"time"

	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

const maxAge = 5 * time.Minute

type Server struct {
	Who    *who.Backend
	MaxAge time.Duration
}

func (s *Server) age(r *http.Request) time.Duration { return s.MaxAge }

//auth:route GET /alone
//auth:guard Fresh(maxAge)
func (s *Server) Alone(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /second
//auth:guard Fresh(time.Second)
func (s *Server) Second(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /number
//auth:guard Fresh(300e9)
func (s *Server) Number(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /field
//auth:guard Fresh(2 * s.MaxAge)
func (s *Server) Field(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /call
//auth:guard Fresh(s.age(r))
func (s *Server) Call(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /below
//auth:guard IsStaff() || Fresh(maxAge)
func (s *Server) Below(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /not
//auth:guard !Fresh(maxAge)
func (s *Server) Not(w http.ResponseWriter, r *http.Request) {}
