// Package badbackends has backends that authenticate nobody.
//
//auth:backend s.Keys
//auth:guard IsAuthenticated()
package badbackends

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Server serves.
type Server struct {
	Keys  runtime.Authenticator
	Value value
	Name  string
}

type value struct{}

func (*value) Name() string { return "value" }

func (*value) Authenticate(*http.Request) (*runtime.Principal, error) { return nil, nil }

func (*value) Challenge(*http.Request, error) string { return "" }

func backends() []runtime.Authenticator { return nil }

func both() (runtime.Authenticator, error) { return nil, nil }

func of(r *http.Request) runtime.Authenticator { return nil }

//auth:route GET /a
//auth:backend s.Name
func (s *Server) A(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /b
//auth:backend s.Value
func (s *Server) B(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /c
//auth:backend s.Keys, s.Keys
func (s *Server) C(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /d
//auth:backend of(r)
func (s *Server) D(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /e
//auth:backend backends()...
func (s *Server) E(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /f
//auth:backend nil
func (s *Server) F(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /g
//auth:backend s.Keys s.Value
func (s *Server) G(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /h
//auth:backend none, s.Keys
func (s *Server) H(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /i
//auth:backend both()
func (s *Server) I(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /j
//auth:backend s.Kyes
func (s *Server) J(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /k
//auth:backend s.Keys) || (s.Value
func (s *Server) K(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /l
//auth:backend runtime.Authenticator
func (s *Server) L(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /m
//auth:backend IsStaff
func (s *Server) M(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /n
//auth:backend func() runtime.Authenticator { return nil }()
func (s *Server) N(w http.ResponseWriter, r *http.Request) {}
