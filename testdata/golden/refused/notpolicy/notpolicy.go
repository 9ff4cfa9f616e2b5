// Package notpolicy has guards that nobody can read.
//
//auth:backend s.Keys
package notpolicy

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Server serves.
type Server struct {
	Keys runtime.Authenticator
	Open chan bool
}

func written(w http.ResponseWriter) bool { return w != nil }

func apply(f func() bool) bool { return f() }

//auth:route GET /a
//auth:guard func() bool { return true }()
func (s *Server) A(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /b
//auth:guard apply(func() bool { return AllowAny() })
func (s *Server) B(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /c
//auth:guard <-s.Open
func (s *Server) C(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /d
//auth:guard IsStaff() || !<-s.Open
func (s *Server) D(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /e
//auth:guard make(chan int) == nil
func (s *Server) E(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /f
//auth:guard written(w)
func (s *Server) F(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /g
//auth:guard err == nil
func (s *Server) G(w http.ResponseWriter, r *http.Request) (err error) { return nil }

//auth:route GET /h
//auth:guard apply(IsStaff)
func (s *Server) H(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /i
//auth:guard func() bool { return IsStaff() } != nil
func (s *Server) I(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /j
//auth:guard panic("no")
func (s *Server) J(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /k
//auth:guard map[func() bool]bool{IsStaff: true}[nil]
func (s *Server) K(w http.ResponseWriter, r *http.Request) {}
