// Package failures refuses: backends that are down, guards and providers that panic or return nothing.
//
//auth:backend s.Who
//auth:guard IsAuthenticated()
package failures

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Server struct {
	Who *who.Backend
}

type User struct{ ID string }

// Doc is provided by a function that fails in the way that its path says.
type Doc struct{ Name string }

//auth:provide
func (s *Server) user(ctx context.Context) (*User, error) { return nil, nil }

//auth:provide
func (s *Server) doc(r *http.Request) (*Doc, error) {
	switch r.PathValue("how") {
	case "panic":
		panic("a secret")
	case "wrapped":
		return nil, fmt.Errorf("find document: %w", runtime.ErrNotFound)
	case "unavailable":
		return nil, runtime.ErrUnavailable
	case "typed":
		return nil, &runtime.Error{Status: http.StatusConflict, Title: "Conflict"}
	case "other":
		return nil, errors.New("a secret")
	}
	return &Doc{}, nil
}

func (s *Server) panics() bool { panic("a secret") }

//auth:route GET /user
func (s *Server) User(w http.ResponseWriter, user *User) {}

//auth:route GET /doc/{how}
func (s *Server) Doc(w http.ResponseWriter, doc *Doc) {}

//auth:route GET /panics
//auth:guard s.panics()
func (s *Server) Panics(w http.ResponseWriter) {}

//auth:route GET /index/{i}
//auth:guard []bool{false, true}[i]
func (s *Server) Index(i int) {}

//auth:route GET /fails
func (s *Server) Fails(w http.ResponseWriter) error { return runtime.ErrNotFound }

//auth:route GET /begun
func (s *Server) Begun(w http.ResponseWriter) error {
	w.WriteHeader(http.StatusAccepted)
	return errors.New("too late")
}
