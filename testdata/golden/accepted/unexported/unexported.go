// Package unexported has a receiver and handlers that are not exported.
//
//auth:backend s.who
package unexported

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type server struct {
	who *who.Backend
}

//auth:route GET /a
//auth:guard IsStaff()
func (s *server) get(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /b
//auth:guard IsStaff()
func (s *server) Get(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /c
//auth:guard IsStaff()
func (s *server) _get(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /d
//auth:guard IsStaff()
func (s *server) api(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /e
//auth:guard IsStaff()
func (s *server) server(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /f
//auth:guard IsStaff()
func (s *server) routes(w http.ResponseWriter, r *http.Request) {}
